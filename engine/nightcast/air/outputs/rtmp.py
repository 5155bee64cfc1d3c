"""Streaming to one RTMP or RTMPS server. The stream key stays in its URL: no log or report shows it."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import urlsplit

from nightcast.air.encoder import Encoder, Packet
from nightcast.air.errors import OutputError
from nightcast.air.messages import RtmpSpec
from nightcast.air.outputs.muxed import MuxedSink
from nightcast.air.outputs.relay import STALL_S, Relay


@dataclass(frozen=True)
class RtmpUrl:
    """An RTMP address in its parts. `app` is all of the path but its last part, which is the key."""

    scheme: str
    host: str
    port: int
    app: str
    key: str
    login: str  # "user:password@", or nothing

    @classmethod
    def parse(cls, url: str) -> RtmpUrl:
        parts = urlsplit(url)
        path = parts.path.strip("/")
        app, _, key = path.rpartition("/")
        if not parts.hostname or not app or not key:
            raise ValueError("an RTMP URL reads rtmp://host[:port]/application/stream-key")
        query = f"?{parts.query}" if parts.query else ""
        login = parts.netloc.rpartition("@")[0]
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=parts.port or (443 if parts.scheme == "rtmps" else 1935),
            app=app,
            key=key + query,
            login=f"{login}@" if login else "",
        )

    @property
    def server(self) -> str:
        """What may be shown."""
        return f"{self.scheme}://{self.host}:{self.port}/{self.app}"


class RtmpSink(MuxedSink):
    def __init__(
        self, spec: RtmpSpec, metadata: Mapping[str, str], tls: ssl.SSLContext | None = None
    ) -> None:
        try:
            self._url = RtmpUrl.parse(spec.url)
        except ValueError as error:
            raise OutputError(spec.id, str(error)) from None
        self._tls = (tls or ssl.create_default_context()) if self._url.scheme == "rtmps" else None
        self._relay: Relay | None = None
        options = {
            "rtmp_live": "live",
            "rtmp_tcurl": self._url.server,
            "rtmp_app": self._url.app,
            "rtmp_playpath": self._url.key,
            "flvflags": "no_duration_filesize",
        }
        super().__init__(spec.id, "", "flv", options, metadata)

    def open(self, encoder: Encoder) -> None:
        relay = Relay(self._name, self._url.host, self._url.port, tls=self._tls)
        self._relay = relay
        self._target = f"rtmp://{self._url.login}127.0.0.1:{relay.port}/{self._url.app}/{self._url.key}"
        try:
            super().open(encoder)
        except OutputError as error:
            reason = relay.failure or f"{self._url.server} refused the stream ({error.reason})"
            raise OutputError(self._name, reason) from None
        relay.expect_handshake = False

    def write(self, packet: Packet, shift_s: Fraction) -> None:
        try:
            super().write(packet, shift_s)
        except OutputError as error:
            raise OutputError(self._name, self._failure or error.reason) from None

    def close(self) -> None:
        super().close()
        if self._relay:
            self._relay.close(wait_s=STALL_S)

    def interrupt(self) -> None:
        if self._relay:
            self._relay.cut()

    def abort(self) -> None:
        # The relay first: cutting the connection ends whatever FFmpeg would wait for.
        if self._relay:
            self._relay.close()
        super().abort()

    def sent_bytes(self) -> int:
        return self._relay.acknowledged if self._relay else 0

    @property
    def _failure(self) -> str | None:
        return self._relay.failure if self._relay else None
