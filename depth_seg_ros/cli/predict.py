"""Predict depth and labels for an image or a folder of images.

For each image NAME: NAME_depth.png (16 bit, mm, 0 = none), NAME_depth.npy (float32, m),
NAME_labels.png (class ids), NAME_overlay.jpg.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from depth_seg_ros.cli.shared.camera_options import add_camera_options, chosen_camera
from depth_seg_ros.cli.shared.evaluating import add_model_options, opened_model
from depth_seg_ros.evaluation.files import write_prediction
from depth_seg_ros.evaluation.pipeline import Prefetch
from depth_seg_ros.readers.image_folder import ImageFolder
from depth_seg_ros.system.command import command_parser, run


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("predict", __doc__)
    parser.add_argument("images", type=Path, metavar="IMAGE_OR_DIR")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    add_camera_options(parser, None, "--camera", "--intrinsics", mount=False)
    add_model_options(parser)
    arguments = parser.parse_args(argv)

    def work() -> None:
        camera = chosen_camera(arguments).intrinsics if arguments.camera else None
        reader = ImageFolder(arguments.images, camera)
        with opened_model(arguments) as (predictor, _), Prefetch(reader) as samples:
            for sample in tqdm(samples, total=len(reader), desc="predict", unit="image"):
                prediction = predictor.predict(sample.frame)
                write_prediction(
                    arguments.out, sample.key, sample.frame, prediction, predictor.spec.classes
                )
        if camera is None:
            print(
                "no --camera: depth is metric for the training camera only "
                f"(fx {predictor.spec.fx / predictor.spec.input_width:.3f} x image width)"
            )
        print(f"{len(reader)} images -> {arguments.out}")

    return run(work, arguments)


if __name__ == "__main__":
    sys.exit(main())
