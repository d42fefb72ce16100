"""Predict depth and labels for an image or a folder of images.

For each image NAME: NAME_depth.png (16 bit, mm, 0 = none), NAME_depth.npy (float32, m),
NAME_labels.png (class ids), NAME_overlay.jpg.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from depth_seg_ros.cli.shared.evaluating import add_model_options, opened_model
from depth_seg_ros.errors import ConfigError
from depth_seg_ros.evaluation.files import write_prediction
from depth_seg_ros.evaluation.pipeline import Prefetch
from depth_seg_ros.readers.image_folder import ImageFolder
from depth_seg_ros.system.command import command_parser, run
from depth_seg_ros.types import Intrinsics


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("predict", __doc__)
    parser.add_argument("images", type=Path, metavar="IMAGE_OR_DIR")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--intrinsics",
        metavar="WIDTH,HEIGHT,FX,FY,CX,CY",
        help="of the camera, in pixels; without them depth is that of the training camera",
    )
    add_model_options(parser)
    arguments = parser.parse_args(argv)

    def work() -> None:
        reader = ImageFolder(arguments.images, _intrinsics(arguments.intrinsics))
        with opened_model(arguments) as (predictor, _), Prefetch(reader) as samples:
            for sample in tqdm(samples, total=len(reader), desc="predict", unit="image"):
                prediction = predictor.predict(sample.frame)
                write_prediction(
                    arguments.out, sample.key, sample.frame, prediction, predictor.spec.classes
                )
        if arguments.intrinsics is None:
            print(
                "no --intrinsics: depth is metric for the training camera only "
                f"(fx {predictor.spec.fx / predictor.spec.input_width:.3f} x image width)"
            )
        print(f"{len(reader)} images -> {arguments.out}")

    return run(work, arguments)


def _intrinsics(text: str | None) -> Intrinsics | None:
    if text is None:
        return None
    try:
        width, height, fx, fy, cx, cy = (float(v) for v in text.split(","))
    except ValueError:
        raise ConfigError(
            f"--intrinsics {text!r} is not WIDTH,HEIGHT,FX,FY,CX,CY, e.g. "
            "1242,375,721.5,721.5,609.6,172.9"
        ) from None
    return Intrinsics(int(width), int(height), fx, fy, cx, cy)


if __name__ == "__main__":
    sys.exit(main())
