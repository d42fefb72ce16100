"""What an obstacle layer is given: unsure depth left out, heights above the ground, no points in
the air between near and far, and the ground itself as a pose."""

from dataclasses import replace

import numpy as np
import pytest

from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.messages import points, topics
from depth_seg_ros.messages.cdr import deserialize, serialize
from depth_seg_ros.messages.ground import ground_payload
from depth_seg_ros.messages.outputs import OutputBuilder, OutputOptions
from depth_seg_ros.messages.payloads import Header
from depth_seg_ros.messages.points import HEIGHT_STEP, without_flying
from depth_seg_ros.messages.transforms import rotation_matrix
from depth_seg_ros.types import Frame, Ground, Intrinsics, Prediction, Rig

CAMERA = Intrinsics(64, 48, 50.0, 50.0, 31.5, 23.5)
RIG = Rig(1.2, -0.2, 0.1)
GROUND = Ground(1.2, tuple(RIG.down().tolist()))


def prediction(ground: Ground | None = GROUND) -> tuple[Frame, Prediction]:
    """A wall 6 m away; the network is sure of its left half."""
    shape = 48, 64
    frame = Frame(5, "cam", np.zeros((*shape, 3), np.uint8), CAMERA)
    sure = np.full(shape, 50, np.uint8)
    sure[:, :32] = 220
    depth = np.full(shape, 6.0, np.float32)
    depth[0, 0] = np.nan
    labels = np.full(shape, 11, np.uint8)
    return frame, Prediction(5, "cam", depth, labels, labels, CAMERA, sure, ground)


def build(topic: topics.Topic, options: OutputOptions, ground: Ground | None = GROUND):
    builder = OutputBuilder(NETWORK_CLASSES, options)
    return builder.build(*prediction(ground), 80.0, {topic}).get(topic)


def test_unsure_depth_becomes_unknown_in_both_encodings_and_in_points() -> None:
    options = OutputOptions(min_depth_confidence=0.5)
    depth = build(topics.DEPTH, options).data.view("<f4").reshape(48, 64)
    assert np.isnan(depth[:, 32:]).all() and (depth[1:, :32] == 6).all()
    millimetres = build(topics.DEPTH, OutputOptions("16UC1", min_depth_confidence=0.5))
    values = millimetres.data.view("<u2").reshape(48, 64)
    assert (values[:, 32:] == 0).all() and (values[1:, :32] == 6000).all()
    z = build(topics.POINTS, options).data.view("<f4").reshape(48, 64, 5)[..., 2]
    assert np.array_equal(np.isnan(z), np.isnan(depth))


def test_points_know_their_height_above_the_ground() -> None:
    cloud = build(topics.POINTS, OutputOptions(points_height=True))
    assert cloud.point_step == HEIGHT_STEP and cloud.fields[-1].name == "height"
    assert {f.name for f in cloud.fields[:-1]} == {f.name for f in points.FIELDS}
    values = cloud.data.view("<f4").reshape(48, 64, 6)
    expected = 1.2 - values[..., :3] @ RIG.down()
    assert np.allclose(values[..., 5], expected, atol=1e-5, equal_nan=True)
    assert np.isnan(values[0, 0, 5]) and np.isfinite(values[5, 5, 5])
    unknown = build(topics.POINTS, OutputOptions(points_height=True), ground=None)
    assert np.isnan(unknown.data.view("<f4").reshape(48, 64, 6)[..., 5]).all()
    wrong = replace(GROUND, contradicted=True)
    refused = build(topics.POINTS, OutputOptions(points_height=True), ground=wrong)
    assert np.isnan(refused.data.view("<f4").reshape(48, 64, 6)[..., 5]).all()
    assert build(topics.POINTS, OutputOptions()).point_step == points.POINT_STEP


def test_flying_points_between_near_and_far_are_left_out() -> None:
    columns = np.interp(np.arange(64), [20, 26], [4, 20]).astype(np.float32)
    depth = np.tile(columns, (48, 1))
    depth[:, 50] = np.nan
    kept = without_flying(depth, 0.15)
    assert np.isnan(kept[:, 20:26]).all()
    assert np.array_equal(kept[:, :19], depth[:, :19])
    assert np.array_equal(kept[:, 28:], depth[:, 28:], equal_nan=True)  # beside unknown stays
    rows = 1.2 / np.maximum((np.arange(48) - 23.5) / 500, 0.004)
    ground = np.repeat(rows.astype(np.float32)[:, None], 64, 1)
    assert np.array_equal(without_flying(ground, 0.5)[30:], ground[30:])
    cloud = build(topics.POINTS, OutputOptions(points_max_jump=0.15))
    assert np.isfinite(cloud.data.view("<f4").reshape(48, 64, 5)[1:, :, 2]).all()


@pytest.mark.parametrize("rig", [RIG, Rig(8.0, -1.57, 0.0), Rig(0.3, 0.5, -0.4)])
def test_the_ground_is_a_pose_in_the_cameras_frame(rig: Rig) -> None:
    payload = ground_payload(Header(7, "cam"), Ground(rig.height_m, tuple(rig.down().tolist())))
    turned = rotation_matrix(*payload.orientation)
    assert np.allclose(turned[:, 2], -rig.down(), atol=1e-6)  # z is up
    assert np.linalg.det(turned) == pytest.approx(1)
    foot = np.array(payload.position)
    assert np.allclose(foot, rig.height_m * rig.down())
    back = deserialize(bytes(serialize(payload)[1]), topics.GROUND.message)
    assert back.header.frame_id == "cam" and back.pose.position.y == payload.position[1]
    assert back.pose.orientation.w == payload.orientation[3]


def test_no_ground_no_pose() -> None:
    assert build(topics.GROUND, OutputOptions(), ground=None) is None
    assert build(topics.GROUND, OutputOptions(), replace(GROUND, contradicted=True)) is None
    assert build(topics.GROUND, OutputOptions()).header.stamp_ns == 5
