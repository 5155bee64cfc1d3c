"""The director's side of the voice worker: a line goes out, its speech comes back, whatever dies in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from nightcast.director.errors import UnspokenError
from nightcast.show.avatar import Avatar
from nightcast.show.fields import Text
from nightcast.show.script import VoiceSettings
from nightcast.talk.messages import Speak, Spoken, Unspoken
from nightcast.talk.records import Line, Speech, SpeechRequest

__all__ = ["VoiceDesk", "speech_request"]

_PATIENCE_S = 60.0  # the worker has timeouts of its own; this one is for a worker that does not come back
_NO_ANSWER = Text(en=f"the voice gave no answer in {_PATIENCE_S:.0f} s", zh=f"语音进程 {_PATIENCE_S:.0f} 秒没有应答")


def speech_request(line: Line, avatar: Avatar, settings: VoiceSettings) -> SpeechRequest:
    """Which voice speaks a line: what the script says, else what suits the host in this language."""
    host = avatar.voice
    own_name = host.en if line.language == "en" else host.zh
    suits = host.engine == settings.engine or (host.engine is None and settings.engine != "espeak")
    timbre = host.timbre if settings.engine == "espeak" else None
    name = settings.name or (own_name if suits else None) or timbre
    return SpeechRequest(line.id, line.text, line.language, settings.engine, name, settings.rate * host.rate)


class VoiceDesk:
    """Requests under way, by line. One event loop. `send` answers False while the worker is away."""

    def __init__(self, avatar: Avatar, settings: VoiceSettings, send: Callable[[Speak], bool]) -> None:
        self._avatar = avatar
        self._settings = settings
        self._send = send
        self.present = False  #: whether the worker is connected
        self._waiting: dict[str, tuple[Speak, asyncio.Future[Speech]]] = {}

    async def speak(self, line: Line, *, urgent: bool = False) -> Speech:
        """The line's speech. Raises `UnspokenError` where no engine could speak it."""
        request = Speak.of(speech_request(line, self._avatar, self._settings), urgent=urgent)
        future: asyncio.Future[Speech] = asyncio.get_running_loop().create_future()
        self._waiting[line.id] = (request, future)
        self._send(request)
        try:
            while True:
                try:
                    async with asyncio.timeout(_PATIENCE_S):
                        return await asyncio.shield(future)
                except TimeoutError as error:
                    if self.present:  # one that is away is waited for: a line is not lost for that
                        raise UnspokenError(line.id, _NO_ANSWER) from error
        finally:
            self._waiting.pop(line.id, None)

    def hear(self, message: Spoken | Unspoken) -> None:
        """An answer of the worker; one that nobody waits for any more is dropped."""
        waiting = self._waiting.get(message.line_id)
        if waiting is None or waiting[1].done():
            return
        if isinstance(message, Spoken):
            waiting[1].set_result(message.speech())
        else:
            waiting[1].set_exception(UnspokenError(message.line_id, message.reason))

    def rejoined(self) -> None:
        """The worker is back: ask again for all that it had not answered."""
        for request, _ in list(self._waiting.values()):
            self._send(request)
