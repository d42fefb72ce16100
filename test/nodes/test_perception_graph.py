"""The real perception node, as a process, on a real ROS 2 graph with ONNX Runtime on the CPU.

The tiny network says depth = 2 + mean colour / 10 (for its own camera), road where red is bright,
sky elsewhere, confidence = red.
"""

from __future__ import annotations

import itertools
import json
import time

import cv2
import numpy as np
import pytest

pytest.importorskip(
    "rclpy", reason="ROS 2 is not installed (pip has it for Linux x86_64: the extra [ros])"
)

from lifecycle_msgs.msg import Transition
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, PointCloud2
from std_msgs.msg import String

from depth_seg_ros.nodes.optional import has

WIDTH, HEIGHT = 160, 100  # the tiny network's aspect, five times as large
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
ERROR, WARN, OK = 2, 1, 0


def flat(red: int, green: int = 90, blue: int = 60, size=(WIDTH, HEIGHT)) -> np.ndarray:
    """An image of one colour; (150, 90, 60) has mean 100."""
    return np.full((size[1], size[0], 3), (red, green, blue), np.uint8)


def depth_of(message: Image) -> np.ndarray:
    kind = {"32FC1": np.float32, "16UC1": np.uint16}[message.encoding]
    return np.frombuffer(message.data, kind).reshape(message.height, message.width)


def pixels(message: Image) -> np.ndarray:
    return np.frombuffer(message.data, np.uint8).reshape(message.height, message.width)


class Classes:
    """What the latched topics say: LabelInfo where this ROS has it, the same as JSON everywhere."""

    def __init__(self, graph) -> None:
        self._text = graph.collect(String, "/labels/classes", LATCHED)
        self._info: list | None = None
        if has("vision_msgs"):
            from vision_msgs.msg import LabelInfo

            self._info = graph.collect(LabelInfo, "/labels/info", LATCHED)

    def __bool__(self) -> bool:
        return bool(self._text) and self._info != []

    @property
    def names(self) -> dict[int, str]:
        names = {int(i): n for i, n in json.loads(self._text[-1].data)["classes"].items()}
        if self._info is not None:
            assert {c.class_id: c.class_name for c in self._info[-1].class_map} == names
        return names

    def threshold_is(self, value: float) -> bool:
        told = [json.loads(m.data)["threshold"] for m in self._text[-1:]]
        told += [m.threshold for m in self._info[-1:]] if self._info is not None else []
        return bool(self) and all(t == value for t in told)


def feed(camera, eventually, received, rgb, first_ns, frames=1, timeout_s=30.0):
    """Publish images until ``received`` has grown by ``frames`` (matching takes its time)."""
    wanted = len(received) + frames
    stamps = itertools.count(first_ns, 100_000_000)

    def step():
        camera.shoot(rgb, next(stamps))
        return len(received) >= wanted

    eventually(step, f"{frames} outputs", timeout_s)


