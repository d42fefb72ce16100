"""Score a model's labels on DIR/image and DIR/label (Cityscapes ids, 255 ignored).

Gives per-class IoU over the classes that both the model and the labels know; DIR/depth (KITTI's
16-bit PNGs), where there is one, is scored too.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from depth_seg_ros.cli.shared.camera_options import add_camera_options, chosen_camera
from depth_seg_ros.cli.shared.evaluating import add_report_options, chosen_options, finish
from depth_seg_ros.cli.shared.model_options import add_model_options, opened_model
from depth_seg_ros.errors import EvaluationError, ReaderError
from depth_seg_ros.evaluation.evaluate import evaluate
from depth_seg_ros.evaluation.score.protocols import get_protocol
from depth_seg_ros.readers.image_folder import ImageFolder
from depth_seg_ros.system.command import command_parser, run


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("evaluate_labels", __doc__)
    parser.add_argument("folder", type=Path, metavar="DIR")
    add_camera_options(parser, None, mount=False)
    add_model_options(parser)
    add_report_options(parser, protocol=None)
    arguments = parser.parse_args(argv)

    def work() -> None:
        if not (arguments.folder / "label").is_dir():
            raise ReaderError(f"{arguments.folder} has no label/ beside image/")
        camera = chosen_camera(arguments).intrinsics if arguments.camera else None
        reader = ImageFolder(arguments.folder, camera)
        with opened_model(arguments, images=len(reader)) as (predictor, sha256):
            if not predictor.spec.has_labels:
                raise EvaluationError(f"{predictor.spec.name} has no labels; choose another model")
            options = chosen_options(arguments, f"Labels: {predictor.spec.name}", sha256)
            finish(evaluate(reader, predictor, get_protocol("dense"), options), arguments)

    return run(work, arguments)


if __name__ == "__main__":
    sys.exit(main())
