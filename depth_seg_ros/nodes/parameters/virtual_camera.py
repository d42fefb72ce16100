"""Parameters of ``virtual_camera_node``."""

from __future__ import annotations

from dataclasses import dataclass

from depth_seg_ros.nodes.parameters.declaration import Config, parameter

_WORLD_FIXED = "the world is built at start; restart the node"


@dataclass(frozen=True)
class VirtualCameraConfig(Config):
    """Parameters of ``virtual_camera_node``."""

    camera: str = parameter(
        "camera",
        "car",
        "car, robot, drone, or a yaml file (camera_info, or width height fx fy cx cy).",
        fixed=_WORLD_FIXED,
    )
    seed: int = parameter(
        "seed",
        1,
        "Seed of the world; the same seed drives through the same world.",
        limit="seed",
        fixed=_WORLD_FIXED,
    )
    variation: str = parameter(
        "variation",
        "clone",
        "Light and weather: clone, fog, morning, overcast, rain, sunset, night, dusk, snow, "
        "low-sun, deep-shade, backlight, blown-sky, autumn, random.",
        fixed=_WORLD_FIXED,
    )
    rate_hz: float = parameter(
        "rate_hz", 10.0, "Frames per second.", limit="rate_hz", fixed=_WORLD_FIXED
    )
    scale: float = parameter(
        "scale",
        1.0,
        "Size of the image relative to the camera's.",
        limit="scale",
        fixed=_WORLD_FIXED,
    )
    threads: int = parameter(
        "threads",
        0,
        "Threads that render; 0 takes all cores.",
        limit="threads_or_auto",
        fixed=_WORLD_FIXED,
    )
    base_frame_id: str = parameter(
        "base_frame_id",
        "base_link",
        "tf frame of the robot, on the ground below the camera.",
        fixed=_WORLD_FIXED,
    )
    odom_frame_id: str = parameter(
        "odom_frame_id",
        "odom",
        "tf frame of its odometry, which does not drift here.",
        fixed=_WORLD_FIXED,
    )
    camera_frame_id: str = parameter(
        "camera_frame_id",
        "camera",
        "tf frame of the camera's body (x forward, y left, z up).",
        fixed=_WORLD_FIXED,
    )
    frame_id: str = parameter(
        "frame_id", "camera_optical", "tf frame of the camera (optical axes).", fixed=_WORLD_FIXED
    )
    world_frame_id: str = parameter(
        "world_frame_id",
        "map",
        "tf frame of the world (x east, y north, z up).",
        fixed=_WORLD_FIXED,
    )
