"""Bags as readers: ground truth of three kinds, and everything that can be wrong with a bag."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from depth_seg_ros.bags.writer import BagWriter
from depth_seg_ros.errors import FrameError, ReaderError
from depth_seg_ros.evaluation.evaluate import Options, evaluate
from depth_seg_ros.evaluation.kitti_to_bag import convert_drive
from depth_seg_ros.evaluation.score.protocols import get_protocol
from depth_seg_ros.evaluation.truth.bag import BagOptions, BagReader
from depth_seg_ros.messages.cameras import info_from_intrinsics
from depth_seg_ros.messages.cdr import ros_header, serialize_message, serialize_transforms
from depth_seg_ros.messages.payloads import Header, image_payload
from depth_seg_ros.messages.rig import RigOptions
from depth_seg_ros.messages.transforms import Transform
from depth_seg_ros.messages.type_names import IMU, TF_MESSAGE
from depth_seg_ros.messages.typestore import message_class
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.types import Intrinsics

MakeBag = Callable[..., Path]


def test_a_simulated_drive_comes_back_as_it_was_written(make_bag: MakeBag) -> None:
    with BagReader(make_bag()) as reader:
        assert len(reader) == 4
        assert not reader.unpaired
        sample = reader[1]
        assert sample.frame.stamp_ns == 1_600_000_000_100_000_000
        assert sample.key == "000001 @ 1600000000.100000000"
        assert sample.frame.frame_id == "camera_optical"
        assert sample.frame.intrinsics is not None
        assert sample.frame.intrinsics.cx == 7.5
        depth, labels = sample.truth.depth_m, sample.truth.labels
        assert depth is not None and labels is not None
        assert depth[1, 0] == 10 and depth[1, 15] == 20
        assert np.isinf(depth[0]).all()
        assert np.isnan(depth[5, 5])
        assert labels[0].tolist() == [7] * 8 + [26] * 8


def test_one_mcap_file_is_a_bag_too(make_bag: MakeBag) -> None:
    path = make_bag("drive.mcap")
    assert path.is_file()
    assert len(BagReader(path)) == 4


def test_a_bag_cut_off_in_the_middle_is_named(make_bag: MakeBag) -> None:
    path = make_bag()
    file = path / "drive.mcap"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(ReaderError, match=r"drive\.mcap is cut off \(\d+ bytes, no end mark\)"):
        BagReader(path)


def test_damage_inside_is_named(make_bag: MakeBag) -> None:
    path = make_bag("drive.mcap")
    data = bytearray(path.read_bytes())
    data[60:-100] = b"\xff" * (len(data) - 160)
    path.write_bytes(data)
    with pytest.raises(ReaderError, match=r"drive\.mcap: the bag is damaged"):
        BagReader(path)


def test_an_interrupted_recording_is_named(make_bag: MakeBag) -> None:
    path = make_bag()
    (path / "metadata.yaml").unlink()
    with pytest.raises(ReaderError, match=r"no metadata\.yaml.*ros2 bag reindex"):
        BagReader(path)


def test_no_bag_at_all(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match="no bag"):
        BagReader(tmp_path / "none")
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(ReaderError, match="is no rosbag2 bag"):
        BagReader(tmp_path / "a.txt")
    (tmp_path / "a.mcap").write_text("hello")
    with pytest.raises(ReaderError, match=r"is not an mcap file \(5 bytes\)"):
        BagReader(tmp_path / "a.mcap")


def test_without_camera_info_it_says_that_depth_is_not_metric(make_bag: MakeBag) -> None:
    reader = BagReader(make_bag(info=False))
    assert reader[0].frame.intrinsics is None
    assert any("no camera_info" in note for note in reader.notes)


def test_truth_of_another_size_is_an_error_of_that_frame(make_bag: MakeBag) -> None:
    with pytest.raises(ReaderError, match="ground-truth depth is 5x4, the image 16x12"):
        BagReader(make_bag(depth_size=(5, 4)))[0]


def test_camera_info_of_another_size_is_an_error_of_that_frame(make_bag: MakeBag) -> None:
    reader = BagReader(make_bag(camera=Intrinsics(32, 24, 8, 8, 15, 11)))
    with pytest.raises(FrameError, match="camera_info describes 32x24, the image is 16x12"):
        reader[0]


def test_an_unknown_encoding_is_an_error_of_that_frame(make_bag: MakeBag) -> None:
    reader = BagReader(make_bag(encodings=["rgb8", "rgb8", "hsv24", "rgb8"]))
    assert len(reader) == 4
    with pytest.raises(FrameError, match="'hsv24' is not supported"):
        reader[2]


def test_an_8_bit_depth_image_is_refused(make_bag: MakeBag, tmp_path: Path) -> None:
    with BagWriter(tmp_path / "b") as writer:
        header = Header(10, "camera")
        image = np.zeros((4, 4, 3), np.uint8)
        writer.write("/camera/image_raw", image_payload(header, image, "rgb8"))
        depth = np.zeros((4, 4), np.uint8)
        writer.write("/ground_truth/depth/image", image_payload(header, depth, "mono8"))
    with pytest.raises(ReaderError, match="An 8-bit image has lost the depth"):
        BagReader(tmp_path / "b")[0]


def test_millimetres(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "b") as writer:
        header = Header(10, "camera")
        image = np.zeros((1, 2, 3), np.uint8)
        writer.write("/camera/image_raw", image_payload(header, image, "rgb8"))
        depth = np.array([[0, 1500]], np.uint16)
        writer.write("/ground_truth/depth/image", image_payload(header, depth, "16UC1"))
    truth = BagReader(tmp_path / "b")[0].truth.depth_m
    assert truth is not None
    assert np.isnan(truth[0, 0])
    assert truth[0, 1] == 1.5


def test_stamps_too_far_apart_are_unpaired_with_the_reason(make_bag: MakeBag) -> None:
    reader = BagReader(make_bag(depth_shift_ns=5_000_000, labels=False))
    assert len(reader) == 0
    assert len(reader.unpaired) == 4
    assert "5.000 ms away" in reader.unpaired[0].reason
    loose = BagReader(reader.bag.path, BagOptions(tolerance_ms=6))
    assert len(loose) == 4


def test_an_image_without_truth_is_a_sample_only_where_wanted(make_bag: MakeBag) -> None:
    path = make_bag(depth=False, labels=False)
    assert len(BagReader(path)) == 0
    assert len(BagReader(path, BagOptions(need_truth=False))) == 4


def test_seconds_written_as_nanoseconds_are_recognised(make_bag: MakeBag) -> None:
    stamps = [1_317_042_145 + n // 2 for n in range(6)]
    with pytest.raises(ReaderError, match=r"seconds were written where nanoseconds.*kitti2bag2"):
        BagReader(make_bag(frames=6, stamps=stamps))


def test_simulated_time_that_begins_at_one_second_is_fine(make_bag: MakeBag) -> None:
    reader = BagReader(make_bag(stamps=[10**9 + n * 10**8 for n in range(4)]))
    assert len(reader) == 4


def test_simulated_time_that_begins_at_zero_is_fine(make_bag: MakeBag) -> None:
    reader = BagReader(make_bag(stamps=[n * 10**8 for n in range(4)]))
    assert [s.frame.stamp_ns for s in reader] == [0, 10**8, 2 * 10**8, 3 * 10**8]


def test_two_images_of_one_stamp_are_two_images(make_bag: MakeBag) -> None:
    reader = BagReader(make_bag(stamps=[100, 100, 200, 300], labels=False))
    assert len(reader) + len(reader.unpaired) == 4
    assert any("share their stamp" in n for n in reader.notes)


def test_several_cameras_have_to_be_told_apart(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "b") as writer:
        for topic in ("/left/image_raw", "/right/image_raw"):
            image = np.zeros((4, 4, 3), np.uint8)
            writer.write(topic, image_payload(Header(10, "camera"), image, "rgb8"))
    with pytest.raises(ReaderError, match=r"--image-topic: /left/image_raw, /right/image_raw"):
        BagReader(tmp_path / "b")
    options = BagOptions(image_topic="/right/image_raw", need_truth=False)
    assert len(BagReader(tmp_path / "b", options)) == 1
    with pytest.raises(ReaderError, match="has no topic /up; it has"):
        BagReader(tmp_path / "b", BagOptions(image_topic="/up"))


def test_a_point_cloud_projected_through_tf(raw_drive: Path, tmp_path: Path) -> None:
    convert_drive(raw_drive, tmp_path / "kitti", progress=False)
    reader = BagReader(tmp_path / "kitti")
    assert [k[:6] for k in reader.keys] == ["000000", "000002"]
    assert reader.drive == "2011_09_26_drive_0009_sync"
    depth = reader[0].truth.depth_m
    assert depth is not None
    # The point (8, 0.5, -0.7): camera x = -0.5 + 0.1, y = 0.7, z = 8; u = 7.1, v = 6.2.
    assert depth[6, 7] == pytest.approx(8.0, abs=1e-4)
    assert np.isfinite(depth).sum() == 2


def test_a_point_cloud_projected_with_kittis_calibration(raw_drive: Path, tmp_path: Path) -> None:
    convert_drive(raw_drive, tmp_path / "kitti", progress=False)
    reader = BagReader(tmp_path / "kitti", BagOptions(calibration=raw_drive.parent))
    depth = reader[0].truth.depth_m
    assert depth is not None
    assert depth[5, 6] == pytest.approx(8.0)  # KITTI counts pixels from one


def test_files_of_the_drive_beside_the_bag(raw_drive: Path, tmp_path: Path) -> None:
    convert_drive(raw_drive, tmp_path / "kitti", progress=False)
    reader = BagReader(tmp_path / "kitti", BagOptions(ground_truth=raw_drive))
    assert len(reader) == 5  # by stamp; frame 4 turns out to have neither file nor scan
    assert reader[4].truth.depth_m is None
    depth = reader[1].truth.depth_m
    assert depth is not None
    assert np.nanmax(depth) == 8.0


def test_a_folder_of_depth_files_is_matched_by_number(raw_drive: Path, tmp_path: Path) -> None:
    convert_drive(raw_drive, tmp_path / "kitti", progress=False)
    folder = raw_drive / "proj_depth/groundtruth/image_02"
    reader = BagReader(tmp_path / "kitti", BagOptions(ground_truth=folder))
    assert [k[:6] for k in reader.keys] == ["000001", "000002", "000003"]
    assert reader.unpaired[0].reason == "no file 0000000000.png"
    (folder / "0000000003.png").rename(folder / "0000000099.png")
    with pytest.raises(ReaderError, match="has a file of frame 99, but the bag has 5 images"):
        BagReader(tmp_path / "kitti", BagOptions(ground_truth=folder))
    with pytest.raises(ReaderError, match="neither a KITTI raw drive nor a folder of depth PNGs"):
        BagReader(tmp_path / "kitti", BagOptions(ground_truth=tmp_path))


def test_the_topic_names_of_older_drives_are_still_found(tmp_path: Path) -> None:
    bag, header = tmp_path / "old", Header(7, "camera")
    with BagWriter(bag) as writer:
        image = np.zeros((12, 16, 3), np.uint8)
        writer.write("/camera/image_raw", image_payload(header, image, "rgb8"))
        depth = np.full((12, 16), 5.0, np.float32)
        writer.write("/ground_truth/depth", image_payload(header, depth, "32FC1"))
        writer.write("/ground_truth/labels", image_payload(header, image[..., 0], "mono8"))
    with BagReader(bag) as reader:
        assert reader.topics.depth == "/ground_truth/depth"
        assert reader.topics.labels == "/ground_truth/labels"
        assert reader[0].truth.labels is not None


def with_tf(path: Path, height_m: float = 0.4, imu: bool = False) -> Path:
    """A drive straight ahead, camera_optical on base_link, which moves in map; imu: of base_link,
    which says that it looks up by 0.2 rad."""
    optical = np.array([[0, 0, 1], [-1, 0, 0], [0, -1, 0]], float)
    with BagWriter(path) as writer:
        for n in range(4):
            stamp = 1_600_000_000_000_000_000 + n * 100_000_000
            header = Header(stamp, "camera_optical")
            mount, motion = np.eye(4), np.eye(4)
            mount[:3, :3], mount[2, 3], motion[0, 3] = optical, height_m, 0.5 * n
            if imu:
                writer.write_raw("/imu/data", IMU, stamp, imu_message(stamp, 0.2))
            moved = [Transform(stamp, "map", "base_link", motion)]
            writer.write_raw("/tf", TF_MESSAGE, stamp, serialize_transforms(moved))
            if n == 0:
                fixed = [Transform(stamp, "base_link", "camera_optical", mount)]
                writer.write_raw("/tf_static", TF_MESSAGE, stamp, serialize_transforms(fixed))
            image = np.full((24, 32, 3), 200, np.uint8)
            camera = Intrinsics(32, 24, 30.0, 30.0, 15.5, 11.5)
            writer.write("/camera/camera_info", info_from_intrinsics(camera, header))
            writer.write("/camera/image_raw", image_payload(header, image, "rgb8"))
            truth = np.full((24, 32), 12.0 - 0.5 * n, np.float32)
            writer.write("/ground_truth/depth/image", image_payload(header, truth, "32FC1"))
    return path


def test_poses_and_the_rig_come_from_the_bags_tf(tmp_path: Path) -> None:
    path = with_tf(tmp_path / "drive")
    with BagReader(path, BagOptions(rig=RigOptions(base_frame="base_link"))) as reader:
        sample = reader[2]
        assert reader.told_rig == "tf of base_link"
        assert sample.frame.rig is not None and sample.frame.rig.height_m == pytest.approx(0.4)
        assert sample.frame.rig.pitch_rad == pytest.approx(0)
        assert sample.pose is not None and np.allclose(sample.pose[:3, 3], [1.0, 0, 0.4])
    with BagReader(path, BagOptions(rig=RigOptions(base_frame="odom"))) as reader:
        assert reader[0].frame.rig is None and "does not connect" in reader.rigs.problem
    with BagReader(path) as reader:
        assert reader.told_rig == "" and reader[0].frame.rig is None


def imu_message(stamp_ns: int, pitch: float) -> memoryview:
    """CDR of an IMU whose x axis looks up."""
    zero = message_class("geometry_msgs/msg/Vector3")(x=0.0, y=0.0, z=0.0)
    turned = message_class("geometry_msgs/msg/Quaternion")(
        x=0.0, y=-float(np.sin(pitch / 2)), z=0.0, w=float(np.cos(pitch / 2))
    )
    return serialize_message(
        message_class(IMU)(
            header=ros_header(Header(stamp_ns, "base_link")), orientation=turned,
            orientation_covariance=np.zeros(9), angular_velocity=zero,
            angular_velocity_covariance=np.zeros(9), linear_acceleration=zero,
            linear_acceleration_covariance=np.zeros(9),
        ),
        IMU,
    )  # fmt: skip


def test_the_attitude_comes_from_the_bags_imu(tmp_path: Path) -> None:
    path = with_tf(tmp_path / "drive", imu=True)
    rig = RigOptions(0.4, imu_topic="/imu/data")
    with BagReader(path, BagOptions(rig=rig)) as reader:
        found = reader[2].frame.rig
        assert reader.told_rig == "height 0.4 m, attitude of /imu/data"
    assert found is not None and found.pitch_rad == pytest.approx(0.2)
    assert found.roll_rad == pytest.approx(0)
    wrong = RigOptions(0.4, imu_topic="/camera/image_raw")
    with pytest.raises(ReaderError, match=r"is no sensor_msgs/msg/Imu .* \(its IMUs: /imu/data\)"):
        BagReader(path, BagOptions(rig=wrong))


def test_a_report_says_how_steady_it_is_and_what_the_ground_did(
    tmp_path: Path, tiny_onnx: Path
) -> None:
    path = with_tf(tmp_path / "drive")
    options = Options(pictures=False, progress=False)
    with (
        Predictor.open(tiny_onnx, "onnxruntime", threads=1) as predictor,
        BagReader(path, BagOptions(rig=RigOptions(0.4))) as reader,
    ):
        report = evaluate(reader, predictor, get_protocol("dense"), options)
    assert report.steadiness is not None and report.steadiness.pairs == 3
    assert report.steadiness.floor < 0.01 and report.steadiness.flips == 0
    # The same depth in every frame, while the camera moves by half a metre.
    assert 0.01 < report.metrics["unsteadiness"] < 0.1
    assert "Steady from frame to frame" in report.to_markdown()
    (note,) = [n for n in report.notes if "camera's height" in n]
    assert "(height 0.4 m)" in note and "0 of 4 frames" in note and "Left alone: 4 frames" in note
