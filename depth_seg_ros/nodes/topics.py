"""Which node subscribes to and publishes which topic; the topics themselves are declared in
:mod:`depth_seg_ros.messages.topics`, except those that only nodes have.

``docs/ros.md`` is generated from here. This file knows no ROS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from depth_seg_ros.messages import topics
from depth_seg_ros.messages.topics import (
    CAMERA_INFO,
    DEPTH,
    DIAGNOSTICS,
    FRAME_TOPICS,
    IMAGE,
    IMAGE_COMPRESSED,
    LABEL_CLASSES,
    LABEL_INFO,
    LABELS,
    TRUE_DEPTH,
    TRUE_LABELS,
    VIRTUAL_IMAGE,
    VIRTUAL_INFO,
    Topic,
)
from depth_seg_ros.messages.type_names import TF_MESSAGE

TF = Topic("/tf", TF_MESSAGE, "queued", "odom -> base_link -> camera.")
TF_STATIC = Topic("/tf_static", TF_MESSAGE, "latched", "map -> odom, camera -> camera_optical.")
METRICS = Topic(
    "metrics",
    "diagnostic_msgs/msg/DiagnosticArray",
    "reliable",
    "Running metrics over all pairs so far, one value a key, and what had no partner.",
)
BOND = Topic(
    "bond",
    "bond/msg/Status",
    "reliable",
    "Heartbeats while the node is active, for Nav2's lifecycle manager (`autostart` false).",
)
# A score must not lose frames on the way, and scoring an image takes longer than receiving one.
SCORED = tuple(replace(t, qos="queued") for t in (DEPTH, TRUE_DEPTH, LABELS, TRUE_LABELS))

SUBSCRIBED: Mapping[str, tuple[Topic, ...]] = {
    "perception_node": (
        IMAGE,
        IMAGE_COMPRESSED,
        CAMERA_INFO,
        topics.IMU,
        topics.TF,
        topics.TF_STATIC,
    ),
    "virtual_camera_node": (),
    "evaluation_node": SCORED,
}
PUBLISHED: Mapping[str, tuple[Topic, ...]] = {
    "perception_node": (*FRAME_TOPICS, LABEL_INFO, LABEL_CLASSES, DIAGNOSTICS, BOND),
    "virtual_camera_node": (VIRTUAL_IMAGE, VIRTUAL_INFO, TRUE_DEPTH, TRUE_LABELS, TF, TF_STATIC),
    "evaluation_node": (METRICS,),
}
