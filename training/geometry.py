"""The training camera: Virtual KITTI's, resized to the network's input (the aspect changes)."""

from __future__ import annotations

from depth_seg_ros.types import VIRTUAL_KITTI, Intrinsics

NETWORK_WIDTH, NETWORK_HEIGHT = 256, 160


def training_camera(width: int = NETWORK_WIDTH, height: int = NETWORK_HEIGHT) -> Intrinsics:
    """Virtual KITTI's camera at network resolution: fx = 149.4, fy = 309.3 for 256x160."""
    return VIRTUAL_KITTI.resized(width, height)


def at_shape(camera: Intrinsics, width: int, height: int) -> Intrinsics:
    """The same camera with a sensor of another shape: equal focal lengths, looking straight on."""
    return Intrinsics(width, height, camera.fx, camera.fy, (width - 1) / 2, (height - 1) / 2)
