"""Score a model on KITTI files: a raw drive, the depth selection, object or semantics layout."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from depth_seg_ros.cli.shared.camera_options import add_camera_options, chosen_camera
from depth_seg_ros.cli.shared.evaluating import (
    add_report_options,
    chosen_options,
    chosen_protocol,
    finish,
)
from depth_seg_ros.cli.shared.model_options import add_model_options, opened_model
from depth_seg_ros.evaluation.evaluate import evaluate
from depth_seg_ros.evaluation.score.leak import drive_of_folder
from depth_seg_ros.metrics.segmentation import KITTI_SHARED_CLASSES
from depth_seg_ros.readers.kitti import KittiSemantics, open_kitti
from depth_seg_ros.readers.kitti_raw import TRUTHS
from depth_seg_ros.readers.other_camera import OtherCamera
from depth_seg_ros.system.command import command_parser, run


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("evaluate_kitti", __doc__)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument(
        "--truth",
        choices=TRUTHS,
        default=None,
        help="raw drives: improved PNGs, raw LiDAR PNGs, or the scans (default: the first there "
        "of those the protocol is about)",
    )
    add_camera_options(parser, None, mount=False)
    add_model_options(parser)
    add_report_options(parser, protocol="kitti_devkit")
    arguments = parser.parse_args(argv)

    def work() -> None:
        protocol = chosen_protocol(arguments)
        truths = (arguments.truth,) if arguments.truth else protocol.kitti_truths
        reader = open_kitti(arguments.folder, truths)
        with opened_model(arguments, images=len(reader)) as (predictor, sha256):
            options = chosen_options(arguments, f"KITTI: {predictor.spec.name}", sha256)
            options = replace(options, drive=drive_of_folder(arguments.folder))
            if isinstance(reader, KittiSemantics):
                options = replace(options, label_names=KITTI_SHARED_CLASSES)
            if arguments.camera:
                reader = OtherCamera(reader, chosen_camera(arguments).intrinsics)
            finish(evaluate(reader, predictor, protocol, options), arguments)

    return run(work, arguments)


if __name__ == "__main__":
    sys.exit(main())
