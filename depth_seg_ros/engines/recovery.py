"""An engine that outlives its device: opened again after a failure, or replaced by the CPU's.

A GPU may fall off the bus, run out of memory beside another process, or hang on one bad kernel. The
frame in work is lost then (an EngineError, counted by whoever runs the frames), and so are those
until the engine stands again. It is tried at growing intervals, in the caller's thread.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from depth_seg_ros.engines.base import Engine, Tensors
from depth_seg_ros.errors import EngineError

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
TRIES = 3
"""Failed tries after which the fallback is taken, where there is one."""
LOST = "lost"
"""Key of ``info.details``: that, how often and why an engine was lost, in words."""
SOUND = 100
"""Frames without a failure after which earlier ones are forgotten."""

_log = logging.getLogger(__name__)


class RecoveringEngine(Engine):
    """One engine at a time, opened by ``open_again``; same contract, same shapes."""

    def __init__(
        self,
        open_again: Callable[[], Engine],
        fallback: Callable[[], Engine] | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """fallback: opens the engine taken when ``TRIES`` have failed; None never gives up.

        clock: seconds. EngineError where the first opening fails.
        """
        self._open_again, self._fallback, self._clock = open_again, fallback, clock
        self._failures = self._sound = self._lost = 0
        self._next_try_s = 0.0
        self._reason = self._lost_by = ""
        self._engine: Engine | None = open_again()
        self.info = self._engine.info

    def _infer(self, inputs: Tensors) -> Tensors:
        engine = self._engine or self._restore()
        try:
            tensors = engine.infer(*inputs.values())
        except EngineError as e:
            self._lose(e)
            raise EngineError(f"engine lost: {e}; next try in {self._wait_s():.0f} s") from e
        self._sound += 1
        if self._sound >= SOUND:
            self._failures = 0
        return tensors

    def _lose(self, error: EngineError) -> None:
        """Close what failed and note when to try again."""
        self.close()
        self._lost += 1
        self._lost_by = str(error)
        self._note(error)
        self._tell(f"lost, next try in {self._wait_s():.0f} s: {error}")
        _log.error("engine lost: %s; next try in %.0f s", error, self._wait_s())

    def _note(self, error: EngineError) -> None:
        self._failures += 1
        self._sound = 0
        self._reason = str(error)
        self._next_try_s = self._clock() + self._wait_s()

    def _wait_s(self) -> float:
        return float(min(FIRST_WAIT_S * 2 ** (self._failures - 1), LONGEST_WAIT_S))

    def _restore(self) -> Engine:
        """The engine again, or its fallback; EngineError where it is not time yet, or in vain."""
        wait_s = self._next_try_s - self._clock()
        if wait_s > 0:
            raise EngineError(f"engine lost: {self._reason}; next try in {wait_s:.0f} s")
        try:
            engine = self._open_again()
        except EngineError as e:
            self._note(e)
            if self._fallback is None or self._failures <= TRIES:
                raise EngineError(
                    f"engine lost, try {self._failures - 1} failed: {e}; next in "
                    f"{self._wait_s():.0f} s"
                ) from e
            _log.error("engine lost for good (%s); falling back", e)
            engine = self._fallback()
        self._take(engine)
        return engine

    def _take(self, engine: Engine) -> None:
        if engine.info.input_shapes != self.info.input_shapes:
            engine.close()
            raise EngineError(f"the engine opened again takes {engine.info.input_shapes}")
        self._engine, self.info = engine, engine.info
        times = "once" if self._lost == 1 else f"{self._lost} times"
        self._tell(f"it was lost {times}, last: {self._lost_by}")
        _log.warning("engine %s on %s runs again", engine.info.backend, engine.info.device)

    def _tell(self, words: str) -> None:
        self.info = replace(self.info, details={**self.info.details, LOST: words})

    def close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()
