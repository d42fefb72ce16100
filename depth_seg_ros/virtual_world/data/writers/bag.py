"""A drive as a ROS 2 bag (mcap): image, camera_info, true depth and labels, tf.

Topics are those of the live virtual camera; the labels' names travel as a latched LabelInfo.
Frames: ``map`` (x east, y north, z up) -> ``base_link`` (upright on the ground below the camera)
-> ``camera_link`` (x forward, y left, z up) -> ``camera_optical``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from depth_seg_ros.bags.writer import BagWriter
from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.messages import topics
from depth_seg_ros.messages.cameras import info_from_intrinsics
from depth_seg_ros.messages.cdr import serialize_transforms
from depth_seg_ros.messages.labels import label_info_payload
from depth_seg_ros.messages.payloads import Header, image_payload
from depth_seg_ros.messages.transforms import LINK_FROM_OPTICAL, Transform
from depth_seg_ros.messages.type_names import TF_MESSAGE
from depth_seg_ros.virtual_world.data.drive import Moment
from depth_seg_ros.virtual_world.data.poses import base_in_map, link_in_map

IMAGE_TOPIC = f"/{topics.VIRTUAL_IMAGE.name}"
INFO_TOPIC = f"/{topics.VIRTUAL_INFO.name}"
DEPTH_TOPIC = f"/{topics.TRUE_DEPTH.name}"
LABELS_TOPIC = f"/{topics.TRUE_LABELS.name}"
LABEL_INFO_TOPIC = "/ground_truth/labels/info"

MAP_FRAME = "map"
BASE_FRAME = "base_link"
LINK_FRAME = "camera_link"


def write_bag(path: Path, moments: Iterable[Moment], facts: dict[str, str]) -> int:
    """Write all moments; returns how many. The bag appears when it is complete."""
    count = 0
    with BagWriter(path, facts=facts) as bag:
        for moment in moments:
            frame, truth = moment.frame, moment.truth
            header = Header(frame.stamp_ns, frame.frame_id)
            if count == 0:
                static = Transform(frame.stamp_ns, LINK_FRAME, frame.frame_id, LINK_FROM_OPTICAL)
                bag.write_static_transforms([static], frame.stamp_ns)
                bag.write(LABEL_INFO_TOPIC, label_info_payload(header, CITYSCAPES, 0.0))
            moved = serialize_transforms(_moving(moment))
            bag.write_raw("/tf", TF_MESSAGE, frame.stamp_ns, moved)
            if frame.intrinsics is not None:
                bag.write(INFO_TOPIC, info_from_intrinsics(frame.intrinsics, header))
            bag.write(IMAGE_TOPIC, image_payload(header, frame.image, "rgb8"))
            if truth.depth_m is not None:
                bag.write(DEPTH_TOPIC, image_payload(header, truth.depth_m, "32FC1"))
            if truth.labels is not None:
                bag.write(LABELS_TOPIC, image_payload(header, truth.labels, "mono8"))
            count += 1
    return count


def _moving(moment: Moment) -> list[Transform]:
    """Where robot and camera are now."""
    stamp_ns = moment.frame.stamp_ns
    base = base_in_map(moment.pose, moment.mounted)
    camera = np.asarray(np.linalg.inv(base) @ link_in_map(moment.pose), np.float64)
    return [
        Transform(stamp_ns, MAP_FRAME, BASE_FRAME, base),
        Transform(stamp_ns, BASE_FRAME, LINK_FRAME, camera),
    ]
