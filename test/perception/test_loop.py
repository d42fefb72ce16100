"""The loop is steered with events instead of sleeps, so these tests do not depend on speed."""

import threading

import pytest

from depth_seg_ros.errors import FrameError, InternalError, LiveError
from depth_seg_ros.perception.loop import INTERNAL_IN_A_ROW, FrameLoop, Stages
from depth_seg_ros.perception.report import Recent

WAIT_S = 30.0


class Gate:
    """A ``process`` that says what it began and waits until the test lets it finish."""

    def __init__(self):
        self.seen = []
        self.began = threading.Semaphore(0)
        self.allowed = threading.Semaphore(0)

    def __call__(self, item, stages):
        self.seen.append(item)
        self.began.release()
        assert self.allowed.acquire(timeout=WAIT_S)
        stages.add("inference", 5.0 + item)

    def wait_begun(self):
        assert self.began.acquire(timeout=WAIT_S)

    def let_finish(self, times=1):
        self.allowed.release(times)


def balance(report):
    return report.processed + report.failed + report.dropped + report.waiting


def no_error(error):
    raise AssertionError(f"unexpected {error}")


def test_newest_wins_and_every_drop_is_counted():
    gate = Gate()
    with FrameLoop(gate, no_error) as loop:
        loop.offer(0)
        gate.wait_begun()
        for item in (1, 2, 3):
            loop.offer(item)
        busy = loop.report()
        assert (busy.received, busy.dropped, busy.waiting) == (4, 2, 2)
        assert balance(busy) == 4
        gate.let_finish(2)
        assert loop.wait_idle(WAIT_S)
        report = loop.report()
    assert gate.seen == [0, 3]
    assert (report.processed, report.dropped, report.failed, report.waiting) == (2, 2, 0, 0)
    assert report.stages["inference"].count == 2
    assert report.stages["inference"].max == 8.0


def test_an_expected_error_costs_one_frame_and_is_reported():
    errors = []

    def process(item, stages):
        if item == "bad":
            raise FrameError("unknown encoding")

    with FrameLoop(process, errors.append) as loop:
        for item in ("good", "bad", "good"):
            loop.offer(item)
            assert loop.wait_idle(WAIT_S)
        report = loop.report()
    assert [str(e) for e in errors] == ["unknown encoding"]
    assert (report.processed, report.failed, report.received) == (2, 1, 3)


def test_a_foreign_error_costs_one_frame_and_is_counted_apart():
    errors = []

    def process(item, stages):
        if item == "bad":
            raise ZeroDivisionError("bug")

    with FrameLoop(process, errors.append) as loop:
        for item in ("good", "bad", "good"):
            loop.offer(item)
            assert loop.wait_idle(WAIT_S)
        report = loop.report()
        loop.check()
    assert [str(e) for e in errors] == ["internal error: ZeroDivisionError: bug"]
    assert isinstance(errors[0], InternalError)
    assert isinstance(errors[0].__cause__, ZeroDivisionError)
    assert (report.processed, report.failed, report.internal, report.broken) == (2, 1, 1, "")


def test_too_many_foreign_errors_in_a_row_stop_the_loop_but_nothing_dies():
    errors = []

    def process(item, stages):
        if item == "bad":
            raise MemoryError

    with FrameLoop(process, errors.append) as loop:
        for item in ["bad"] * (INTERNAL_IN_A_ROW - 1) + ["good"] + ["bad"] * INTERNAL_IN_A_ROW:
            loop.offer(item)
            assert loop.wait_idle(WAIT_S)
        loop.offer("late")
        report = loop.report()
    assert report.internal == report.failed == 2 * INTERNAL_IN_A_ROW - 1
    assert (report.processed, report.dropped, balance(report)) == (1, 1, report.received)
    assert report.broken == "stopped after 10 in a row of: internal error: MemoryError"
    loop.start()  # as a lifecycle node does that is activated again
    loop.offer("good")
    assert loop.wait_idle(WAIT_S)
    assert loop.report().processed == 1 and not loop.report().broken
    loop.stop()


