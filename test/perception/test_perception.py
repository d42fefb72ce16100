"""A perception without a wire: what comes in, what goes out, and what it says about itself."""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np
import pytest

from depth_seg_ros.messages import topics
from depth_seg_ros.messages.outputs import OutputOptions
from depth_seg_ros.perception import health
from depth_seg_ros.perception.perception import Perception
from depth_seg_ros.perception.settings import Settings
from depth_seg_ros.predictor import Predictor

BULKY = {t.name for t in topics.BULKY_TOPICS}
LATCHED = {topics.LABEL_INFO.name, topics.LABEL_CLASSES.name}
DIRECT = {t.name for t in topics.offered_topics(True)} - BULKY - LATCHED - {topics.GROUND.name}


@pytest.fixture
def predictor(tiny_onnx):
    with Predictor.open(tiny_onnx, "onnxruntime", threads=1) as opened:
        yield opened


@pytest.fixture
def make(predictor, transport, log):
    """make(**settings): a perception on the fake transport."""

    def build(**settings):
        return Perception(predictor, Settings(**settings), transport, log)

    return build


def wait_until(condition) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.005)


def test_points_and_overlay_go_out_on_a_thread_of_their_own(make, transport, image) -> None:
    with make() as perception:
        perception.offer(image(5), 5, 1.0)
        wait_until(lambda: perception.bulky_report().processed == 1)
    by_thread: dict[str, set[str]] = {}
    for name, thread, stamp_ns in transport.published:
        if name not in LATCHED:
            assert stamp_ns == 5
            by_thread.setdefault(thread, set()).add(name)
    no_camera = {topics.DEPTH_INFO.name, topics.POINTS.name}  # need a calibration
    assert {frozenset(names) for names in by_thread.values()} == {
        frozenset(BULKY - no_camera), frozenset(DIRECT - no_camera)
    }  # fmt: skip
    report = perception.report()
    assert report.stages["all but inference"].p50 > 0
    assert (report.received, report.processed, report.dropped, report.failed) == (1, 1, 0, 0)


def test_nothing_is_computed_for_nobody(make, transport, image) -> None:
    transport.watched = frozenset()
    with make() as perception:
        perception.offer(image(5), 5, 1.0)
        wait_until(lambda: perception.unwatched == 1)
        status = perception.statuses()["processing"]
    assert status.message == "nobody subscribes to an output: nothing is computed"
    assert {name for name, *_ in transport.published} == LATCHED


def test_a_bad_image_costs_itself(make, image, log) -> None:
    with make() as perception:
        perception.offer(image(5, step=1), 5, 1.0)
        wait_until(lambda: perception.report().failed == 1)
        perception.offer(image(6), 6, 1.0)
        wait_until(lambda: perception.report().processed == 1)
    assert len(log.warnings) == 1 and log.warnings[0].startswith("image lost: step 1 is too small")
    assert "step 1" in perception.last_error


def test_two_different_errors_are_both_said(make, image, log) -> None:
    with make() as perception:
        for stamp_ns, changes in ((5, {"step": 1}), (6, {"encoding": "rgb16"}), (7, {"step": 2})):
            perception.offer(image(stamp_ns, **changes), stamp_ns, 1.0)
            wait_until(lambda n=stamp_ns - 4: perception.report().failed == n)
    assert len(log.warnings) == 2  # the second too small step is the first one again
    assert "rgb16" in log.warnings[1]


def test_a_foreign_error_costs_an_image_and_shows_its_traceback_once(
    make, image, transport, log
) -> None:
    def broken(item):
        if item.height == 1:
            raise ZeroDivisionError("bug")
        return item

    transport.decode = broken
    with make() as perception:
        for n, height in enumerate((1, 1, 20), start=1):
            perception.offer(image(n, height=height), n, 1.0)
            wait_until(lambda n=n: perception.report().failed + perception.report().processed == n)
        perception.check()
        status = perception.statuses()["processing"]
    assert status.values["internal errors"] == "2" and status.level == health.WARN
    assert len(log.errors) == 1
    assert "Traceback" in log.errors[0] and "ZeroDivisionError: bug" in log.errors[0]


def test_after_many_in_a_row_it_is_in_an_error_state_and_lives(make, image, transport, log) -> None:
    def broken(item):
        raise ZeroDivisionError("bug")

    transport.decode = broken
    with make() as perception:
        for n in range(1, 11):
            perception.offer(image(n), n, 1.0)
            wait_until(lambda n=n: perception.report().failed == n)
        perception.check()
        perception.check()
        perception.offer(image(99), 99, 1.0)
        status = perception.statuses()["processing"]
    assert status.level == health.ERROR and "stopped after 10 in a row" in status.message
    assert sum("activate" in line for line in log.errors) == 1
    assert perception.report().dropped == 1


