"""What the real perception node, as a process on a real ROS 2 graph, publishes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

pytest.importorskip(
    "rclpy", reason="ROS 2 is not installed (pip has it for Linux x86_64: the extra [ros])"
)

from graph_images import ERROR, HEIGHT, LATCHED, OK, WIDTH, Classes, depth_of, feed, flat, pixels
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, PointCloud2


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


def test_an_imu_tells_the_attitude_or_why_it_does_not(graph, perception, camera, eventually):
    from sensor_msgs.msg import Imu

    perception(camera_height_m=0.4, imu_topic="/imu/data")
    depth = graph.collect(Image, "/depth/image")
    publisher = graph.node.create_publisher(Imu, "/imu/data", 10)
    camera.wait_matched()
    eventually(lambda: publisher.get_subscription_count() == 1, "the node listens")
    message = Imu()
    message.header.frame_id = "camera_optical"
    message.orientation_covariance[0] = -1.0

    def shot(stamp_ns: int) -> str:
        """What is said of the IMU after an image among its messages."""
        for late_ns in range(0, 2 * 10**9, 3 * 10**8):
            stamp = divmod(stamp_ns + late_ns, 10**9)
            message.header.stamp.sec, message.header.stamp.nanosec = stamp
            publisher.publish(message)
        feed(camera, eventually, depth, flat(150), stamp_ns)
        return graph.diagnostic("ground")[2].get("IMU", "")

    eventually(lambda: "gives no orientation" in shot(10**9), "why it is not used")
    # An optical frame that looks ahead: z (ahead) is the world's x, y (down) its -z.
    message.orientation_covariance[0] = 0.0
    x, y, z, w = -0.5, 0.5, -0.5, 0.5
    message.orientation.x, message.orientation.y = x, y
    message.orientation.z, message.orientation.w = z, w
    eventually(lambda: shot(9 * 10**9) == "no complaint", "the attitude is used")
    values = graph.diagnostic("ground")[2]
    assert float(values["pitch [deg]"]) == pytest.approx(0, abs=0.1)


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