def test_known_errors_never_stop_the_loop():
    def process(item, stages):
        raise FrameError("no such encoding")

    with FrameLoop(process, lambda e: None) as loop:
        for item in range(3 * INTERNAL_IN_A_ROW):
            loop.offer(item)
            assert loop.wait_idle(WAIT_S)
        assert not loop.report().broken


def test_what_ends_a_thread_reaches_the_adapter():
    def process(item, stages):
        raise SystemExit(3)

    with pytest.raises(SystemExit), FrameLoop(process, no_error) as loop:
        loop.offer(1)
        loop.wait_idle(WAIT_S)


def test_stop_finishes_the_frame_in_work_and_drops_the_waiting_one():
    gate = Gate()
    loop = FrameLoop(gate, no_error)
    loop.start()
    loop.offer(0)
    gate.wait_begun()
    loop.offer(1)
    stopper = threading.Thread(target=loop.stop)
    stopper.start()
    gate.let_finish()
    stopper.join(WAIT_S)
    assert not stopper.is_alive()
    report = loop.report()
    assert (report.processed, report.dropped, report.waiting) == (1, 1, 0)
    loop.stop()  # a second stop does nothing


def test_restart_begins_at_zero_and_a_double_start_is_refused():
    gate = Gate()
    loop = FrameLoop(gate, no_error)
    loop.start()
    with pytest.raises(LiveError, match="already runs"):
        loop.start()
    loop.offer(0)
    gate.let_finish()
    assert loop.wait_idle(WAIT_S)
    loop.stop()
    loop.start()
    assert loop.report().received == 0
    loop.offer(1)
    gate.let_finish()
    assert loop.wait_idle(WAIT_S)
    loop.stop()
    assert gate.seen == [0, 1]


def test_many_threads_may_offer_and_nothing_is_lost_from_the_books():
    def process(item, stages):
        pass

    with FrameLoop(process, no_error) as loop:
        threads = [
            threading.Thread(target=lambda: [loop.offer(i) for i in range(200)]) for _ in range(4)
        ]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert loop.wait_idle(WAIT_S)
        report = loop.report()
    assert report.received == 800
    assert balance(report) == 800
    assert report.processed >= 1


def test_ages_latency_and_silence_come_from_the_clock():
    now = [0.0]
    loop = FrameLoop(lambda item, stages: None, no_error, clock=lambda: now[0])
    with loop:
        assert loop.report().latency is None
        assert loop.report().input_age is None
        loop.offer(1, age_ms=12.5)
        assert loop.wait_idle(WAIT_S)
        now[0] = 7.0
        report = loop.report()
    assert report.since_input_s == 7.0
    assert report.input_age is not None
    assert report.input_age.p50 == 12.5
    assert report.latency is not None
    assert report.latency.max == 0.0
    assert "received 1" in str(report)


def test_fates_of_the_last_seconds_are_counted_apart():
    now = [0.0]

    def process(item, stages):
        if item == "bad":
            raise FrameError("bad")

    loop = FrameLoop(process, lambda error: None, clock=lambda: now[0])
    with loop:
        for item in ("bad", "good", "good"):
            loop.offer(item)
            assert loop.wait_idle(WAIT_S)
        assert loop.report().recent == Recent(processed=2, failed=1)
        now[0] = 30.0
        loop.offer("good")
        assert loop.wait_idle(WAIT_S)
        report = loop.report()
    assert report.recent == Recent(processed=1)
    assert (report.processed, report.failed) == (3, 1)
    loop.offer("late")  # to a stopped loop
    assert loop.report().recent.dropped_share == 0.5


def test_window_bounds_the_percentiles():
    loop = FrameLoop(lambda item, stages: stages.add("decode", item), no_error, window=2)
    with loop:
        for ms in (1000.0, 1.0, 2.0):
            loop.offer(ms)
            assert loop.wait_idle(WAIT_S)
        report = loop.report()
    assert report.stages["decode"].count == 2
    assert report.stages["decode"].max == 2.0


def test_stages_add_up_and_are_kept_when_the_block_raises():
    ticks = iter([0.0, 0.010, 0.020, 0.025])
    stages = Stages(lambda: next(ticks))
    with stages.measure("decode"):
        pass
    with pytest.raises(ValueError), stages.measure("decode"):
        raise ValueError
    assert stages.ms["decode"] == pytest.approx(15.0)
