"""A bounded queue of encoded packets that can always be entered at a keyframe. Pure; not thread-safe."""

from __future__ import annotations

from collections import deque

from nightcast.air.encoder import Packet

_MAX_S = 12.0  # beyond it the viewers of this output have left; stalls are found in 5 s


class Backlog:
    """Packets not sent yet. `follow` False: nobody takes them, so only the newest group of pictures is kept.

    Sound is ahead of the picture here, because the video encoder looks ahead: a group begins with its sound,
    though that was encoded before its keyframe.
    """

    def __init__(self) -> None:
        self._packets: deque[Packet] = deque()
        self.follow = False
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._packets)

    def put(self, packet: Packet) -> None:
        self._packets.append(packet)
        if not packet.key or packet.stream != "video":
            return
        if not self.follow:
            self._trim_to(packet)
        elif packet.dts_s - self._packets[0].dts_s > _MAX_S:
            self.dropped += self._trim_to(packet)

    def take(self) -> Packet | None:
        return self._packets.popleft() if self._packets else None

    def group_start(self) -> Packet | None:
        """The first keyframe waiting, which a stream may begin with."""
        return next((p for p in self._packets if p.stream == "video" and p.key), None)

    def enter(self, key: Packet) -> None:
        """Let go of all that comes before this keyframe's time."""
        self._trim_to(key)

    def copy(self) -> Backlog:
        """The same packets for a newcomer."""
        other = Backlog()
        other._packets = self._packets.copy()
        return other

    def _trim_to(self, key: Packet) -> int:
        before = len(self._packets)
        start_s = key.pts_s
        reached = False
        kept: deque[Packet] = deque()
        for packet in self._packets:
            reached = reached or packet is key
            if (reached or packet.stream == "audio") and packet.pts_s >= start_s:
                kept.append(packet)
        self._packets = kept
        return before - len(kept)
