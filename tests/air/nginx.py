"""A real RTMP server for tests, on a port of its own."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.air.programmes import wait_for

_MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")


class Nginx:
    """nginx with its RTMP module on a free port, and a TLS door to it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        (directory / "nginx.conf").write_text(
            f"load_module {_MODULE};\n"
            "daemon off; master_process off; user root; events { worker_connections 64; }\n"
            f"pid {directory}/pid; error_log {directory}/error.log info;\n"
            f"rtmp {{ access_log off; server {{ listen 127.0.0.1:{self.port};\n"
            "  application live { live on; record all; record_unique on;"
            f" record_path {directory}; }} }} }}\n"
        )

    def start(self) -> None:
        self._process = subprocess.Popen(
            ["nginx", "-c", str(self.directory / "nginx.conf"), "-p", str(self.directory)],
            stderr=subprocess.DEVNULL,
        )
        wait_for(self._listens)

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        if number in (signal.SIGKILL, signal.SIGTERM):
            self._process.wait(10)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)

    @property
    def recordings(self) -> list[Path]:
        """What it received, oldest first: one file for each connection."""
        return sorted(self.directory.glob("*.flv"), key=lambda path: path.stat().st_ctime_ns)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Nginx]:
    if shutil.which("nginx") is None or not _MODULE.exists():
        pytest.skip("needs nginx with its RTMP module: apt install nginx libnginx-mod-rtmp")
    server = Nginx(tmp_path)
    server.start()
    yield server
    server.stop()
