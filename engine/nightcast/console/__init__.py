"""The operator's web page: what is on air, how it does, and the buttons that steer it."""

from nightcast.console.server import Console
from nightcast.console.view import Command, CommandResult, NightState, NightView

__all__ = ["Command", "CommandResult", "Console", "NightState", "NightView"]