def test_labels_are_announced_at_the_start_and_when_their_threshold_changes(
    make, transport
) -> None:
    with make() as perception:
        perception.change(Settings(max_rate_hz=5.0))
        perception.change(Settings(outputs=OutputOptions(min_confidence=0.5)))
    assert [payload.threshold for payload in transport.latched] == [0.0, 0.5]
    assert transport.latched[0].header.stamp_ns == 99


def test_silence_is_said_once_with_its_reason(make, transport, log, image) -> None:
    transport.publishers = 0
    with make(no_image_after_s=0.05) as perception:
        wait_until(lambda: perception.report().since_input_s > 0.06)
        perception.check()
        perception.check()
        status = perception.statuses()["input"]
        assert status.level == health.ERROR
        assert "nobody publishes it" in status.message
        perception.offer(image(5), 5, 1.0)
        perception.change(Settings())
        perception.check()
    silent = [line for line in log.warnings if line.startswith("no image")]
    assert len(silent) == 1
    assert "is on: /image, /other/image_raw" in silent[0]
    assert log.infos == ["images arrive again on /image"]


def test_no_points_without_calibration_is_said_once(make, image, log) -> None:
    with make() as perception:
        for stamp_ns in (5, 6):
            perception.offer(image(stamp_ns), stamp_ns, 1.0)
            wait_until(lambda n=stamp_ns - 4: perception.report().processed == n)
            perception.check()
    (said,) = log.warnings
    assert said.startswith("no camera_info has come on /camera_info: no points")


def test_a_raw_image_taken_as_rectified_is_said_once(make, log) -> None:
    info = SimpleNamespace(
        d=[0.1], k=np.array([4.0, 0, 2, 0, 4, 1, 0, 0, 1]), distortion_model="plumb_bob",
        p=np.array([3.0, 0, 2, 0, 0, 3, 1, 0, 0, 0, 1, 0]), width=4, height=3,
    )  # fmt: skip
    with make() as perception:
        perception.set_camera(info)
        perception.check()
        perception.check()
        status = perception.statuses()["input"]
    assert len(log.warnings) == 1 and "0.75 x those of K" in log.warnings[0]
    assert status.message == log.warnings[0]


def test_a_problem_of_the_transport_is_said_once_and_goes_away(make, transport, log) -> None:
    with make() as perception:
        transport.found = ["QoS"]
        perception.check()
        perception.check()
        status = perception.statuses()["input"]
        assert (status.level, status.message) == (health.WARN, "QoS")
        transport.found = []
        assert perception.statuses()["input"].message != "QoS"
    assert log.warnings == ["QoS"]


def test_images_lost_on_the_way_are_said_with_the_cure(make, image, log) -> None:
    with make() as perception:
        for n in range(40):
            if n % 4:  # every fourth is lost
                perception.offer(image(n), n * 33_000_000, 1.0)
        perception.check()
        perception.check()
        status = perception.statuses()["input"]
    (said,) = [w for w in log.warnings if "lost on the way" in w]
    assert said.endswith("their stamps); more buffer")
    assert (status.level, status.message) == (health.WARN, said)
    assert 20 < int(status.values["lost on the way, last images [%]"]) < 30


def test_large_images_are_published_smaller_and_it_is_said_once(
    make, image, transport, log
) -> None:
    large = {"width": 2560, "height": 1600, "step": 7680, "data": np.zeros(12_288_000, np.uint8)}
    with make() as perception:
        perception.offer(image(5, **large), 5, 1.0)
        wait_until(lambda: perception.report().processed == 1)
        perception.check()
        perception.check()
    (said,) = [line for line in log.infos if "published as" in line]
    assert said.startswith("images of 2560x1600 are published as 1280x800: output.size auto")


def test_paused_it_takes_images_and_computes_nothing(make, image, transport) -> None:
    with make() as perception:
        perception.enabled = False
        perception.offer(image(5), 5, 1.0)
        assert perception.report().received == 0
        assert perception.statuses()["input"].message == "paused (set_enabled)"
        perception.enabled = True
        perception.offer(image(6), 6, 1.0)
        wait_until(lambda: perception.report().processed == 1)


def test_stopped_it_says_so_and_starts_again_from_zero(make, image) -> None:
    perception = make()
    perception.start()
    perception.offer(image(5), 5, 1.0)
    wait_until(lambda: perception.report().processed == 1)
    perception.stop()
    perception.stop()
    assert perception.statuses()["input"].message == "not active"
    perception.start()
    assert perception.report().received == 0
    perception.stop()
