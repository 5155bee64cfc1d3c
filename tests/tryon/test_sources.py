"""Guests come in by RTMP and HLS as well: their pictures arrive, and come again after a server was away."""

from __future__ import annotations

import functools
import http.server
import itertools
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.air.nginx import Nginx, nginx
from tests.air.pattern import FPS
from tests.air.programmes import SMALL, Feeder, encoded

from nightcast.air.encoder import Encoder
from nightcast.air.messages import HlsSpec, OutputSpec, RtmpSpec
from nightcast.air.outputs.programme import Outputs
from nightcast.tryon import sources, watching
from nightcast.tryon.seen import Seen, Want
from nightcast.tryon.sources import SourceError, pictures
from nightcast.tryon.watching import Watched, Watcher

__all__ = ["nginx"]  # a fixture


class Blind:
    """A tracker that sees nobody."""

    def see(self, pixels: NDArray[np.uint8], wants: frozenset[Want] = frozenset(), *, still: bool = False) -> Seen:
        return Seen()

    def forget(self) -> None: ...

    def close(self) -> None: ...


def outputs_of(spec: OutputSpec) -> tuple[Outputs, Encoder]:
    encoder = Encoder(SMALL)
    outputs = Outputs(encoder, "", {}, Random(1))
    outputs.add(spec)
    return outputs, encoder


def watch_through(watcher: Watcher, go_away: Callable[[], None], come_back: Callable[[], None]) -> list[bool]:
    """Whether pictures came: at first, while the server was away, after it was back."""
    story: list[bool] = []
    for watched in watcher:
        came = watched is not None
        if story and story[-1] == came:
            continue
        story.append(came)
        if came:
            assert isinstance(watched, Watched)
            assert watched.picture.pixels.shape == (SMALL.height, SMALL.width, 3)
        if len(story) == 1:
            go_away()
        elif len(story) == 2:
            come_back()
        else:
            break
    return story


@pytest.mark.slow
def test_pictures_come_by_rtmp_and_again_after_the_server_was_away(
    nginx: Nginx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_RETRY_S", 0.2)
    url = f"rtmp://127.0.0.1:{nginx.port}/live/guest"
    feeder = Feeder(*outputs_of(RtmpSpec(id="r", url=url)))
    try:
        with Watcher(url, Blind()) as watcher:
            assert watch_through(watcher, lambda: nginx.signal(signal.SIGKILL), nginx.start) == [True, False, True]
    finally:
        feeder.close()


class Web:
    """Serves a folder, and can be away."""

    def __init__(self, folder: Path) -> None:
        self._handler = functools.partial(Quiet, directory=str(folder))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def start(self) -> None:
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), self._handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A folder with three seconds of HLS."""
    outputs, encoder = outputs_of(HlsSpec(id="hls", directory=tmp_path / "live"))
    for packets in encoded(encoder, 3):
        outputs.packets(packets)
    outputs.packets(encoder.finish())
    outputs.close(10)
    return tmp_path / "live"


def test_a_folder_of_hls_is_read_to_its_end(recorded: Path) -> None:
    shown = list(pictures(str(recorded / "live.m3u8")))
    assert len(shown) == pytest.approx(3 * FPS, abs=2)
    assert shown[-1].time_s == pytest.approx(3.0, abs=0.1)


@pytest.mark.slow
def test_pictures_come_by_hls_and_again_after_the_server_was_away(
    recorded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_RETRY_S", 0.2)
    web = Web(recorded)
    with Watcher(f"http://127.0.0.1:{web.port}/live.m3u8", Blind()) as watcher:
        assert watch_through(watcher, web.stop, web.start) == [True, False, True]
    web.stop()


def test_an_address_where_nothing_is_streamed_is_named(recorded: Path) -> None:
    web = Web(recorded)
    with pytest.raises(SourceError, match="404"):
        next(pictures(f"http://127.0.0.1:{web.port}/nobody.m3u8"))
    web.stop()


def test_a_camera_is_opened_by_its_number_as_a_device_of_this_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """FFmpeg's own test device stands in for the system's."""
    monkeypatch.setitem(sources._CAMERAS, sys.platform, ("lavfi", "testsrc=size=640x36{}:rate=30"))
    shown = list(itertools.islice(pictures("0"), 3))
    assert [picture.pixels.shape for picture in shown] == [(360, 640, 3)] * 3
    assert shown[2].time_s == pytest.approx(2 / 30, abs=0.001)


def test_a_source_that_is_not_there_is_named_once_without_a_number(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"clip\.mp4 cannot be read: No such file or directory\. Give a picture"):
        next(pictures(str(tmp_path / "clip.mp4")))


def test_a_stream_that_nobody_sends_is_not_waited_for_forever(nginx: Nginx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_OPEN_S", 0.5)
    with pytest.raises(SourceError, match="cannot be read"):
        next(pictures(f"rtmp://127.0.0.1:{nginx.port}/live/nobody"))
