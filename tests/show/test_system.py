"""What a machine refuses is said in both languages."""

from __future__ import annotations

import errno
import os
import socket

import pytest

from nightcast.show.system import refusal


@pytest.mark.parametrize(
    ("error", "en", "zh"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "Connection refused", "对方拒绝连接"),
        (OSError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 1)"), "Connection refused", "对方拒绝连接"),
        (OSError(errno.ENOSPC, "No space left on device", "/a/KEY"), "No space left on device", "磁盘已满"),
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known", "找不到这个域名"),
        (TimeoutError("timed out"), "timed out", "连接超时"),
        (OSError(errno.EXDEV, os.strerror(errno.EXDEV)), os.strerror(errno.EXDEV), os.strerror(errno.EXDEV)),
    ],
)
def test_an_error_of_the_system_is_said_in_both_languages_and_without_a_file(error: OSError, en: str, zh: str) -> None:
    told = refusal(error)
    assert (told.en, told.zh) == (en, zh)
