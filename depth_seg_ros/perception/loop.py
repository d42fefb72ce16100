"""The live loop: newest frame wins, a queue of one, every drop counted, every stage timed.

Shared by the ROS 2 node and by the participant without ROS. It knows neither ROS nor DDS nor
engines nor images: an adapter calls :meth:`FrameLoop.offer` from whatever thread its messages
arrive on, and ``process(item, stages)`` runs on the loop's own thread, always with the newest::

    def process(message, stages):
        with stages.measure("decode"):
            frame = to_frame(message)
        prediction, times = predictor.predict_timed(frame)
        stages.add("preprocess", times.preprocess_ms)
        ...

    with FrameLoop(process, on_error=lambda e: logger.warning(str(e))) as loop:
        subscribe(lambda message: loop.offer(message, age_ms=age_of(message)))
        ...
        print(loop.report())

Bookkeeping holds at any time: ``received = processed + failed + dropped + waiting``.

A :class:`~depth_seg_ros.errors.DepthSegError` from ``process`` (an image that cannot be decoded)
costs that one frame: it is counted and handed to ``on_error``. So does any other exception, as an
:class:`~depth_seg_ros.errors.InternalError`; after :data:`INTERNAL_IN_A_ROW` of those without a
frame that succeeds, the loop stops taking images and says so in its report. What ends a thread in
any case (SystemExit) :meth:`FrameLoop.check` raises in the adapter's thread.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from depth_seg_ros.errors import DepthSegError, InternalError, LiveError
from depth_seg_ros.metrics.latency import Percentiles
from depth_seg_ros.perception.report import RECENT_S, LoopReport, Recent
from depth_seg_ros.perception.statistics import Rate

T = TypeVar("T")
Clock = Callable[[], float]

INTERNAL_IN_A_ROW = 10
"""Internal errors, one after the other, after which the next image would not fare better."""


class Stages:
    """Stop watch of one frame: milliseconds by stage."""

    def __init__(self, clock: Clock = time.perf_counter) -> None:
        self._clock = clock
        self.ms: dict[str, float] = {}

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Time a block; blocks of the same name add up."""
        start = self._clock()
        try:
            yield
        finally:
            self.add(name, (self._clock() - start) * 1e3)

    def add(self, name: str, ms: float) -> None:
        """Add a duration that was measured elsewhere."""
        self.ms[name] = self.ms.get(name, 0.0) + ms


@dataclass(frozen=True)
class _Offered(Generic[T]):
    item: T
    at: float


