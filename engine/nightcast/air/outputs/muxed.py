"""A sink that writes one container through PyAV."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from nightcast.air.encoder import Encoder, Packet, mux
from nightcast.air.errors import OutputError
from nightcast.show.fields import Text
from nightcast.show.system import refusal

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.stream import Stream


class MuxedSink:
    """A `Sink` that is one container. PyAV opens `target`, a path or file object; only `name` is shown."""

    def __init__(
        self,
        name: str,
        target: str | io.RawIOBase | None,
        container_format: str,
        options: Mapping[str, str],
        metadata: Mapping[str, str],
    ) -> None:
        self._name = name
        self._target = target
        self._format = container_format
        self._options = dict(options)
        self._metadata = dict(metadata)
        self._container: OutputContainer | None = None
        self._streams: dict[str, Stream] = {}
        self._written_bytes = 0

    def open(self, encoder: Encoder) -> None:
        import av

        with self.errors():
            options = dict(self._options)
            if encoder.settings.deterministic:
                options["fflags"] = "+bitexact"
            self._container = av.open(self._target, "w", format=self._format, options=options)
            self._streams = encoder.add_streams(self._container)
            self._container.metadata.update(self._metadata)
            self._container.start_encoding()

    def write(self, packet: Packet, shift_s: Fraction) -> None:
        if self._container is None:
            raise OutputError(self._name, Text(en="it is closed", zh="已关闭"))
        with self.errors():
            mux(self._container, self._streams[packet.stream], packet, shift_s)
        self._written_bytes += len(packet.data)

    def close(self) -> None:
        with self.errors():
            if self._container is not None:
                self._container.close()
        self._container = None

    def abort(self) -> None:
        with contextlib.suppress(OutputError):
            self.close()

    def interrupt(self) -> None:
        """Files do not wait for a peer."""

    def sent_bytes(self) -> int:
        return self._written_bytes

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """FFmpeg's errors become ours, without the file name they carry: it may hold a stream key."""
        import av

        try:
            yield
        except (av.FFmpegError, OSError) as error:
            raise OutputError(self._name, refusal(error)) from None
