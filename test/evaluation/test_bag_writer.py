from pathlib import Path

import numpy as np
import pytest
import yaml

from depth_seg_ros.bags.bag_file import BagFile
from depth_seg_ros.bags.writer import BagWriter
from depth_seg_ros.errors import EvaluationError, OutputError
from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.messages.labels import label_info_payload
from depth_seg_ros.messages.payloads import Header, image_payload

HEADER = Header(5_000_000_007, "camera")


def write(path: Path, overwrite: bool = False) -> None:
    with BagWriter(path, overwrite=overwrite, facts={"who": "me"}) as writer:
        image = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
        writer.write("/image", image_payload(HEADER, image, "rgb8"))
        writer.write("/info", label_info_payload(HEADER, NETWORK_CLASSES, 0.25))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write(tmp_path / "a/bag")
    with BagFile(tmp_path / "a/bag") as bag:
        assert bag.topics == {
            "/image": "sensor_msgs/msg/Image",
            "/info": "vision_msgs/msg/LabelInfo",
        }
        assert bag.facts["who"] == "me"
        (entry,) = bag.index("/image")
        assert (entry.stamp_ns, entry.log_ns) == (5_000_000_007, 5_000_000_007)
        message = bag.read("/image", entry)
        assert (message.header.stamp.sec, message.header.stamp.nanosec) == (5, 7)
        assert bytes(message.data) == bytes(range(12))
        info = next(bag.messages("/info"))
        assert info.class_map[7].class_name == "road"
        assert info.threshold == 0.25


def test_label_info_is_latched_for_late_subscribers(tmp_path: Path) -> None:
    write(tmp_path / "bag")
    metadata = yaml.safe_load((tmp_path / "bag/metadata.yaml").read_text())
    topics = metadata["rosbag2_bagfile_information"]["topics_with_message_count"]
    qos = {
        t["topic_metadata"]["name"]: yaml.safe_load(t["topic_metadata"]["offered_qos_profiles"])
        for t in topics
    }
    assert qos["/info"][0]["durability"] == 1  # transient local
    assert qos["/image"][0]["durability"] == 2  # volatile


@pytest.mark.parametrize("name", ["bag", "bag.mcap"])
def test_an_exception_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    with pytest.raises(RuntimeError, match="stop"), BagWriter(tmp_path / name) as writer:
        writer.write("/image", image_payload(HEADER, np.zeros((2, 2), np.uint8), "mono8"))
        raise RuntimeError("stop")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_bag_is_replaced_only_when_asked(tmp_path: Path) -> None:
    write(tmp_path / "bag")
    with pytest.raises(OutputError, match="exists already"):
        write(tmp_path / "bag")
    write(tmp_path / "bag", overwrite=True)
    assert [p.name for p in tmp_path.iterdir()] == ["bag"]


def test_a_folder_that_is_no_bag_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/one.jpg").write_text("dear")
    with pytest.raises(EvaluationError, match="is a folder but no bag"):
        write(tmp_path / "photos", overwrite=True)
    assert (tmp_path / "photos/one.jpg").exists()


def test_a_recording_that_was_interrupted_is_kept_and_numbered(tmp_path: Path) -> None:
    """What cannot be made again is never rubbish: not a killed recorder's part, not what was
    recorded when the disk became full."""
    out = tmp_path / "drive"
    header = Header(1_600_000_000_000_000_000, "camera")
    image = image_payload(header, np.zeros((60, 80, 3), np.uint8), "rgb8")
    killed = tmp_path / ".drive.partial/drive/drive.mcap"  # as SIGKILL leaves it
    killed.parent.mkdir(parents=True)
    killed.write_bytes(b"\x89MCAP0\r\n" + bytes(5000))
    with pytest.raises(ZeroDivisionError), BagWriter(out, precious=True) as writer:
        assert [p.name for p in writer.kept] == ["drive_interrupted_1.mcap"]
        writer.write("/image", image)
        raise ZeroDivisionError
    with BagWriter(out, precious=True) as writer:
        assert writer.kept == []
        writer.write("/image", image)
    names = ["drive", "drive_interrupted_1.mcap", "drive_interrupted_2.mcap"]
    assert sorted(p.name for p in tmp_path.iterdir()) == names
    with BagFile(tmp_path / names[2]) as bag:
        assert bag.counts == {"/image": 1}, "closed in order, so whole"
