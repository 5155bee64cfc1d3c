"""The gate: the one place that lets a text be spoken. Rules and modes are packs in `scripts/policies/`."""

from nightcast.talk.gate.gate import Gate, GateContext
from nightcast.talk.gate.policy import Permission, Policy, may_start

__all__ = ["Gate", "GateContext", "Permission", "Policy", "may_start"]