def test_outputs_are_the_networks_with_the_inputs_header(
    graph, perception, camera, eventually, stamp
):
    perception()
    depth = graph.collect(Image, "/depth/image")
    infos = graph.collect(CameraInfo, "/depth/camera_info")
    labels = graph.collect(Image, "/labels/image")
    confidence = graph.collect(Image, "/labels/confidence")
    overlay = graph.collect(Image, "/overlay/image")
    jpeg = graph.collect(CompressedImage, "/overlay/image/compressed")
    camera.wait_matched()
    feed(camera, eventually, jpeg, flat(150), 5_000_000_001, frames=3)
    eventually(lambda: all((depth, infos, labels, confidence, overlay)), "every output")

    newest = depth[-1]
    assert newest.header.frame_id == "camera_optical"
    assert stamp(newest) % 100_000_000 == 1, "the stamp is the image's, to the nanosecond"
    # Camera f 50 px at 160 px wide is 10 at the network's 32; the network was trained at 20.
    np.testing.assert_allclose(depth_of(newest), (2 + 100 / 10) * 10 / 20, rtol=1e-5)
    assert (infos[-1].width, infos[-1].height, infos[-1].k[0]) == (WIDTH, HEIGHT, 50.0)
    assert np.all(pixels(labels[-1]) == 7)
    assert np.all(pixels(confidence[-1]) == 150)
    assert (overlay[-1].encoding, overlay[-1].width, overlay[-1].height) == ("rgb8", WIDTH, HEIGHT)
    picture = cv2.imdecode(np.frombuffer(jpeg[-1].data, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (HEIGHT, WIDTH, 3)
    shared = {stamp(m) for m in depth} & {stamp(m) for m in labels} & {stamp(m) for m in infos}
    assert shared, "outputs of one image carry one stamp"


def test_what_nav2_takes(graph, perception, camera, eventually, stamp):
    """semantic_segmentation_layer: masks, aligned cloud, sensor QoS, latched LabelInfo."""
    perception()
    labels = graph.collect(Image, "/labels/image", qos_profile_sensor_data)
    confidence = graph.collect(Image, "/labels/confidence", qos_profile_sensor_data)
    clouds = graph.collect(PointCloud2, "/points", qos_profile_sensor_data)
    info = Classes(graph)
    eventually(lambda: info, "the classes before the first mask")
    camera.wait_matched()
    feed(camera, eventually, clouds, flat(150), 1_000_000_000, frames=3)
    eventually(lambda: {stamp(m) for m in labels} & {stamp(m) for m in clouds}, "equal stamps")

    names = info.names
    assert (names[7], names[23], names[255]) == ("road", "sky", "UNLABELED")
    assert labels[-1].encoding == confidence[-1].encoding == "mono8"
    cloud = clouds[-1]
    assert (cloud.height, cloud.width) == (labels[-1].height, labels[-1].width)
    assert cloud.header.frame_id == "camera_optical"
    offsets = {f.name: f.offset for f in cloud.fields}
    data = np.frombuffer(cloud.data, np.uint8).reshape(HEIGHT, WIDTH, cloud.point_step)
    xyz = np.stack(
        [
            np.ascontiguousarray(data[..., offsets[a] : offsets[a] + 4]).view(np.float32)[..., 0]
            for a in "xyz"
        ],
        axis=-1,
    )
    v, u = 10, 130
    z = 6.0
    expected = ((u - (WIDTH - 1) / 2) * z / 50, (v - (HEIGHT - 1) / 2) * z / 50, z)
    np.testing.assert_allclose(xyz[v, u], expected, rtol=1e-5)
    assert np.all(data[..., offsets["label"]] == 7)


def test_label_info_reaches_who_comes_late(graph, perception, eventually):
    perception()
    eventually(lambda: graph.diagnostic("engine")[0] == OK, "running")
    late = Classes(graph)
    eventually(lambda: late, "the latched classes", 10)
    assert len(late.names) == 31  # 30 channels and UNLABELED


def test_lifecycle_both_ways(graph, perception, camera, eventually):
    perception(state="unconfigured", autostart=False)
    depth = graph.collect(Image, "/depth/image")
    assert graph.change(Transition.TRANSITION_CONFIGURE)
    assert graph.state() == "inactive"
    assert camera.image.get_subscription_count() == 0, "an inactive node takes no images"
    assert graph.change(Transition.TRANSITION_ACTIVATE)
    camera.wait_matched()
    feed(camera, eventually, depth, flat(150), 10**9)
    assert graph.change(Transition.TRANSITION_DEACTIVATE)
    eventually(lambda: camera.image.get_subscription_count() == 0, "unsubscribed")
    assert graph.change(Transition.TRANSITION_CLEANUP)
    eventually(lambda: graph.node.count_publishers("/depth/image") == 0, "topics taken back")
    assert graph.change(Transition.TRANSITION_CONFIGURE)
    assert graph.change(Transition.TRANSITION_ACTIVATE)
    camera.wait_matched()
    feed(camera, eventually, depth, flat(150), 2 * 10**9)
    assert graph.change(Transition.TRANSITION_ACTIVE_SHUTDOWN)
    assert graph.state() == "finalized"


def test_a_missing_model_is_one_line_and_can_be_cured(graph, perception, tiny_onnx, tmp_path):
    missing = tmp_path / "nothing.onnx"
    process = perception(state="unconfigured", autostart=False, model=missing)
    assert not graph.change(Transition.TRANSITION_CONFIGURE)
    assert graph.state() == "unconfigured"
    assert graph.set_parameter("model", str(tiny_onnx)).successful
    assert graph.change(Transition.TRANSITION_CONFIGURE)
    said = graph.stop(process)
    errors = [line for line in said.splitlines() if "ERROR" in line]
    assert len(errors) == 1
    assert str(missing) in errors[0]
    assert "Traceback" not in said


def test_an_unreadable_model_fails_to_configure(graph, perception, tmp_path):
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"\x08\x01 this is not a network")
    process = perception(state="unconfigured", model=bad)  # autostart fails, the node lives
    said = graph.stop(process)
    assert str(bad) in said
    assert "Traceback" not in said


def test_parameters_that_cannot_change_are_refused_with_the_reason(graph, perception, eventually):
    perception()
    eventually(lambda: graph.state() == "active", "active")
    result = graph.set_parameter("model", "depth_mancini")
    assert not result.successful
    assert "clean the node up" in result.reason
    result = graph.set_parameter("engine.precision", "int8")
    assert not result.successful
    result = graph.set_parameter("labels.min_confidence", 1.5)
    assert not result.successful
    assert "1.5" in result.reason
    assert graph.set_parameter("max_rate_hz", 5.0).successful


def test_a_bad_parameter_at_start_is_one_line(graph):
    process = graph.start("perception_node", image_transport="theora")
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "image_transport is 'theora'; known: raw, compressed" in said
    assert "Traceback" not in said


def test_min_confidence_takes_effect_while_running(graph, perception, camera, eventually):
    perception()
    labels = graph.collect(Image, "/labels/image")
    info = Classes(graph)
    camera.wait_matched()
    feed(camera, eventually, labels, flat(150), 10**9)
    assert graph.set_parameter("labels.min_confidence", 0.75).successful  # 150 / 255 = 0.59
    eventually(lambda: info.threshold_is(0.75), "the new threshold, latched")
    feed(camera, eventually, labels, flat(150), 2 * 10**9, frames=2)
    assert np.all(pixels(labels[-1]) == 255)


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


def test_depth_limits_and_millimetres(graph, perception, camera, eventually):
    perception(depth__encoding="16UC1", depth__max_m=7.0)
    depth = graph.collect(Image, "/depth/image")
    camera.wait_matched()
    half = flat(150)
    half[:, WIDTH // 2 :] = (250, 250, 250)  # 27 m x 10 / 20 = 13.5 m: too far
    feed(camera, eventually, depth, half, 10**9)
    mm = depth_of(depth[-1])
    assert mm[50, 10] == 6000
    assert mm[50, 150] == 0


def test_a_depth_network_offers_no_labels(
    graph, perception, camera, eventually, make_tiny_onnx, tmp_path
):
    model = make_tiny_onnx(tmp_path / "depth.onnx", labels=False)
    perception(model=model)
    depth = graph.collect(Image, "/depth/image")
    camera.wait_matched()
    feed(camera, eventually, depth, flat(150), 10**9)
    names = {name for name, _ in graph.node.get_topic_names_and_types()}
    assert "/depth/image" in names
    assert not {n for n in names if n.startswith("/labels")}


def test_images_above_the_highest_rate_are_skipped(graph, perception, camera, eventually):
    perception(max_rate_hz=1.0)
    depth = graph.collect(Image, "/depth/image")
    camera.wait_matched()
    feed(camera, eventually, depth, flat(150), 10**9, frames=2)
    eventually(
        lambda: int(graph.diagnostic("input")[2].get("skipped (max_rate_hz)", 0)) > 5, "skips"
    )


def test_nothing_is_computed_for_nobody(graph, perception, camera, eventually):
    perception()
    camera.wait_matched()

    def step():
        camera.shoot(flat(150), 10**9)
        return "nobody subscribes" in graph.diagnostic("processing")[1]

    eventually(step, "said in the diagnostics")
    eventually(
        lambda: int(graph.diagnostic("processing")[2]["not computed (no subscriber)"]) > 0, "count"
    )
    assert graph.diagnostic("processing")[2]["processed"] == "0"


def test_an_incompatible_subscriber_is_reported(graph, perception, eventually):
    perception()
    graph.collect(Image, "/depth/image", LATCHED)  # asks for what is not offered
    eventually(lambda: "a subscriber of /depth/image" in graph.diagnostic("input")[1]
               or graph.diagnostic("input")[0] == ERROR, "said")  # fmt: skip


def test_qos_can_be_overridden_and_a_mismatch_is_said(graph, perception, camera, eventually):
    process = perception("-p", "qos_overrides./image.subscription.reliability:=reliable")
    text = "a publisher on /image offers an incompatible QoS (RELIABILITY)"  # it is best effort
    eventually(lambda: text in graph.diagnostic("input")[1], "in the diagnostics")
    time.sleep(1.2)  # the log is looked after once a second
    said = graph.stop(process)
    assert text in said


def test_a_thousand_frames_leave_the_memory_where_it_was(graph, perception, camera, eventually):
    process = perception()
    received = {
        topic: graph.collect(kind, topic, qos_profile_sensor_data)
        for topic, kind in (
            ("/depth/image", Image), ("/labels/image", Image), ("/labels/confidence", Image),
            ("/points", PointCloud2), ("/overlay/image", Image),
        )
    }  # fmt: skip
    depth = received["/depth/image"]
    camera.wait_matched()
    # Lock step: every image is answered before the next, so none is dropped.
    seen, resident_kb = 0, {}
    for number in range(1100):
        camera.shoot(flat(150 if number % 2 else 50), number * 10**8)
        end = 0
        while not depth and end < 400:
            time.sleep(0.005)
            end += 1
        seen += len(depth)
        for messages in received.values():
            messages.clear()
        if number in (99, 1099):
            resident_kb[number] = _resident_kb(process.pid)
    assert seen >= 1000
    assert resident_kb[1099] - resident_kb[99] < 8_000, resident_kb


def test_cleanup_frees_the_engine_again_and_again(
    graph, perception, camera, eventually, tiny_onnx, tmp_path
):
    process = perception(
        state="unconfigured", autostart=False, model=heavy(tiny_onnx, tmp_path / "heavy.onnx")
    )
    depth = graph.collect(Image, "/depth/image")
    loaded_kb, freed_kb = [], []
    for cycle in range(5):
        assert graph.change(Transition.TRANSITION_CONFIGURE)
        assert graph.change(Transition.TRANSITION_ACTIVATE)
        camera.wait_matched()
        feed(camera, eventually, depth, flat(150), (cycle + 1) * 10**9)
        loaded_kb.append(_resident_kb(process.pid))
        assert graph.change(Transition.TRANSITION_DEACTIVATE)
        eventually(lambda: camera.image.get_subscription_count() == 0, "unsubscribed")
        assert graph.change(Transition.TRANSITION_CLEANUP)
        freed_kb.append(_resident_kb(process.pid))
    weights_kb = HEAVY * 4 // 1024
    assert min(a - b for a, b in zip(loaded_kb, freed_kb, strict=True)) > 0.8 * weights_kb
    assert freed_kb[-1] - freed_kb[0] < 0.2 * weights_kb, (loaded_kb, freed_kb)


HEAVY = 12_000_000
"""Weights of :func:`heavy`: 48 MB, which the allocator gives back when they are freed."""


def heavy(model, path):
    """The same network carrying weights that no optimiser can fold away."""
    onnx = pytest.importorskip("onnx")
    proto = onnx.load(model)
    graph, make = proto.graph, onnx.helper.make_node
    for node in graph.node:
        if node.op_type == "Add":
            node.output[0] = "plain_depth"
    graph.initializer.extend(
        onnx.numpy_helper.from_array(array, name)
        for name, array in (
            ("weights", np.random.default_rng(0).random(HEAVY, np.float32)),
            ("nothing", np.array(0, np.float32)),
        )
    )
    graph.node.extend(
        [
            make("ReduceMax", ["plain_depth"], ["deepest"], keepdims=0),
            make("Cast", ["deepest"], ["which"], to=onnx.TensorProto.INT64),
            make("Gather", ["weights", "which"], ["weight"]),
            make("Mul", ["weight", "nothing"], ["zeroed"]),
            make("Add", ["plain_depth", "zeroed"], ["depth"]),
        ]
    )
    onnx.save(proto, path)
    return path


def _resident_kb(pid: int) -> int:
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
