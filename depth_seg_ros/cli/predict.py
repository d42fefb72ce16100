"""Predict depth and labels for an image or a folder of images.

For each image NAME: NAME_depth.png (16 bit, mm; 0 = none, 65535 = that far or farther),
NAME_depth.npy (float32, m), NAME_depth_view.jpg (colours with their scale), NAME_labels.png (class
ids) and NAME_overlay.jpg (with a legend). predict.json says what they hold, and from which model.

    depth-seg predict street.jpg --out out
    depth-seg predict photos/ --camera my_camera_info.yaml --model ds_net --out out
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from depth_seg_ros.cli.shared.camera_options import add_camera_options, chosen_camera
from depth_seg_ros.cli.shared.model_options import add_model_options, opened_model
from depth_seg_ros.cli.shared.rig_options import add_rig_options, rig_options
from depth_seg_ros.errors import ConfigError, FrameError, ReaderError
from depth_seg_ros.evaluation.files import write_prediction, write_sidecar
from depth_seg_ros.evaluation.ground_tally import GroundTally
from depth_seg_ros.evaluation.pipeline import Prefetch, groups, samples
from depth_seg_ros.messages.rig import RigSource
from depth_seg_ros.perception.ground import GroundScale
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.readers.base import Sample, Unpaired
from depth_seg_ros.readers.image_folder import ImageFolder
from depth_seg_ros.system.command import command_parser, run


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("predict", __doc__)
    parser.add_argument("images", type=Path, metavar="IMAGE_OR_DIR")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    add_camera_options(parser, None, "--camera", "--intrinsics", mount=False)
    add_model_options(parser)
    add_rig_options(parser)
    arguments = parser.parse_args(argv)

    return run(lambda: _predict(arguments), arguments)


def _predict(arguments: argparse.Namespace) -> None:
    camera = chosen_camera(arguments).intrinsics if arguments.camera else None
    reader = ImageFolder(arguments.images, camera)
    if reader.folder is not None and arguments.out.resolve() == reader.folder.resolve():
        raise ConfigError(
            f"--out {arguments.out} is the folder of the images: the next run would take its "
            "results for images; choose another folder"
        )
    told = rig_options(arguments)
    rig, grounds = RigSource(told)("", 0), GroundTally(told.words)
    left_out: list[Unpaired] = []
    opened = opened_model(arguments, images=len(reader))
    with opened as (predictor, sha256), Prefetch(samples(reader)) as items:
        if rig is not None:
            predictor.rig, predictor.correction = rig, GroundScale(predictor.spec, steady=False)
        bar = tqdm(items, total=len(reader), desc="predict", unit="image")
        for group in groups(bar, predictor.info.batch):
            left_out += _predict_group(group, predictor, arguments.out, grounds)
        if len(left_out) < len(reader):
            write_sidecar(arguments.out, predictor, sha256, camera)
    if len(left_out) == len(reader):
        raise ReaderError(f"no image could be used; {left_out[0].reason}")
    if camera is None:
        print(
            "no --camera: depth is metric for the training camera only "
            f"(fx {predictor.spec.fx / predictor.spec.input_width:.3f} x image width)"
        )
    for note in grounds.notes():
        print(note)
    without = f", {len(left_out)} left out (see above)" if left_out else ""
    print(f"{len(reader) - len(left_out)} images -> {arguments.out}{without}")


def _predict_group(
    group: list[Sample | Unpaired], predictor: Predictor, out: Path, grounds: GroundTally
) -> list[Unpaired]:
    """Predict what can be read in one call, and write it; what was left out, told."""
    read = [item for item in group if isinstance(item, Sample)]
    left_out = [item for item in group if isinstance(item, Unpaired)]
    outcomes = predictor.predict_batch([item.frame for item in read])
    for item, outcome in zip(read, outcomes, strict=True):
        if isinstance(outcome, FrameError):
            left_out.append(Unpaired(item.key, str(outcome)))
        else:
            grounds.add(outcome[0].ground)
            write_prediction(out, item.key, item.frame, outcome[0], predictor.spec.classes)
    for one in left_out:
        tqdm.write(f"left out {one.key}: {one.reason}", file=sys.stderr)
    return left_out


if __name__ == "__main__":
    sys.exit(main())
