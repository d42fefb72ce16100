"""float32 ONNX -> int8 ONNX, with proof that it is nearly as good; refused otherwise.

    python -m training.quantize ds_net.onnx --data WORLD_DIR
    python -m training.quantize ds_net.onnx --data WORLD_DIR --calibration PHOTOS_DIR

Scales come from calibration images, scores before and after from a data set with ground truth in
the Virtual KITTI layout (frames that calibrated are not scored). The file is written beside the
model (``ds_net.int8.onnx``), where ``backend="auto"`` finds it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from tqdm import tqdm

from depth_seg_ros.engines import open_engine
from depth_seg_ros.engines.base import GROUND_NAME, INPUT_NAME, Tensors
from depth_seg_ros.engines.choose import INT8_SPEED, QUANTIZED_FROM, int8_path
from depth_seg_ros.engines.onnx_file import OnnxFile
from depth_seg_ros.engines.precision import file_precision, fold_constants, set_stored_spec
from depth_seg_ros.engines.resize import in_turn_ms
from depth_seg_ros.evaluation.score.protocols import get_protocol
from depth_seg_ros.labels import NETWORK_CLASSES, to_network_ids
from depth_seg_ros.limits import within
from depth_seg_ros.metrics.depth import abs_rel
from depth_seg_ros.metrics.segmentation import confusion_matrix, mean_iou
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.preprocess import plan_geometry, prepare, prepare_ground
from depth_seg_ros.readers.base import Reader
from depth_seg_ros.readers.image_folder import ImageFolder
from depth_seg_ros.readers.virtual_kitti import open_virtual_kitti
from depth_seg_ros.spec import ModelSpec, file_sha256, read_spec
from depth_seg_ros.system.atomic import atomic_output
from depth_seg_ros.system.command import command_parser, ranged, run
from training.calibration import activation, observe
from training.errors import TrainingError
from training.qdq import halve_storage, insert_qdq, quantised_convolutions

PROTOCOL = "dense"
MAX_ABS_REL_LOSS = 0.03  # relative
MAX_MIOU_LOSS = 0.01  # absolute: one point

Inputs = Sequence[Tensors]


@dataclass(frozen=True)
class Scores:
    """abs_rel: mean over the frames. miou: over all frames; None without labels."""

    abs_rel: float
    miou: float | None
    frames: int

    def __str__(self) -> str:
        labels = "" if self.miou is None else f", mIoU {self.miou:.4f}"
        return f"AbsRel {self.abs_rel:.4f}{labels}"


@dataclass(frozen=True)
class Quantised:
    """What :func:`quantise` found. backend: that computed both scores."""

    before: Scores
    after: Scores
    backend: str
    calibration_images: int
    convolutions: int

    def problems(self) -> list[str]:
        """Reasons to refuse the int8 file; empty if it is good enough."""
        found = []
        limit = self.before.abs_rel * (1 + MAX_ABS_REL_LOSS)
        if not within(self.after.abs_rel, limit):
            found.append(f"AbsRel {self.after.abs_rel:.4f} is above {limit:.4f}")
        if self.before.miou is not None and self.after.miou is not None:
            least = self.before.miou - MAX_MIOU_LOSS
            if not within(self.after.miou, 1, least):
                found.append(f"mIoU {self.after.miou:.4f} is below {least:.4f}")
        return found


def quantise(
    path: Path, out: Path, calibration: Inputs, truth: Sequence[tuple[Reader, int]], backend: str
) -> Quantised:
    """Write ``out`` and return the scores; TrainingError (and no file) where they fall too far.

    calibration: network inputs by name, one image each. truth: (reader, index) of frames to score.
    """
    model = OnnxFile.read(path)
    if file_precision(model) != "fp32":
        raise TrainingError(f"{path} is {file_precision(model)}; give the float32 file")
    spec = read_spec(path)
    before = score(path, truth, backend, f"{spec.name} fp32")
    fold_constants(model)
    convolutions = quantised_convolutions(model)
    tensors = sorted({node.inputs[0] for node in convolutions})
    seen = observe(model, tensors, tqdm(calibration, "calibrating", leave=False))
    insert_qdq(model, {name: activation(values) for name, values in seen.items()})
    halve_storage(model)
    facts = {QUANTIZED_FROM: file_sha256(path), "calibration_images": len(calibration)}
    int8_spec = replace(spec, precision="int8").with_training(**facts)
    with atomic_output(out) as temporary:
        _write(model, int8_spec, temporary)
        after = score(temporary, truth, backend, f"{spec.name} int8")
        result = Quantised(before, after, backend, len(calibration), len(convolutions))
        if problems := result.problems():
            raise TrainingError(
                f"{out} not written, int8 loses too much: {'; '.join(problems)}; calibrate on "
                "more images like those the robot sees"
            )
        scores = {
            "int8_scores": asdict(after), "float32_scores": asdict(before),
            INT8_SPEED: times_as_fast(temporary, path, calibration[0]),
        }  # fmt: skip
        _write(model, int8_spec.with_training(**scores, scores_protocol=PROTOCOL), temporary)
    return result


def times_as_fast(int8: Path, float32: Path, inputs: Tensors) -> float:
    """As this package runs them in ONNX Runtime, on one thread of this machine; > 1 where int8 is
    worth it there."""
    image, ground = inputs[INPUT_NAME], inputs.get(GROUND_NAME)
    with (
        open_engine(int8, "onnxruntime", threads=1) as after,
        open_engine(float32, "onnxruntime", precision="fp32", threads=1) as before,
    ):
        after_ms, before_ms = in_turn_ms(
            *(partial(engine.infer, image, ground) for engine in (after, before))
        )
    return round(before_ms / after_ms, 3)


def score(path: Path, truth: Sequence[tuple[Reader, int]], backend: str, title: str) -> Scores:
    """AbsRel and mIoU of a model at the camera's resolution, by the package's own metrics."""
    protocol = get_protocol(PROTOCOL)
    errors: list[float] = []
    confusion = np.zeros((256, 256), np.int64)
    with Predictor.open(path, backend) as predictor:
        for reader, index in tqdm(truth, title, leave=False):
            sample = reader[index]
            prediction = predictor.predict(sample.frame)
            if sample.truth.depth_m is not None:
                pixels = protocol.select(prediction.depth_m, sample.truth.depth_m)
                if len(pixels.truth):
                    errors.append(abs_rel(pixels.prediction, pixels.truth))
            if prediction.labels is not None and sample.truth.labels is not None:
                confusion += confusion_matrix(
                    prediction.labels, to_network_ids(sample.truth.labels)
                )
    if not errors:
        raise TrainingError(
            f"none of the {len(truth)} frames to score has depth; give --data with ground truth"
        )
    ids = NETWORK_CLASSES.evaluated_ids()
    miou = mean_iou(confusion, ids) if confusion[ids].any() else None
    return Scores(float(np.mean(errors)), miou, len(truth))


def network_inputs(
    spec: ModelSpec, reader: Reader, indices: Sequence[int]
) -> Iterator[dict[str, npt.NDArray[Any]]]:
    """Frames of a reader as the network sees them: its inputs by name."""
    for index in indices:
        frame = reader[index].frame
        height, width = frame.image.shape[:2]
        geometry = plan_geometry(spec, width, height, frame.intrinsics)
        inputs: dict[str, npt.NDArray[Any]] = {INPUT_NAME: prepare(frame.image, geometry, spec)}
        if spec.rig_input:
            inputs[GROUND_NAME] = prepare_ground(frame.rig, geometry, spec, frame.intrinsics)
        yield inputs


def spread(count: int, wanted: int, used: set[int] | None = None) -> list[int]:
    """Up to ``wanted`` indices of ``range(count)``, evenly spread, none of them ``used``."""
    free = [i for i in range(count) if not used or i not in used]
    places = np.linspace(0, len(free) - 1, min(wanted, len(free))).round().astype(int)
    return [free[i] for i in np.unique(places)]


def _write(model: OnnxFile, spec: ModelSpec, path: Path) -> None:
    set_stored_spec(model, spec)
    data = model.encode()
    onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
    path.write_bytes(data)


def _open(folder: Path) -> Reader:
    """A Virtual KITTI layout, or else a folder of images."""
    if (folder / "vkitti_1.3.1_rgb").is_dir() or any(folder.glob("Scene[0-9]*")):
        return open_virtual_kitti(folder)
    return ImageFolder(folder)


def _work(args: argparse.Namespace) -> Quantised:
    spec = read_spec(args.model)
    data = open_virtual_kitti(args.data)
    source = _open(args.calibration) if args.calibration else data
    chosen, scored_indices = split(len(source), len(data), args)
    scored = [(data, i) for i in scored_indices]
    inputs = list(network_inputs(spec, source, chosen))
    out = args.out or int8_path(args.model)
    return quantise(args.model, out, inputs, scored, args.backend)


def split(images: int, frames: int, args: argparse.Namespace) -> tuple[list[int], list[int]]:
    """(frames to calibrate on, frames to score on), none in both where they are of one data set;
    a data set too small for what was asked is shared out, half and half."""
    if args.calibration:
        return spread(images, args.images), spread(frames, args.frames)
    if frames < 2:
        raise TrainingError(
            f"{args.data} has {frames} frames: one to calibrate on and another to score are the "
            "least; give more, or other images with --calibration"
        )
    chosen = spread(frames, min(args.images, max(1, frames // 2)))
    return chosen, spread(frames, args.frames, set(chosen))


def describe(result: Quantised, out: Path, source: Path) -> str:
    """What was made, in a few lines."""
    sizes: Mapping[Path, float] = {p: p.stat().st_size / 2**20 for p in (source, out)}
    return (
        f"{out}: {result.convolutions} convolutions int8, {sizes[source]:.1f} -> "
        f"{sizes[out]:.1f} MiB, calibrated on {result.calibration_images} images\n"
        f"float32 {result.before}\nint8    {result.after} "
        f"({result.before.frames} frames, protocol {PROTOCOL}, {result.backend})"
    )


def main(argv: list[str] | None = None) -> int:
    parser = command_parser("python -m training.quantize", __doc__)
    parser.add_argument("model", type=Path, help="float32 ONNX file with a spec")
    parser.add_argument("--data", type=Path, required=True, help="Virtual KITTI layout, to score")
    parser.add_argument("--calibration", type=Path, help="other images to calibrate on")
    parser.add_argument("--images", type=ranged("frames"), default=64, help="calibration images")
    parser.add_argument("--frames", type=ranged("frames"), default=100, help="frames to score")
    parser.add_argument("--out", type=Path, help="default: MODEL.int8.onnx beside the model")
    parser.add_argument(
        "--backend", choices=("openvino", "onnxruntime"), default="onnxruntime", help="for scoring"
    )
    args = parser.parse_args(argv)

    def work() -> None:
        result = _work(args)
        print(describe(result, args.out or int8_path(args.model), args.model))

    return run(work, args)


if __name__ == "__main__":
    sys.exit(main())
