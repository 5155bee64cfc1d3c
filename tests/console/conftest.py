"""For the console's tests: the director's objects, as a night holds them."""

from tests.director.conftest import stand

__all__ = ["stand"]
