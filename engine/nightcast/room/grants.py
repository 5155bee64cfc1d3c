"""Who may speak with the hub, and what each was allowed: tokens kept as hashes, scopes and budgets by plugin.

A token is 32 random bytes, so a plain SHA-256 of it cannot be guessed back; comparison is constant in time.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nightcast.room.actions import SCOPES

log = logging.getLogger(__name__)

#: Scopes that a plugin gets only when the operator has named them.
CAREFUL = frozenset({"promo:write", "moderation:write", "order.pii:read", "room:publish", "room.user:read"})


class Budget(BaseModel):
    """What a plugin may give away in one session."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    coupon_value_minor: int = Field(0, ge=0)
    flash_sales: int = Field(0, ge=0)
    lottery_prizes: int = Field(0, ge=0)


class Token(BaseModel):
    model_config = ConfigDict(extra="forbid")

    digest: str
    once: bool = False
    exchanged: bool = False  #: given in place of a token that served once
    expires_ms: int | None = None


class Grant(BaseModel):
    """What the operator allowed one plugin. `revoked` closes its door at once."""

    model_config = ConfigDict(extra="forbid")

    plugin_id: str
    scopes: frozenset[str] = frozenset()
    budget: Budget = Budget()
    priorities: frozenset[str] = frozenset({"plugin", "ambience"})
    revoked: bool = False
    tokens: list[Token] = Field(default_factory=list)


class _Book(BaseModel):
    grants: dict[str, Grant] = Field(default_factory=dict)


class Grants:
    """The book of grants; with a path it is kept in a file only the owner can read.

    What cannot be written (`unwritten`) holds in memory and is written when there is room; a file that cannot be read
    changes nothing, and is set aside before it is written over.
    """

    def __init__(self, path: Path | None = None, *, new_token: Callable[[], str] | None = None) -> None:
        self._path = path
        self._new_token = new_token or (lambda: secrets.token_urlsafe(32))
        self._book = _Book()
        self._stamp_ns = 0
        self._unreadable = False
        self.unwritten: OSError | None = None
        self.refresh()

    def refresh(self) -> bool:
        """Take over what another process (`nightcast plugin token|revoke`) wrote; True if there was something."""
        if self.unwritten is not None:
            self._save()
        if self._path is None or not self._path.exists():
            return False
        stamp_ns = self._path.stat().st_mtime_ns
        if stamp_ns == self._stamp_ns:
            return False
        self._stamp_ns = stamp_ns
        try:
            self._book = _Book.model_validate_json(self._path.read_bytes())
        except (OSError, ValidationError) as error:
            self._unreadable = True
            log.warning("%s cannot be read, so what was granted before holds: %s", self._path, error)
            return False
        self._unreadable = False
        return True

    def allow(
        self,
        plugin_id: str,
        scopes: Iterable[str],
        *,
        budget: Budget | None = None,
        priorities: Iterable[str] = (),
    ) -> Grant:
        """Grant scopes, replacing what was granted before. Unknown scopes raise ValueError."""
        wanted = frozenset(scopes)
        unknown = wanted - SCOPES.keys()
        if unknown:
            raise ValueError(f"unknown scopes {sorted(unknown)}; known are {', '.join(SCOPES)}")
        self.refresh()  # another process may have written since
        older = self._book.grants.get(plugin_id)
        grant = Grant(
            plugin_id=plugin_id,
            scopes=wanted,
            budget=budget or Budget(),
            priorities=frozenset({"plugin", "ambience", *priorities}),
            tokens=[] if older is None else older.tokens,
        )
        self._book.grants[plugin_id] = grant
        self._save()
        return grant

    def issue(self, plugin_id: str, *, once: bool = False, expires_ms: int | None = None) -> str:
        """A new token for a plugin that has a grant; it is told now and never again."""
        self.refresh()
        return self._add(self._book.grants[plugin_id], once=once, expires_ms=expires_ms)

    def _add(self, grant: Grant, *, once: bool = False, exchanged: bool = False, expires_ms: int | None = None) -> str:
        token = self._new_token()
        grant.tokens.append(Token(digest=_digest(token), once=once, exchanged=exchanged, expires_ms=expires_ms))
        self._save()
        return token

    def check(self, plugin_id: str, token: str, now_ms: int) -> tuple[Grant, str | None] | None:
        """The grant behind a token, and a lasting token in place of one that served once. None opens nothing."""
        self.refresh()
        grant = self._book.grants.get(plugin_id)
        if grant is None or grant.revoked:
            return None
        digest = _digest(token)
        grant.tokens = [t for t in grant.tokens if t.expires_ms is None or t.expires_ms > now_ms]
        for known in grant.tokens:
            if hmac.compare_digest(known.digest, digest):
                if not known.once:
                    return grant, None
                # the process before this one has ended or is about to: its token goes
                grant.tokens = [t for t in grant.tokens if t is not known and not t.exchanged]
                return grant, self._add(grant, exchanged=True)
        return None

    def owner(self, token: str) -> str | None:
        """Whose token it is, whatever it still opens."""
        digest = _digest(token)
        return next(
            (
                plugin_id
                for plugin_id, grant in self._book.grants.items()
                if any(hmac.compare_digest(known.digest, digest) for known in grant.tokens)
            ),
            None,
        )

    def revoke(self, plugin_id: str, scopes: Iterable[str] | None = None) -> Grant | None:
        """Take scopes away, or with None the plugin's whole grant and all its tokens."""
        self.refresh()
        grant = self._book.grants.get(plugin_id)
        if grant is None:
            return None
        if scopes is None:
            grant.revoked = True
            grant.tokens = []
        else:
            grant.scopes = grant.scopes - frozenset(scopes)
        self._save()
        return grant

    def __getitem__(self, plugin_id: str) -> Grant:
        return self._book.grants[plugin_id]

    def __contains__(self, plugin_id: str) -> bool:
        return plugin_id in self._book.grants

    def _save(self) -> None:
        if self._path is None:
            return
        fresh = self._path.with_suffix(".new")
        try:
            fresh.touch(mode=0o600)
            fresh.write_text(self._book.model_dump_json(indent=1), encoding="utf-8")
            if self._unreadable:
                self._path.replace(self._path.with_suffix(".broken"))
            fresh.replace(self._path)
            self._stamp_ns = self._path.stat().st_mtime_ns
        except OSError as error:
            if self.unwritten is None:
                log.warning("%s cannot be written (%s); its grants hold, and are written later", self._path, error)
            self.unwritten = error
            return
        self._unreadable, self.unwritten = False, None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
