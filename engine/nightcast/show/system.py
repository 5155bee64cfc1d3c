"""What the operating system says of an error, in both languages."""

from __future__ import annotations

import errno
import os
import socket

from nightcast.show.fields import Text

__all__ = ["refusal"]

_CHINESE = {
    errno.EACCES: "没有权限",
    errno.EADDRINUSE: "已被占用",
    errno.EADDRNOTAVAIL: "地址不属于这台机器",
    errno.ECONNABORTED: "连接被中断",
    errno.ECONNREFUSED: "对方拒绝连接",
    errno.ECONNRESET: "连接被对方断开",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EHOSTUNREACH: "无法到达对方主机",
    errno.EINVAL: "参数无效",
    errno.EIO: "读写出错",
    errno.EISDIR: "这是一个文件夹",
    errno.EMFILE: "打开的文件太多",
    errno.ENETUNREACH: "网络不通",
    errno.ENOENT: "文件不存在",
    errno.ENOSPC: "磁盘已满",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EPERM: "没有权限",
    errno.EPIPE: "连接已断开",
    errno.EROFS: "磁盘是只读的",
    errno.ETIMEDOUT: "连接超时",
    1_094_995_529: "内容无法识别",  # FFmpeg's AVERROR_INVALIDDATA
}


def refusal(error: Exception) -> Text:
    """The words of an OSError, or of one of FFmpeg's, without a file's name, which may hold a stream key.

    Where we have none in Chinese, the system's stand for both.
    """
    number = getattr(error, "errno", None) or 0
    # By its number where it is the system's: asyncio's own words are "Connect call failed ('127.0.0.1', 1)".
    words = (
        os.strerror(number) if number in errno.errorcode else getattr(error, "strerror", None) or type(error).__name__
    )
    if isinstance(error, socket.gaierror):
        return Text(en=words, zh="找不到这个域名")
    if isinstance(error, TimeoutError):
        return Text(en="timed out", zh=_CHINESE[errno.ETIMEDOUT])
    return Text(en=words, zh=_CHINESE.get(number, words))
