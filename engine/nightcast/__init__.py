"""Nightcast runs a live shopping stream by itself, all night."""

__version__ = "0.1.0"
