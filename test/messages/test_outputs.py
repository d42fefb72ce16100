import struct

import cv2
import numpy as np
import pytest

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.messages import points, topics
from depth_seg_ros.messages.compressed import rgb_from_compressed
from depth_seg_ros.messages.compressed_depth import compressed_depth_payload
from depth_seg_ros.messages.depth import depth_payload, mark_out_of_range
from depth_seg_ros.messages.labels import confident_labels, label_info_payload
from depth_seg_ros.messages.outputs import OutputBuilder, OutputOptions
from depth_seg_ros.messages.payloads import Header, join_stamp, split_stamp
from depth_seg_ros.messages.points import POINT_STEP, PointPacker
from depth_seg_ros.messages.topics import FRAME_TOPICS, LABEL_TOPICS
from depth_seg_ros.types import Frame, Ground, Intrinsics, Prediction

from .fakes import camera_info, header

SIZES = {points.FLOAT32: 4, points.UINT32: 4}
CAMERA = Intrinsics(4, 3, 2.0, 4.0, 1.5, 1.0)
HEADER = Header(1_500_000_007, "camera_optical")
TAUGHT_M = 79.5


def room():
    """Memory of a cloud of CAMERA's size."""
    return np.empty(POINT_STEP * CAMERA.width * CAMERA.height, np.uint8)


def frame_and_prediction(labels=True, camera=CAMERA):
    rng = np.random.default_rng(3)
    image = rng.integers(0, 256, (3, 4, 3), dtype=np.uint8)
    mask = rng.integers(0, 30, (3, 4), dtype=np.uint8)
    frame = Frame(HEADER.stamp_ns, HEADER.frame_id, image, camera)
    return frame, Prediction(
        stamp_ns=frame.stamp_ns,
        frame_id=frame.frame_id,
        depth_m=np.array([[1, 2, np.nan, 0.4], [80, 79, 5, 6], [7, 8, 9, 10]], np.float32),
        labels=mask if labels else None,
        confidence=mask * 3 if labels else None,
        intrinsics=camera,
        depth_confidence=np.arange(0, 240, 20, dtype=np.uint8).reshape(3, 4) if labels else None,
        ground=Ground(1.5, (0.0, 1.0, 0.0)) if labels else None,
    )


def test_rep_117_and_118():
    _, prediction = frame_and_prediction()
    marked = mark_out_of_range(prediction.depth_m, 0.5, 79.5)
    expected = np.array([[1, 2, np.nan, -np.inf], [np.inf, 79, 5, 6], [7, 8, 9, 10]], np.float32)
    assert np.array_equal(marked, expected, equal_nan=True)
    assert prediction.depth_m[1, 0] == 80  # the prediction itself is untouched
    metres = depth_payload(HEADER, marked, "32FC1")
    assert (metres.encoding, metres.step, metres.height, metres.width) == ("32FC1", 16, 3, 4)
    assert np.array_equal(metres.data.view("<f4").reshape(3, 4), expected, equal_nan=True)


def test_millimetres_are_zero_where_there_is_no_number():
    depth = np.array([[0.0004, 0.0006, 1.2344, np.nan, np.inf, -np.inf, 65.5, 66.0]], np.float32)
    payload = depth_payload(HEADER, depth, "16UC1")
    assert payload.data.view("<u2").tolist() == [0, 1, 1234, 0, 0, 0, 65500, 0]
    assert payload.step == 16


def test_wrong_limits_and_encodings_are_refused():
    with pytest.raises(ConfigError, match="near 2 m, far 1 m"):
        mark_out_of_range(np.zeros((1, 1), np.float32), 2, 1)
    with pytest.raises(ConfigError, match="known: 32FC1, 16UC1"):
        depth_payload(HEADER, np.zeros((1, 1), np.float32), "mono8")


