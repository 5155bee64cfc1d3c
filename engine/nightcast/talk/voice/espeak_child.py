"""The process that holds espeak-ng: reads requests on standard input, writes takes to standard output.

espeak-ng is GPL-3 and not reproducible within one process: the same text gives other samples the second time. So it
lives in a process of its own, is set up once, and each utterance is spoken by a fork of that fresh state, which also
keeps a crash in the library from ending the voice. A request is one line of JSON; the answer is one line of JSON
followed by `bytes` bytes of 16-bit little-endian samples. Imports nothing but the standard library and the loader.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any, BinaryIO

import espeakng_loader

_SYNCHRONOUS = 2
_PHONEME_EVENTS, _PHONEME_IPA = 1, 2
_UTF8, _SSML = 1, 0x10
_POSITION_CHARACTER = 1
_PARAMETERS = {"rate": 1, "volume": 2, "pitch": 3, "range": 4, "word_gap": 7}
_END_OF_LIST, _WORD, _PHONEME, _END_OF_CLAUSE = 0, 1, 7, 5


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    """`espeak_EVENT` of speak_lib.h; `audio_position` is in ms, `sample` counts samples."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class _Espeak:
    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = str(espeakng_loader.get_data_path()).encode()
        options = _PHONEME_EVENTS | _PHONEME_IPA
        self.sample_rate_hz = int(self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, options))
        if self.sample_rate_hz <= 0:
            raise RuntimeError("espeak-ng could not read its data")
        self._samples: list[bytes] = []
        self._events: list[dict[str, Any]] = []
        self._callback = _Callback(self._collect)
        self._library.espeak_SetSynthCallback(self._callback)

    def _collect(self, wave: Any, count: int, events: Any) -> int:
        if wave and count:
            self._samples.append(ctypes.string_at(wave, count * 2))
        index = 0
        while events[index].type != _END_OF_LIST:
            event = events[index]
            at_s = event.sample / self.sample_rate_hz
            if event.type == _PHONEME:
                raw = ctypes.string_at(ctypes.addressof(event.id), 8).split(b"\0")[0]
                self._events.append({"at_s": at_s, "ipa": raw.decode("utf-8", "ignore")})
            elif event.type == _WORD:
                self._events.append({"at_s": at_s, "begin": event.text_position - 1, "length": event.length})
            elif event.type == _END_OF_CLAUSE:
                self._events.append({"at_s": at_s, "end": True})
            index += 1
        return 0

    def speak(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        if self._library.espeak_SetVoiceByName(request["voice"].encode()) != 0:
            return {"error": f"has no voice {request['voice']!r}"}, b""
        for name, value in request.get("parameters", {}).items():
            self._library.espeak_SetParameter(_PARAMETERS[name], int(value), 0)
        text = request["text"].encode() + b"\0"
        status = self._library.espeak_Synth(text, len(text), 0, _POSITION_CHARACTER, 0, _UTF8, None, None)
        if status != 0 or self._library.espeak_Synchronize() != 0:
            return {"error": f"failed with status {status}"}, b""
        return {"sample_rate_hz": self.sample_rate_hz, "events": self._events}, b"".join(self._samples)


def _answer(out: BinaryIO, head: dict[str, Any], body: bytes = b"") -> None:
    out.write(json.dumps({**head, "bytes": len(body)}).encode() + b"\n" + body)
    out.flush()


def main() -> None:
    espeak, out = _Espeak(), sys.stdout.buffer
    for line in sys.stdin.buffer:
        child = os.fork()
        if child == 0:
            _answer(out, *espeak.speak(json.loads(line)))
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status != 0:
            _answer(out, {"error": f"ended with status {status}"})


if __name__ == "__main__":
    main()
