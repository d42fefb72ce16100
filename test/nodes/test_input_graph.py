"""The real perception node and its camera: corrupt, missing, changing, compressed, too quick."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest

pytest.importorskip(
    "rclpy", reason="ROS 2 is not installed (pip has it for Linux x86_64: the extra [ros])"
)

from graph_images import ERROR, HEIGHT, OK, WARN, WIDTH, depth_of, feed, flat
from sensor_msgs.msg import Image


def test_corrupt_images_are_counted_and_the_node_lives(graph, perception, camera, eventually):
    perception()
    depth = graph.collect(Image, "/depth/image")
    camera.wait_matched()
    feed(camera, eventually, depth, flat(150), 10**9)
    good = flat(150)
    bad = [
        {"step": 1},
        {"height": HEIGHT * 2},
        {"data": b""},
        {"width": 0, "height": 0, "step": 0, "data": b""},
        {"encoding": "rgb16"},
        {"encoding": "no such thing"},
        {"width": 2**31},
    ]
    for number, changes in enumerate(bad, start=1):
        camera.shoot(good, (10 + number) * 10**9, **changes)
        eventually(
            lambda n=number: int(graph.diagnostic("processing")[2].get("failed", 0)) >= n,
            f"{changes} counted",
        )
    feed(camera, eventually, depth, good, 100 * 10**9)
    eventually(lambda: graph.diagnostic("processing")[0] == WARN, "some failed, some did not")
    assert graph.diagnostic("processing")[2]["failed"] == str(len(bad))
    # One bad image is no warning for ever: it leaves the window of ten seconds.
    eventually(lambda: graph.diagnostic("processing")[0] == OK, "forgotten")


def test_a_camera_that_vanishes_and_comes_back(graph, perception, camera, make_camera, eventually):
    process = perception(diagnostics__no_image_after_s=1.0)
    depth = graph.collect(Image, "/depth/image")
    camera.wait_matched()
    feed(camera, eventually, depth, flat(150), 10**9)
    for publisher in (camera.image, camera.info, camera.compressed):
        graph.node.destroy_publisher(publisher)
    eventually(lambda: graph.diagnostic("input")[0] == ERROR, "the silence is reported")
    assert "no image on /image" in graph.diagnostic("input")[1]
    time.sleep(1.2)  # the log is looked after once a second
    back = make_camera(graph)
    back.wait_matched()
    feed(back, eventually, depth, flat(150), 50 * 10**9, frames=3)
    eventually(lambda: graph.diagnostic("input")[0] != ERROR, "the silence is over")
    time.sleep(1.2)
    said = graph.stop(process)
    assert "no image on /image" in said
    assert "images arrive again on /image" in said


def test_size_encoding_and_camera_may_change_mid_stream(
    graph, perception, camera, eventually, stamp
):
    perception()
    depth = graph.collect(Image, "/depth/image")
    camera.wait_matched()
    feed(camera, eventually, depth, flat(150), 10**9)
    feed(camera, eventually, depth, flat(150, size=(320, 200)), 2 * 10**9, frames=2)
    assert (depth[-1].width, depth[-1].height) == (320, 200)
    np.testing.assert_allclose(depth_of(depth[-1]), 12 * 5 / 20, rtol=1e-5)  # f 50 is wider now
    bgr = np.ascontiguousarray(flat(150, size=(320, 200))[..., ::-1])
    wanted = 77 * 10**9

    def until_seen():
        camera.shoot(bgr, wanted, encoding="bgr8")
        return any(stamp(m) == wanted for m in depth)

    eventually(until_seen, "a bgr8 image")
    np.testing.assert_allclose(depth_of(depth[-1]), 12 * 5 / 20, rtol=1e-5)


def test_stamps_that_go_back_or_repeat_are_processed_and_counted(
    graph, perception, camera, eventually, stamp
):
    perception()
    depth = graph.collect(Image, "/depth/image")
    camera.wait_matched()
    feed(camera, eventually, depth, flat(150), 50 * 10**9)
    for stamp_ns in (10**9, 2 * 10**9, 2 * 10**9):
        before = len(depth)
        camera.shoot(flat(150), stamp_ns)
        eventually(
            lambda n=before, s=stamp_ns: any(stamp(m) == s for m in depth[n:]),
            f"output for {stamp_ns}",
        )
    eventually(lambda: graph.diagnostic("input")[2].get("stamps twice") == "1", "duplicate")
    assert graph.diagnostic("input")[2]["stamps going back"] == "1"


def test_compressed_input(graph, perception, camera, eventually, stamp):
    perception(image_transport="compressed")
    depth = graph.collect(Image, "/depth/image")
    camera.wait_matched(compressed=True)
    _, jpeg = cv2.imencode(".jpg", flat(150)[..., ::-1])

    def step():
        camera.info.publish(camera.calibration(WIDTH, HEIGHT))
        camera.shoot_compressed(jpeg.tobytes(), 10**9)
        return len(depth) > 2

    eventually(step, "outputs from JPEG")
    np.testing.assert_allclose(depth_of(depth[-1]), 6.0, rtol=0.02)
    camera.shoot_compressed(jpeg.tobytes()[:-20], 2 * 10**9)
    eventually(lambda: graph.diagnostic("processing")[2].get("failed") == "1", "cut off: counted")


def test_the_first_image_waits_for_a_calibration_that_is_on_its_way(
    graph, perception, camera, eventually
):
    perception()
    depth = graph.collect(Image, "/depth/image")
    camera.wait_matched()
    camera.image.publish(camera.picture(flat(150), 10**9))
    time.sleep(0.1)
    camera.info.publish(camera.calibration(WIDTH, HEIGHT))
    feed(camera, eventually, depth, flat(150), 2 * 10**9)
    assert all(np.allclose(depth_of(m), 6.0, rtol=1e-5) for m in depth)  # 12 without


def test_no_camera_info_is_said_and_can_be_required(graph, perception, camera, eventually):
    process = perception()
    depth = graph.collect(Image, "/depth/image")
    camera.wait_matched()

    def step():
        camera.image.publish(camera.picture(flat(150), 10**9))
        return len(depth) > 2

    eventually(step, "depth without calibration")
    np.testing.assert_allclose(depth_of(depth[-1]), 12.0, rtol=1e-5)  # as for the training camera
    eventually(lambda: graph.diagnostic("input")[2].get("camera_info") == "missing", "said")
    graph.stop(process)
    perception(require_camera_info=True)
    before = len(depth)

    def refused():
        camera.image.publish(camera.picture(flat(150), 10**9))
        return "camera_info" in graph.diagnostic("processing")[1]

    eventually(refused, "refused, with the reason")
    assert len(depth) == before


def test_images_above_the_highest_rate_are_skipped(graph, perception, camera, eventually):
    perception(max_rate_hz=1.0)
    depth = graph.collect(Image, "/depth/image")
    camera.wait_matched()
    feed(camera, eventually, depth, flat(150), 10**9, frames=2)
    eventually(
        lambda: int(graph.diagnostic("input")[2].get("skipped (max_rate_hz)", 0)) > 5, "skips"
    )


def test_qos_can_be_overridden_and_a_mismatch_is_said(graph, perception, camera, eventually):
    process = perception("-p", "qos_overrides./image.subscription.reliability:=reliable")
    text = "a publisher on /image offers an incompatible QoS (RELIABILITY)"  # it is best effort
    eventually(lambda: text in graph.diagnostic("input")[1], "in the diagnostics")
    time.sleep(1.2)  # the log is looked after once a second
    said = graph.stop(process)
    assert text in said
