"""Where the operator's page listens, and the address that a browser opens."""

from __future__ import annotations

import errno
import ipaddress
import secrets
import socket

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Page", "is_free", "is_loopback"]


class Page(BaseModel):
    """The operator's page. On an address that others can reach, whoever opens it needs the token.

    The token is the night's and not a process's: a page that is open goes on after the director was restarted.
    """

    model_config = ConfigDict(frozen=True)

    address: str = "127.0.0.1"  #: it listens here: one of this machine's, or 0.0.0.0 or :: for all of them
    port: int = 8760
    token: str = Field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def is_shared(self) -> bool:
        """Can others reach it?"""
        return not is_loopback(self.address)

    @property
    def url(self) -> str:
        """What to open. Where it listens on all addresses: the one by which others reach this machine."""
        host = _seen_from_outside(self.address) if self.address in ("0.0.0.0", "::") else self.address
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{self.port}/" + (f"?token={self.token}" if self.is_shared else "")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_free(address: str, port: int) -> bool:
    """May a server listen there? Raises `OSError` if `address` is none of this machine's."""
    with socket.socket(_family(address), socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def _seen_from_outside(address: str) -> str:
    """This machine's address on the way out; loopback where it has none. Nothing is sent."""
    family = _family(address)
    anywhere = "2001:db8::1" if family == socket.AF_INET6 else "192.0.2.1"  # kept for documentation (RFC 3849, 5737)
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((anywhere, 9))
        except OSError:
            return "::1" if family == socket.AF_INET6 else "127.0.0.1"
        return str(probe.getsockname()[0])


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET
