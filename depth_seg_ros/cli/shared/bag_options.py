"""Options of the commands that read a bag."""

from __future__ import annotations

import argparse
from pathlib import Path

from depth_seg_ros.cli.shared.camera_options import add_camera_options, chosen_camera
from depth_seg_ros.cli.shared.rig_options import add_rig_options, rig_options
from depth_seg_ros.evaluation.truth.bag import BagOptions
from depth_seg_ros.system.command import ranged


def add_bag_options(parser: argparse.ArgumentParser) -> None:
    """BAG, its camera, topics, and where ground truth comes from."""
    parser.add_argument("bag", type=Path, metavar="BAG", help="rosbag2 folder, .mcap or .db3")
    add_truth_options(parser)


def add_truth_options(parser: argparse.ArgumentParser) -> None:
    """Camera, topics, and where ground truth comes from."""
    add_camera_options(parser, None, mount=False)
    add_rig_options(parser, tf=True)
    group = parser.add_argument_group("topics (found out where there is one choice)")
    group.add_argument("--image-topic", help="Image or CompressedImage")
    group.add_argument("--camera-info-topic")
    group.add_argument("--depth-topic", help="ground truth, 32FC1 [m] or 16UC1 [mm]")
    group.add_argument("--labels-topic", help="ground truth, mono8 Cityscapes ids")
    group.add_argument("--cloud-topic", help="ground truth, PointCloud2 of a LiDAR")
    group = parser.add_argument_group("ground truth beside the bag")
    group.add_argument(
        "--ground-truth",
        type=Path,
        metavar="DIR",
        help="KITTI raw drive the bag was made from, or a folder of KITTI depth PNGs",
    )
    group.add_argument(
        "--calibration",
        type=Path,
        metavar="DIR",
        help="KITTI date folder: projects the cloud instead of /tf_static",
    )
    group.add_argument(
        "--kitti-camera",
        type=int,
        default=2,
        choices=(2, 3),
        help="number of KITTI's colour camera",
    )
    group.add_argument(
        "--tolerance-ms",
        type=ranged("tolerance_ms"),
        default=None,
        help="between image and truth (default: 1 for images, 55 for clouds)",
    )


def bag_options(arguments: argparse.Namespace) -> BagOptions:
    """What those options say."""
    return BagOptions(
        image_topic=arguments.image_topic,
        camera_info_topic=arguments.camera_info_topic,
        depth_topic=arguments.depth_topic,
        labels_topic=arguments.labels_topic,
        cloud_topic=arguments.cloud_topic,
        ground_truth=arguments.ground_truth,
        calibration=arguments.calibration,
        camera=arguments.kitti_camera,
        intrinsics=chosen_camera(arguments).intrinsics if arguments.camera else None,
        tolerance_ms=arguments.tolerance_ms,
        rig=rig_options(arguments),
    )
