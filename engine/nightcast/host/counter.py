"""The counter that a host stands behind, and the way that hands go round it. Host space, metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nightcast.host.quaternion import F64
from nightcast.host.timeline import ease

#: Half the thickness of a hand.
_MARGIN_M = 0.03


@dataclass(frozen=True)
class Counter:
    """All that is lower than its top and farther ahead than its near edge; it has no other sides."""

    top_m: float  #: above the host's feet
    edge_m: float  #: ahead of the host's middle

    def way_out(self, points: F64) -> F64 | None:
        """The shift (3,) that takes a hand, given by points on it (n, 3), out of the counter; None if it is outside.

        Deep below the top it goes back, near the top it goes up; in between the place moves steadily round the
        corner, so that a hand that passes does not jump.
        """
        ahead = points[:, 2] - (self.edge_m - _MARGIN_M)
        below = self.top_m + _MARGIN_M - points[:, 1]
        depth = np.minimum(ahead, below)
        deepest = int(depth.argmax())
        if depth[deepest] <= 0:
            return None
        a, b = float(ahead[deepest]), float(below[deepest])
        # How far along the two faces, from straight back (0) by the corner to straight up (a + b).
        along = ease(0.5 + 0.5 * np.log2(a / b)) * (a + b)
        return np.array([0.0, min(along, b), max(along - b, 0.0) - a])
