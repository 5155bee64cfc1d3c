"""Outputs that are devices of this machine: served from a thread of their own, and opened again when they are lost."""

from __future__ import annotations

import logging
import threading
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable

from nightcast.air.errors import OutputUnavailable
from nightcast.air.messages import OutputHealth
from nightcast.show.fields import Text

log = logging.getLogger(__name__)

_RETRY_S = 3.0


class DeviceOutput(ABC):
    """A subclass opens its device and sends what waits until the end; nothing it does reaches another output."""

    def __init__(self, output_id: str, kind: str) -> None:
        self._id = output_id
        self._changed = threading.Condition()
        self._ending = False
        self._health = OutputHealth(id=output_id, kind=kind, state="opening")
        self._thread = threading.Thread(target=self._run, name=f"output-{output_id}", daemon=True)
        self._thread.start()

    @abstractmethod
    def _serve(self, opened: Callable[[Text], None]) -> None:
        """Open the device, say what it is by `opened`, and send until `_ending`.

        Raises OutputUnavailable where there is none, and whatever the device's library has for one that is lost.
        """

    def health(self) -> OutputHealth:
        return self._health

    def end(self) -> None:
        with self._changed:
            self._ending = True
            self._changed.notify()

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _count(self, sent_bytes: int) -> None:
        self._health = self._health.model_copy(update={"sent_bytes": self._health.sent_bytes + sent_bytes})

    def _run(self) -> None:
        while not self._ending:
            try:
                self._serve(lambda detail: self._report("on_air", detail))
            except OutputUnavailable as error:
                self._report("unavailable", error.reason)
            except Exception as error:  # noqa: BLE001 - the thread's end, which no library's error may bring about
                log.warning("%s lost its device at:\n%s", self._id, "".join(traceback.format_tb(error.__traceback__)))
                self._report("retrying", Text(en=f"the device is gone ({error})", zh=f"设备断开了（{error}）"), lost=1)
            with self._changed:
                self._changed.wait_for(lambda: self._ending, timeout=_RETRY_S)
        self._report("closed", None)

    def _report(self, state: str, detail: Text | None, lost: int = 0) -> None:
        if detail is not None and detail != self._health.detail:
            log.info("%s: %s", self._id, detail.en)
        reconnects = self._health.reconnects + lost
        changes = {"state": state, "detail": detail, "reconnects": reconnects}
        self._health = self._health.model_copy(update=changes)
