"""Any server that speaks OpenAI's speech protocol: POST {base_url}/audio/speech, sound comes back, times do not."""

from __future__ import annotations

import asyncio

from nightcast.talk.errors import VoiceError
from nightcast.talk.voice.clock import reference, timed
from nightcast.talk.voice.decode import decode
from nightcast.talk.voice.take import Engine, Take, Utterance

_MAX_BYTES = 32 * 2**20
_CONNECT_TIMEOUT_S, _READ_TIMEOUT_S = 5, 12


class OpenAiSpeech:
    name = "openai"
    revision = "1"

    def __init__(self, clock: Engine, base_url: str, key: str = "", model: str = "tts-1") -> None:
        self._clock = clock
        self._url = f"{base_url.rstrip('/')}/audio/speech"
        self._key = key
        self._model = model

    async def take(self, utterance: Utterance) -> Take:
        clocked, audio = await asyncio.gather(reference(self._clock, utterance), self._fetch(utterance))
        return timed(self.name, *decode(audio, self.name), clocked)

    async def close(self) -> None:
        """Each utterance has a connection of its own; there is nothing to let go of."""

    async def _fetch(self, utterance: Utterance) -> bytes:
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_TIMEOUT_S, sock_read=_READ_TIMEOUT_S)
        body = {
            "model": self._model,
            "input": utterance.spoken.text,
            "voice": utterance.voice or "alloy",
            "response_format": "wav",
            "speed": utterance.rate,
        }
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
                session.post(self._url, json=body) as answer,
            ):
                if answer.status != 200:
                    told = (await answer.text())[:200]
                    raise VoiceError(
                        self.name,
                        f"refused with status {answer.status}: {told}",
                        remedy="check the key and the voice's name" if answer.status in (400, 401, 403, 404) else "",
                    )
                audio = await answer.content.read(_MAX_BYTES + 1)
                while len(audio) <= _MAX_BYTES and (more := await answer.content.read(_MAX_BYTES)):
                    audio += more
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise VoiceError(self.name, f"failed ({type(error).__name__}: {error})") from error
        if len(audio) > _MAX_BYTES:
            raise VoiceError(self.name, "sent more sound than a line can hold")
        return audio
