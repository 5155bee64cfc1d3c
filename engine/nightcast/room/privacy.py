"""What a reader of an event may see of people, and what a recording keeps of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Set
from typing import Any

from nightcast.room.events import Contact, EventData, User

#: In a text: addresses of mail and web, @names, and numbers long enough to call or to pay with.
_PERSONAL = re.compile(r"\S+@\S+\.\w+|https?://\S+|www\.\S+|@\w+|\+?\d[\d -]{5,}\d")
_IDS = ("comment_id", "order_id", "superchat_id")


def seen_with(data: EventData, scopes: Set[str]) -> EventData:
    """The event as a plugin with `scopes` sees it: names masked without `room.user:read`, no contact data
    without
    `order.pii:read`."""
    names = "room.user:read" in scopes
    contact = "order.pii:read" in scopes
    if names and contact:
        return data
    return _changed(data, lambda user: user if names else user.masked(), keep_contact=contact)


def visibility(scopes: Set[str]) -> tuple[bool, bool]:
    """Scopes that give the same view share one key, so that an event is encoded once for all of them."""
    return ("room.user:read" in scopes, "order.pii:read" in scopes)


def scrubbed(data: EventData, salt: str) -> EventData:
    """The event without personal data: refs become salted hashes, and so do ids by which a platform or a shop would
    find the person again; names, contacts, mentions and numbers go.
    """
    clean = _changed(data, lambda user: _anonymous(user, salt), keep_contact=False)
    updates: dict[str, object] = {
        name: f"{name.removesuffix('_id')}-{_hashed(getattr(clean, name), salt)}"
        for name in _IDS
        if hasattr(clean, name)
    }
    if hasattr(clean, "mentions"):
        updates["mentions"] = ()
    text = getattr(clean, "text", None)
    if isinstance(text, str):
        updates["text"] = _PERSONAL.sub("[…]", text)
    return clean.model_copy(update=updates) if updates else clean


def _anonymous(user: User, salt: str) -> User:
    digest = _hashed(user.ref, salt)
    return user.model_copy(update={"ref": f"anon-{digest}", "nickname": f"viewer {digest[:4]}", "avatar": None})


def _hashed(text: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}:{text}".encode()).hexdigest()[:12]


def _changed(data: EventData, change: Callable[[User], User], *, keep_contact: bool) -> EventData:
    updates: dict[str, Any] = {}
    for name, value in data:
        if isinstance(value, User):
            updates[name] = change(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], User):
            updates[name] = tuple(change(user) for user in value)
        elif isinstance(value, Contact) and not keep_contact:
            updates[name] = None
    return data.model_copy(update=updates) if updates else data
