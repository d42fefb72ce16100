"""Everything without a camera: virtual camera, DS-Net, live scores, and rviz where it is installed.

ros2 launch depth_seg_ros demo.launch.py
ros2 topic echo /metrics
"""

from dataclasses import replace

from launch import LaunchDescription
from launch.actions import OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from depth_seg_ros.models import DEFAULT_MODEL
from depth_seg_ros.nodes.launching import (
    COMMON,
    PERCEPTION,
    Argument,
    evaluation,
    guarded,
    installed,
    perception_nodes,
    rviz,
)

MODEL = Argument("model", DEFAULT_MODEL, "Shipped model's name or ONNX file.", None, "model")
OTHERS = (
    Argument("camera", "car", "car, robot, drone, or a camera_info file."),
    Argument("seed", "1", "Seed of the virtual world."),
    Argument("rate_hz", "5.0", "Frames per second of the virtual camera."),
    Argument("scale", "0.5", "Size of its image relative to the camera's."),
    Argument("protocol", "dense", "Protocol of the depth scores."),
    Argument("report", "", "JSON file with the final scores; empty writes none."),
)
GIVEN = tuple(
    replace(a, default=str(installed("rviz2")).lower()) if a.name == "rviz" else a
    for a in (*PERCEPTION, *COMMON)
)


def generate_launch_description():
    here = {"namespace": LaunchConfiguration("namespace"), "output": "screen"}
    virtual_camera = Node(
        package="depth_seg_ros",
        executable="virtual_camera_node",
        parameters=[
            {name: LaunchConfiguration(name) for name in ("camera", "seed", "rate_hz", "scale")}
        ],
        remappings=[("image", LaunchConfiguration("image"))],
        **here,
    )
    return LaunchDescription(
        [
            *(a.declare() for a in (MODEL, *OTHERS, *GIVEN)),
            rviz(),
            *guarded([virtual_camera]),
            OpaqueFunction(function=lambda context: guarded(perception_nodes(context, (MODEL,)))),
            *guarded([evaluation()]),
        ]
    )