def test_points_lie_where_the_pinhole_says():
    frame, prediction = frame_and_prediction()
    marked = mark_out_of_range(prediction.depth_m, 0.5, TAUGHT_M)
    cloud = PointPacker().cloud(HEADER, marked, frame.image, prediction.labels, CAMERA, room())
    assert (cloud.height, cloud.width, cloud.point_step, cloud.row_step) == (3, 4, 20, 80)
    values = cloud.data.view("<f4").reshape(3, 4, 5)
    # Row 2, column 3: z = 10, x = (3 - 1.5) * 10 / 2, y = (2 - 1) * 10 / 4.
    assert values[2, 3, :3].tolist() == [7.5, 2.5, 10.0]
    for v, u in ((0, 2), (0, 3), (1, 0)):  # NaN, too near, too far
        assert np.isnan(values[v, u, :3]).all()
    r, g, b = frame.image[2, 3]
    label = prediction.labels[2, 3]
    assert cloud.data.reshape(3, 4, 20)[2, 3, 12:].tolist() == [b, g, r, 0, label, 0, 0, 0]
    plain = PointPacker().cloud(HEADER, marked, frame.image, None, CAMERA, room())
    assert plain.data.reshape(3, 4, 20)[2, 3, 16] == 255


def as_sensor_msgs_py_reads_it(cloud):
    """The structured array that sensor_msgs_py (dtype_from_fields) makes of a cloud's fields."""
    formats = {points.FLOAT32: "<f4", points.UINT32: "<u4"}
    kind = np.dtype(
        {
            "names": [f.name for f in cloud.fields],
            "formats": [formats[f.datatype] for f in cloud.fields],
            "offsets": [f.offset for f in cloud.fields],
            "itemsize": cloud.point_step,
        }
    )
    return np.frombuffer(cloud.data.tobytes(), kind)


def test_every_field_has_its_own_bytes():
    taken = [b for f in points.FIELDS for b in range(f.offset, f.offset + SIZES[f.datatype])]
    assert len(taken) == len(set(taken))
    # sensor_msgs_py's create_cloud infers the step from the fields: nothing may follow the last.
    assert max(taken) == points.POINT_STEP - 1


def test_standard_tools_lose_no_point_to_its_colour_or_label():
    """skip_nans leaves out a point if any of its fields is NaN; transforms copy field by field."""
    image = np.full((3, 4, 3), 255, np.uint8)  # the exponent of a NaN, had rgb a fourth byte
    labels = np.full((3, 4), 255, np.uint8)
    depth = np.full((3, 4), 10, np.float32)
    depth[0, 0] = np.nan
    cloud = PointPacker().cloud(HEADER, depth, image, labels, CAMERA, room())
    read = as_sensor_msgs_py_reads_it(cloud)
    skipped = np.any([np.isnan(read[name]) for name in read.dtype.names], axis=0)
    assert skipped.sum() == 1 and skipped[0]
    made = np.zeros(12, read.dtype)
    for name in read.dtype.names:  # do_transform_cloud, create_cloud
        made[name] = read[name]
    assert np.array_equal(made[1:], read[1:])
    assert np.all(made["label"] == 255)


def test_the_packer_follows_a_changing_camera():
    packer = PointPacker()
    depth, image = np.ones((3, 4), np.float32), np.zeros((3, 4, 3), np.uint8)
    packer.cloud(HEADER, depth, image, None, CAMERA, room())
    other = Intrinsics(4, 3, 4.0, 4.0, 1.5, 1.0)
    cloud = packer.cloud(HEADER, depth, image, None, other, room())
    values = cloud.data.view("<f4").reshape(3, 4, 5)
    assert values[0, 3, 0] == pytest.approx(1.5 / 4)


