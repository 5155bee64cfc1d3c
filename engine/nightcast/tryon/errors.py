"""Errors of try-on: a product that cannot be worn, or a body that has not the place for it."""

from __future__ import annotations

__all__ = ["CannotWearError", "TryOnError"]


class TryOnError(Exception):
    """Base of what this package raises."""


class CannotWearError(TryOnError):
    """This product cannot be put on this body."""

    def __init__(self, product: str, reason: str, remedy: str) -> None:
        super().__init__(product, reason, remedy)
        self.product = product
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.product} cannot be worn: {self.reason}. {self.remedy}"
