"""An audience that is not there: seeded, on a passed-in clock. What `nightcast run` plays to when no room is
connected.
"""

from nightcast.room.simulation.audience import SimProduct, Simulator
from nightcast.room.simulation.faults import Faults
from nightcast.room.simulation.profiles import PROFILES, Profile, load_profile

__all__ = ["PROFILES", "Faults", "Profile", "SimProduct", "Simulator", "load_profile"]