def test_everything_wanted_is_built_with_one_header():
    frame, prediction = frame_and_prediction()
    builder = OutputBuilder(NETWORK_CLASSES)
    made = builder.build(frame, prediction, TAUGHT_M, FRAME_TOPICS, camera_info(4, 3))
    assert tuple(made) == FRAME_TOPICS
    assert {p.header for p in made.values()} == {HEADER}
    files = (topics.OVERLAY_JPEG, topics.DEPTH_COMPRESSED, topics.GROUND)
    sized = [p for t, p in made.items() if t not in files]
    assert np.array_equal(
        made[topics.DEPTH_CONFIDENCE].data, prediction.depth_confidence.reshape(-1)
    )
    assert {(p.height, p.width) for p in sized} == {(3, 4)}
    assert made[topics.LABELS].encoding == "mono8"
    assert np.array_equal(made[topics.LABELS].data, prediction.labels.reshape(-1))
    assert np.array_equal(made[topics.CONFIDENCE].data, prediction.confidence.reshape(-1))
    assert made[topics.DEPTH_INFO].k[0] == 5.0  # repeated, not recomputed
    assert made[topics.OVERLAY].encoding == "rgb8"
    assert rgb_from_compressed(made[topics.OVERLAY_JPEG]).shape == (3, 4, 3)


def test_large_payloads_are_written_into_the_memory_given():
    frame, prediction = frame_and_prediction()
    given = {}

    def memory(topic, size):
        return given.setdefault(topic, np.empty(size, np.uint8))

    made = OutputBuilder(NETWORK_CLASSES, memory=memory).build(
        frame, prediction, TAUGHT_M, FRAME_TOPICS
    )
    assert set(given) == {topics.DEPTH, topics.POINTS, topics.OVERLAY}
    assert all(np.shares_memory(made[t].data, given[t]) for t in given)


def test_payloads_come_one_by_one_so_that_the_first_need_not_wait():
    frame, prediction = frame_and_prediction()
    sizes = []
    each = OutputBuilder(NETWORK_CLASSES, memory=lambda t, n: sizes.append(t) or np.empty(n, "u1"))
    first = next(
        each.each(frame, prediction, TAUGHT_M, {topics.DEPTH, topics.POINTS, topics.OVERLAY})
    )
    assert first[0] == topics.DEPTH
    assert sizes == [topics.DEPTH]


def test_only_what_is_wanted_is_built():
    frame, prediction = frame_and_prediction()
    builder = OutputBuilder(NETWORK_CLASSES)
    for topic in FRAME_TOPICS:
        assert list(builder.build(frame, prediction, TAUGHT_M, {topic})) == [topic]
    assert builder.build(frame, prediction, TAUGHT_M, set()) == {}


def test_depth_only_networks_and_unknown_cameras():
    frame, prediction = frame_and_prediction(labels=False, camera=None)
    made = OutputBuilder(None).build(frame, prediction, TAUGHT_M, FRAME_TOPICS)
    assert set(made) == set(FRAME_TOPICS) - {
        topics.DEPTH_INFO, topics.POINTS, topics.LABELS, topics.CONFIDENCE,
        topics.DEPTH_CONFIDENCE, topics.GROUND,
    }  # fmt: skip
    offered = topics.offered_topics
    assert set(offered(True, has_confidence=True)) == {*FRAME_TOPICS, *LABEL_TOPICS}
    assert set(offered(False)) == set(FRAME_TOPICS) - {
        *LABEL_TOPICS, topics.DEPTH_CONFIDENCE, topics.GROUND,
    }  # fmt: skip
    assert topics.DEPTH_CONFIDENCE not in topics.offered_topics(True)
    assert topics.DEPTH_CONFIDENCE in topics.offered_topics(False, has_confidence=True)


def test_options_reach_the_outputs():
    frame, prediction = frame_and_prediction()
    options = OutputOptions("16UC1", min_depth_m=0.5, max_depth_m=8.5, min_confidence=0.1)
    made = OutputBuilder(NETWORK_CLASSES, options).build(
        frame, prediction, TAUGHT_M, {topics.DEPTH, topics.LABELS}
    )
    mm = made[topics.DEPTH].data.view("<u2").tolist()
    assert mm == [1000, 2000, 0, 0, 0, 0, 5000, 6000, 7000, 8000, 0, 0]
    expected = confident_labels(prediction.labels, prediction.confidence, 0.1)
    assert np.array_equal(made[topics.LABELS].data, expected.reshape(-1))


