"""The ROS nodes with what they are handed: scores, views of the virtual world, recorded drives.

Each function is what ``ros2 run depth_seg_ros X`` and ``depth-seg node X`` start. Where ROS is
missing, that is one clear line instead of a traceback.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.messages.transforms import LINK_FROM_OPTICAL, Transform
from depth_seg_ros.perception.virtual_camera import View
from depth_seg_ros.system.command import run

Main = Callable[["Sequence[str] | None"], int]


def benchmark(args: Sequence[str] | None = None) -> int:
    """Measure a running node by replaying a bag to it."""
    from depth_seg_ros.bags.camera import read_camera

    return _start("benchmark", args, read_camera)


def evaluation_node(args: Sequence[str] | None = None) -> int:
    """Score published depth and labels against ground truth topics."""
    return _start("evaluation_node", args, _scores)


def perception_node(args: Sequence[str] | None = None) -> int:
    """Camera image in; metric depth, labels, points and diagnostics out."""
    return _start("perception_node", args)


def start_bag(args: Sequence[str] | None = None) -> int:
    """Start a paused bag player once the node is active."""
    return _start("start_bag", args)


def virtual_camera_node(args: Sequence[str] | None = None) -> int:
    """A camera that drives through a virtual world, with exact truth."""
    return _start("virtual_camera_node", args, open_views)


NODES: dict[str, Main] = {
    "perception": perception_node,
    "virtual_camera": virtual_camera_node,
    "evaluation": evaluation_node,
}
"""The nodes by their names in the graph."""


def open_views(config: Any) -> Iterator[View]:
    """Endless views of a drive, in the frames that a VirtualCameraConfig names."""
    from depth_seg_ros.virtual_world.cameras import open_camera
    from depth_seg_ros.virtual_world.data.drive import open_live

    moments = open_live(
        config.seed,
        open_camera(config.camera).scaled(config.scale),
        config.rate_hz,
        variation=config.variation,
        threads=config.threads or None,
    )
    for moment in moments:
        frame = replace(moment.frame, frame_id=config.frame_id)
        yield View(frame, moment.truth, *_frames(config, moment))


def _frames(config: Any, moment: Any) -> tuple[tuple[Transform, ...], tuple[Transform, ...]]:
    """(moving, fixed) transforms map -> odom -> base_link -> camera -> camera_optical (REP-105)."""
    from depth_seg_ros.virtual_world.data.poses import base_in_map, link_in_map

    base = base_in_map(moment.pose, moment.mounted)
    camera = np.linalg.inv(base) @ link_in_map(moment.pose)
    stamp_ns, odom = moment.frame.stamp_ns, config.odom_frame_id
    moving = (
        Transform(stamp_ns, odom, config.base_frame_id, base),
        Transform(stamp_ns, config.base_frame_id, config.camera_frame_id, camera),
    )
    fixed = (
        Transform(stamp_ns, config.world_frame_id, odom, np.eye(4)),
        Transform(stamp_ns, config.camera_frame_id, config.frame_id, LINK_FROM_OPTICAL),
    )
    return moving, fixed


def _scores(config: Any) -> Any:
    from depth_seg_ros.evaluation.live import LiveScores
    from depth_seg_ros.evaluation.score.protocols import get_protocol

    return LiveScores(get_protocol(config.protocol), config.max_waiting)


def _start(node: str, args: Sequence[str] | None, *handed: object) -> int:
    """``main`` of ``nodes/<node>.py``, imported when it is called."""
    # The node itself is not run here: signals are rclpy's there (nodes/run.py).
    return run(_check_ros) or int(
        importlib.import_module(f"depth_seg_ros.nodes.{node}").main(*handed, args) or 0
    )


def _check_ros() -> None:
    try:
        importlib.import_module("rclpy")
    except ImportError as e:
        raise ConfigError(
            f"this command needs ROS 2 ({e}); source your ROS installation, pip install "
            "'depth_seg_ros[ros]' (Linux x86_64), or use depth_seg_live, which needs none"
        ) from e
