"""Says what goes wrong again and again, each kind of it now and then."""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

EVERY_S = 5.0
_KINDS = 64
"""How many kinds are told apart; the one told longest ago is forgotten first."""

_NUMBER = re.compile(r"\d+(\.\d+)?")


class Teller:
    """Passes on a text at most every few seconds; two texts that differ in more than their numbers
    do not wait for each other. From any thread."""

    def __init__(
        self,
        say: Callable[[str], object],
        every_s: float = EVERY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._say, self._every_s, self._clock = say, every_s, clock
        self._lock = threading.Lock()
        self._told: OrderedDict[str, float] = OrderedDict()

    def __call__(self, text: str) -> None:
        kind, now = _NUMBER.sub("#", text), self._clock()
        with self._lock:
            if now - self._told.get(kind, float("-inf")) < self._every_s:
                return
            self._told[kind] = now
            self._told.move_to_end(kind)
            if len(self._told) > _KINDS:
                self._told.popitem(last=False)
        self._say(text)