@pytest.mark.parametrize("encoding", ["32FC1", "16UC1"])
def test_compressed_depth_is_read_back_as_the_plugin_reads_it(encoding):
    rng = np.random.default_rng(0)
    depth_m = rng.uniform(0.4, 79, (30, 40)).astype(np.float32)
    depth_m[0, :3] = np.nan, np.inf, -np.inf
    payload = compressed_depth_payload(HEADER, depth_m, encoding, 0.0, 80.0)
    assert payload.format == f"{encoding}; compressedDepth png"
    _, a, b = struct.unpack("<iff", payload.data[:12].tobytes())  # ConfigHeader
    v = cv2.imdecode(payload.data[12:], cv2.IMREAD_UNCHANGED).astype(np.float32)
    v[v == 0] = np.nan
    read = v / 1000 if encoding == "16UC1" else np.float32(a) / (v - np.float32(b))
    assert np.isnan(read[0, :3]).all()
    known = np.isfinite(depth_m)
    kept = known & (depth_m < 65.535) if encoding == "16UC1" else known
    # One step of v is depth^2 / A, A = 65534 / (1 / 0.3 - 1 / 80); half of it is lost by rounding.
    step_m = depth_m**2 * (1 / 0.3 - 1 / 80) / 65534 if encoding == "32FC1" else 0.001
    off = np.abs(read - depth_m)
    assert np.all(off[kept] <= 0.55 * np.broadcast_to(step_m, off.shape)[kept] + 1e-5)


def test_every_nth_pixel_lies_where_its_own_pixel_does():
    frame, prediction = frame_and_prediction()
    whole = OutputBuilder(NETWORK_CLASSES).build(frame, prediction, TAUGHT_M, {topics.POINTS})
    xyz = whole[topics.POINTS].data.view("<f4").reshape(3, 4, 5)[::2, ::2].copy()
    thin = OutputBuilder(NETWORK_CLASSES, OutputOptions(points_stride=2)).build(
        frame, prediction, TAUGHT_M, {topics.POINTS}
    )[topics.POINTS]
    assert (thin.height, thin.width) == (2, 2)
    found = thin.data.view("<f4").reshape(2, 2, 5)
    np.testing.assert_allclose(found[..., :3], xyz[..., :3], rtol=1e-6)
    assert np.array_equal(found.view("u1"), xyz.view("u1")) or np.allclose(
        found[..., 2], xyz[..., 2], equal_nan=True
    )


def test_doubtful_labels_become_unlabelled():
    labels, confidence = np.array([[7, 8]], np.uint8), np.array([[127, 128]], np.uint8)
    assert confident_labels(labels, confidence, 0.5).tolist() == [[255, 8]]
    assert confident_labels(labels, confidence, 0.0) is labels


def test_label_info_names_every_class_and_unlabeled():
    info = label_info_payload(HEADER, NETWORK_CLASSES, 0.25)
    names = dict(info.classes)
    assert names[7] == "road"
    assert names[255] == "UNLABELED"
    assert len(info.classes) == len(NETWORK_CLASSES) + 1
    assert len(set(names.values())) == len(names)
    assert info.threshold == 0.25


def test_stamps():
    assert split_stamp(1_500_000_007) == (1, 500_000_007)
    assert join_stamp(header(1_500_000_007).stamp) == 1_500_000_007


@pytest.mark.parametrize(
    "options",
    [
        {"min_depth_m": 50.0, "max_depth_m": 10.0}, {"min_depth_m": 10.0, "max_depth_m": 10.0},
        {"min_depth_m": float("nan")}, {"max_depth_m": -1.0}, {"max_depth_m": float("inf")},
        {"min_confidence": 2.0}, {"jpeg_quality": 0}, {"points_stride": 0},
        {"depth_encoding": "8UC1"},
    ],
)  # fmt: skip
def test_options_that_would_lose_every_frame_are_refused(options):
    with pytest.raises(ConfigError, match=r"give|known"):
        OutputOptions(**options)
