"""Convert a KITTI raw drive to a ROS 2 bag (mcap).

Both colour cameras as far as present, camera_info, Velodyne clouds and static transforms, with
KITTI's own time stamps. Interrupted, it goes on where it stopped when started again.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from depth_seg_ros.evaluation.kitti_to_bag import convert_drive
from depth_seg_ros.system.command import command_parser, run


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("kitti_to_bag", __doc__)
    parser.add_argument(
        "drive", type=Path, metavar="RAW_DRIVE_DIR", help="<date>/<date>_drive_NNNN_sync"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="BAG", help="bag folder, or one file *.mcap"
    )
    arguments = parser.parse_args(argv)

    def work() -> None:
        done = convert_drive(arguments.drive, arguments.out)
        print(f"{done.path}: {done.images} images, {done.scans} Velodyne scans")
        if done.images_without_scan:
            print(
                f"{done.images_without_scan} frames of the drive have no scan; if it has depth "
                f"files: evaluate_bag {done.path} --ground-truth {arguments.drive}"
            )
        if done.resumed_files:
            print(f"{done.resumed_files} files were there from an interrupted run")

    return run(work, arguments)


if __name__ == "__main__":
    sys.exit(main())
