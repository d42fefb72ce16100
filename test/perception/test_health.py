"""What a node says about itself, without ROS."""

from __future__ import annotations

from dataclasses import replace

import pytest

from depth_seg_ros.engines import EngineInfo
from depth_seg_ros.engines.recovery import LOST
from depth_seg_ros.metrics.latency import Percentiles
from depth_seg_ros.perception import health, wording
from depth_seg_ros.perception.arrivals import Arrivals, ArrivalWatch, SilenceWatch, explain_silence
from depth_seg_ros.perception.health import InputState
from depth_seg_ros.perception.report import LoopReport, Recent
from depth_seg_ros.spec import ModelSpec


def report(**changes) -> LoopReport:
    values = {
        "received": 10,
        "processed": 8,
        "failed": 0,
        "internal": 0,
        "broken": "",
        "dropped": 2,
        "waiting": 0,
        "input_rate_hz": 10.0,
        "output_rate_hz": 8.0,
        "stages": {"inference": Percentiles(8, 20.0, 25.0, 26.0, 27.0)},
        "latency": Percentiles(8, 22.0, 27.0, 28.0, 30.0),
        "input_age": Percentiles(8, 3.0, 4.0, 5.0, 6.0),
        "since_input_s": 0.1,
    }
    return LoopReport(**(values | changes))


def state(**changes) -> InputState:
    values = {
        "topic": "/front/image_raw",
        "publishers": 1,
        "camera": "known",
        "arrivals": Arrivals(),
    }
    return InputState(**(values | changes))


def test_a_healthy_input_names_rate_and_topic() -> None:
    status = health.input_status(state(), report(), 5.0, 1.0)
    assert (status.level, status.message) == (health.OK, "10.0 Hz on /front/image_raw")
    assert status.values["age on arrival p95 [ms]"] == "4.00"


def test_silence_names_the_topic_and_the_likely_reason() -> None:
    found = state(silence="nobody publishes it")
    status = health.input_status(found, report(since_input_s=7.2), 5.0, 1.0)
    assert status.level == health.ERROR
    assert status.message == "no image on /front/image_raw for 7 s: nobody publishes it"


IMAGE, INFO = "sensor_msgs/msg/Image", "sensor_msgs/msg/CameraInfo"


@pytest.mark.parametrize(
    ("publishers", "offered", "reason"),
    [
        (0, {}, "nobody publishes it (remap image:=<your camera's topic>)"),
        (0, {"/cam": [IMAGE], "/info": [INFO]}, f"topic>); {IMAGE} is on: /cam"),
        (2, {"/image": [IMAGE]}, "2 publisher(s) there, but nothing arrives"),
        (1, {"/image": [INFO]}, f"it carries {INFO}, not {IMAGE}"),
    ],
)
def test_the_likely_reason_of_silence(publishers: int, offered: dict, reason: str) -> None:
    assert reason in explain_silence("/image", IMAGE, publishers, offered)


def test_silence_is_noticed_once_and_its_end_too() -> None:
    watch = SilenceWatch()
    assert [watch.look(s, 5.0) for s in (0, 6, 7, 0, 1)] == [None, True, None, False, None]


@pytest.mark.parametrize(
    ("changes", "of_report", "hint"),
    [
        ({"camera": "missing"}, {}, "no camera_info"),
        ({"camera": "uncalibrated"}, {}, "all zeros"),
        ({"problems": ("a publisher on /x ...",)}, {}, "a publisher on /x"),
        ({}, {"input_age": Percentiles(1, 5e3, 5e3, 5e3, 5e3)}, "5.0 s old"),
    ],
)
def test_what_is_worth_a_warning(changes: dict, of_report: dict, hint: str) -> None:
    status = health.input_status(state(**changes), report(**of_report), 5.0, 1.0)
    assert status.level == health.WARN
    assert hint in status.message


