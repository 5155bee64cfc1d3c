from nightcast.testing.fixtures import catalog, room

__all__ = ["catalog", "room"]
