"""What an IMU of a bag says, for every time of the recording."""

from __future__ import annotations

from depth_seg_ros.bags.bag_file import BagFile
from depth_seg_ros.errors import ReaderError
from depth_seg_ros.messages.imu import ImuTrack
from depth_seg_ros.messages.type_names import IMU


def read_imu(bag: BagFile, topic: str) -> ImuTrack:
    """Everything on one topic; ReaderError naming the bag's IMUs where it is none of them."""
    if bag.topics.get(topic) != IMU:
        there = ", ".join(sorted(t for t, kind in bag.topics.items() if kind == IMU))
        raise ReaderError(
            f"{bag.path}: {topic} is no {IMU} of this bag (its IMUs: {there or 'none'})"
        )
    track = ImuTrack(kept_ns=None)
    for message in bag.messages(topic):
        track.add_message(message)
    return track