def test_processing_counts_and_percentiles() -> None:
    status = health.processing_status(report(), True, 3, "")
    assert status.level == health.OK
    assert status.values["processed"] == "5"  # 8 taken, 3 of them for nobody
    assert status.values["inference p99 [ms]"] == "26.00"
    assert status.values["dropped (newer image came)"] == "2"


def processing(recent: Recent, error: str = "", **changes) -> tuple[int, str]:
    status = health.processing_status(
        report(recent=recent, **changes), True, 0, error, max_dropped_share=0.5
    )
    return status.level, status.message


def test_failures_warn_while_they_are_recent_and_nothing_but_failures_is_an_error() -> None:
    some = processing(Recent(processed=5, failed=1), "image too short", failed=1)
    assert some == (health.WARN, "1 images failed in 10 s, last: image too short")
    all_ = processing(Recent(failed=4), "no GPU", failed=40, processed=900)
    assert all_ == (health.ERROR, "no image could be processed: no GPU")
    long_ago = processing(Recent(processed=50), "image too short", failed=1)
    assert long_ago[0] == health.OK


def test_falling_behind_is_a_warning_beyond_a_stated_share() -> None:
    level, message = processing(Recent(processed=4, dropped=6))
    assert level == health.WARN
    assert message.startswith("falling behind: 60 % of the images of the last 10 s")
    assert processing(Recent(processed=6, dropped=4), dropped=999)[0] == health.OK


def test_a_wrong_guess_about_the_camera_is_in_the_diagnostics() -> None:
    found = health.input_status(state(doubt="/x looks raw", focal_from="P"), report(), 5.0, 1.0)
    assert (found.level, found.message) == (health.WARN, "/x looks raw")
    assert found.values["focal length from"] == "P"


def test_nobody_listens_is_said() -> None:
    assert "nobody subscribes" in health.processing_status(report(), False, 8, "").message


def test_engine_identity_or_why_there_is_none() -> None:
    spec = ModelSpec("ds_net", 256, 160, 150.0, 309.0, 80.0)
    info = EngineInfo("tensorrt", "10.3", "Orin", "fp16", (1, 160, 256, 3), ("depth",), {"x": 1})
    status = health.engine_status(info, spec)
    assert status.message == "ds_net on tensorrt fp16, Orin"
    assert status.level == health.OK and status.values["x"] == "1"
    lost = health.engine_status(replace(info, details={LOST: "it was lost once"}), spec)
    assert lost.level == health.WARN and lost.message.endswith("Orin; it was lost once")
    assert wording.read_engine(status.values, spec).precision == "fp16"
    assert health.idle("/image", "no model 'x'")["engine"].level == health.ERROR
    assert health.idle("/image", "")["engine"].level == health.STALE


def test_what_is_written_is_read_back() -> None:
    values = wording.percentile_values("latency in node", Percentiles(8, 22.0, 27.0, 28.0, 30.0))
    assert wording.read_percentiles(values, wording.LATENCY) == (22.0, 27.0, 28.0)
    assert wording.read_percentiles({}, wording.LATENCY) is None


def test_the_highest_rate_thins_on_a_grid() -> None:
    watch = ArrivalWatch()
    taken = [watch.take(n, n / 30, 20.0) for n in range(300)]
    assert 195 <= sum(taken) <= 201  # 10 s at 20 Hz, not at 15
    assert watch.counts().skipped == 300 - sum(taken)


def test_a_camera_at_the_highest_rate_loses_nothing_to_jitter() -> None:
    watch = ArrivalWatch()
    jitter = [0.0004, -0.0004, 0.0002, -0.0003]
    assert all(watch.take(n, n / 10 + jitter[n % 4], 10.0) for n in range(200))


def test_stamps_back_and_twice_are_counted_not_refused() -> None:
    watch = ArrivalWatch()
    assert all(watch.take(s, i, 0.0) for i, s in enumerate([5, 6, 6, 2, 3]))
    assert watch.counts() == Arrivals(skipped=0, backwards=1, duplicates=1)