class FrameLoop(Generic[T]):
    """One worker thread that always takes the newest item. Use as a context manager."""

    def __init__(
        self,
        process: Callable[[T, Stages], None],
        on_error: Callable[[DepthSegError], None],
        *,
        name: str = "frame loop",
        window: int = 300,
        clock: Clock = time.perf_counter,
    ) -> None:
        """name: of its thread; window: how many recent frames the percentiles rest on."""
        self._process = process
        self._name = name
        self._on_error = on_error
        self._clock = clock
        self._window = window
        self._changed = threading.Condition()  # guards everything below
        self._next: _Offered[T] | None = None
        self._working = False
        self._stopping = False
        self._bug: BaseException | None = None
        self._thread: threading.Thread | None = None
        self._reset()

    def _reset(self) -> None:
        self._received = self._processed = self._failed = self._dropped = 0
        self._internal = self._in_a_row = 0
        self._broken = ""
        self._stage_ms: dict[str, deque[float]] = {}
        self._latency_ms: deque[float] = deque(maxlen=self._window)
        self._age_ms: deque[float] = deque(maxlen=self._window)
        self._rate_in, self._rate_out = Rate(), Rate()
        self._recent = {fate: Rate(RECENT_S) for fate in ("processed", "failed", "dropped")}
        self._last_input = self._clock()

    # --- the adapter's side

    def start(self) -> None:
        """Start the worker with counts at zero; LiveError if it already runs."""
        with self._changed:
            if self._thread is not None:
                raise LiveError("the frame loop already runs; stop it before starting it again")
            self._reset()
            self._stopping, self._bug, self._next = False, None, None
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def offer(self, item: T, *, age_ms: float | None = None) -> None:
        """Hand over a new item; never blocks. It replaces one that still waits (counted).

        ``age_ms``: how old the item is by its own stamp and the adapter's clock, where known.
        Offered to a stopped loop it counts as dropped.
        """
        with self._changed:
            now = self._clock()
            self._received += 1
            self._last_input = now
            self._rate_in.add(now)
            if age_ms is not None:
                self._age_ms.append(age_ms)
            if self._thread is None or self._stopping:
                self._drop(now)
                return
            if self._next is not None:
                self._drop(now)
            self._next = _Offered(item, now)
            self._changed.notify_all()

    def stop(self) -> None:
        """Finish the frame in work, drop the one that waits, end the thread. Idempotent."""
        with self._changed:
            self._stopping = True
            if self._next is not None:
                self._next = None
                self._drop(self._clock())
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()
        with self._changed:
            self._thread = None

    def check(self) -> None:
        """Raise what ended the worker, if something did: call it now and then."""
        with self._changed:
            bug = self._bug
        if bug is not None:
            raise bug

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until nothing is queued or in work; False if that takes longer than the timeout."""
        with self._changed:
            return self._changed.wait_for(
                lambda: (self._next is None and not self._working) or self._bug is not None,
                timeout_s,
            )

    def report(self) -> LoopReport:
        """Counts, rates and percentiles now."""
        with self._changed:
            now = self._clock()
            counted = LoopReport(
                received=self._received,
                processed=self._processed,
                failed=self._failed,
                internal=self._internal,
                broken=self._broken,
                dropped=self._dropped,
                waiting=int(self._next is not None) + int(self._working),
                input_rate_hz=self._rate_in.hertz(now),
                output_rate_hz=self._rate_out.hertz(now),
                stages={},
                latency=None,
                input_age=None,
                since_input_s=now - self._last_input,
                recent=Recent(**{fate: r.count(now) for fate, r in self._recent.items()}),
            )
            stage_ms = {n: list(ms) for n, ms in self._stage_ms.items()}
            latency_ms, age_ms = list(self._latency_ms), list(self._age_ms)
        # Percentiles take a millisecond; frames do not wait for them.
        stages = {n: Percentiles.of(ms) for n, ms in stage_ms.items()}
        return replace(
            counted,
            stages={n: p for n, p in stages.items() if p is not None},
            latency=Percentiles.of(latency_ms),
            input_age=Percentiles.of(age_ms),
        )

    def __enter__(self) -> FrameLoop[T]:
        self.start()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.stop()
        if error is None:
            self.check()

    # --- the worker's side

    def _run(self) -> None:
        try:
            while (offered := self._take()) is not None:
                self._work(offered)
        except BaseException as bug:
            with self._changed:
                self._bug = bug
                self._stopping = True
                self._failed += self._working
                self._working = False
                if self._next is not None:
                    self._next = None
                    self._drop(self._clock())
                self._changed.notify_all()

    def _drop(self, now: float) -> None:
        self._dropped += 1
        self._recent["dropped"].add(now)

    def _take(self) -> _Offered[T] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._next is not None or self._stopping)
            offered, self._next = self._next, None
            if self._stopping:
                return None
            self._working = True
            return offered

    def _work(self, offered: _Offered[T]) -> None:
        stages = Stages(self._clock)
        try:
            self._process(offered.item, stages)
        except DepthSegError as error:
            self._lose(error)
        except Exception as error:
            self._lose(InternalError(error))
        else:
            self._record(stages, offered.at)

    def _lose(self, error: DepthSegError) -> None:
        """Count a frame that failed; too many internal errors end the loop."""
        with self._changed:
            self._failed += 1
            self._recent["failed"].add(self._clock())
            if isinstance(error, InternalError):
                self._internal += 1
                self._in_a_row += 1
                if self._in_a_row >= INTERNAL_IN_A_ROW:
                    self._broken = f"stopped after {self._in_a_row} in a row of: {error}"
                    self._stopping = True
                    if self._next is not None:
                        self._next = None
                        self._drop(self._clock())
            self._working = False
            self._changed.notify_all()
        self._on_error(error)

    def _record(self, stages: Stages, offered_at: float) -> None:
        with self._changed:
            now = self._clock()
            for name, ms in stages.ms.items():
                self._stage_ms.setdefault(name, deque(maxlen=self._window)).append(ms)
            self._latency_ms.append((now - offered_at) * 1e3)
            self._processed += 1
            self._recent["processed"].add(now)
            self._in_a_row = 0
            self._rate_out.add(now)
            self._working = False
            self._changed.notify_all()
