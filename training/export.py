"""Checkpoint -> one self-describing ONNX file, with proof that it computes the same.

    python -m training.export runs/ds_net/best.pt --out ds_net.onnx --storage fp16
    python -m training.export --untrained ds_net --out ds_net.onnx

    python -m training.export ds_net.onnx --out smaller.onnx --storage int8

The graph is float32 throughout. ``--storage fp16`` halves the file, ``int8`` (a scale for each
output channel) quarters it: weights are unpacked when the file is loaded, so every backend still
computes in float32 unless told otherwise. Parity between torch and ONNX Runtime is checked on every
export, and how far the stored weights move the outputs; a file that fails is not written.
"""

from __future__ import annotations

import io
import json
import sys
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from torch import nn

from depth_seg_ros.engines.parity import grounds
from depth_seg_ros.limits import within
from depth_seg_ros.spec import METADATA_KEY, ModelSpec, read_spec
from depth_seg_ros.system.atomic import write_bytes
from depth_seg_ros.system.command import command_parser, run
from depth_seg_ros.types import UInt8Array
from training import networks
from training.deploy import Deployed
from training.errors import TrainingError
from training.layers.network import Network
from training.model_spec import default_spec, load_for_export
from training.onnx_storage import STORAGES, restore, store
from training.start.initialise import start_network

Arrays = dict[str, npt.NDArray[Any]]

OPSET = 17
MAX_DEPTH_ERROR = 1e-3  # relative, torch against ONNX Runtime
MIN_LABEL_AGREEMENT = 0.999
MAX_CONFIDENCE_STEPS = 2  # of 255
MAX_STORAGE_ERROR = 0.05
"""Mean relative change of the depth by storing; int8 moves the shipped networks by 0.006."""


@dataclass(frozen=True)
class Parity:
    """Largest differences between torch and ONNX Runtime over the probe images.

    depth_error: largest relative difference of the depth.
    label_agreement: share of pixels with the same label (1 without labels).
    storage_depth_error: mean relative depth change that rounding the stored weights caused.
    """

    depth_error: float
    label_agreement: float
    storage_depth_error: float

    def __str__(self) -> str:
        return (
            f"depth within {self.depth_error:.1e} relative, labels agree on "
            f"{100 * self.label_agreement:.3f} %; storage moved the depth by "
            f"{self.storage_depth_error:.1e} on average"
        )


def export(
    network: Network,
    spec: ModelSpec,
    path: str | Path,
    storage: str = "fp32",
    probes: UInt8Array | None = None,
) -> Parity:
    """Write ``path`` (whole or not at all) and return the parity it was proven with.

    probes: uint8 [N, h, w, 3] images to compare on; made up where None.
    TrainingError where torch and ONNX Runtime disagree.
    """
    if probes is None:
        probes = probe_images(spec.input_height, spec.input_width)
    network = network.eval().to("cpu", torch.float32)
    inputs = _probe_inputs(network, probes)
    model = to_onnx(network, spec)
    in_torch, in_full = _run_torch(network, inputs), _run_onnx(model, inputs)
    if not all(np.isfinite(run["depth"]).all() for run in (in_torch, in_full)):
        raise TrainingError(
            f"{path} not written, its depth is not finite on the probe images: the weights are "
            "damaged (a loss that ran away?); take an earlier checkpoint"
        )
    parity = _compare(in_torch, in_full)
    agrees = within(parity.label_agreement, 1, MIN_LABEL_AGREEMENT)
    if not (within(parity.depth_error, MAX_DEPTH_ERROR) and agrees):
        raise TrainingError(f"{path} not written, torch and ONNX Runtime disagree: {parity}")
    moved = _write_stored(model, path, storage, in_full, inputs)
    return replace(parity, storage_depth_error=moved)


def store_again(source: Path, path: Path, storage: str) -> float:
    """Write an ONNX file of this module's once more, with its weights stored another way; returns
    the mean relative change of the depth. TrainingError where that is too much."""
    spec = read_spec(source)
    model = onnx.load(source)
    restore(model)
    names = [i.name for i in model.graph.input]
    inputs = _named_inputs(names, probe_images(spec.input_height, spec.input_width))
    return _write_stored(model, path, storage, _run_onnx(model, inputs), inputs)


def _write_stored(
    model: onnx.ModelProto, path: str | Path, storage: str, in_full: Arrays, inputs: list[Arrays]
) -> float:
    """Store, check, write; the mean relative change of the depth."""
    store(model, storage)
    metadata = {p.key: p.value for p in model.metadata_props}
    spec = ModelSpec.from_json(metadata[METADATA_KEY])
    if storage != "fp32" or "storage" in spec.training:
        metadata[METADATA_KEY] = spec.with_training(storage=storage).to_json()
    onnx.helper.set_model_props(model, metadata)
    onnx.checker.check_model(model, full_check=True)
    moved = _depth_change(in_full, _run_onnx(model, inputs))
    if not within(moved, MAX_STORAGE_ERROR):
        raise TrainingError(
            f"{path} not written: storing as {storage} moves the depth by {100 * moved:.1f} % on "
            f"average; at most {100 * MAX_STORAGE_ERROR:g} % is taken: use --storage fp16"
        )
    write_bytes(path, model.SerializeToString())
    return moved


def to_onnx(network: Network, spec: ModelSpec) -> onnx.ModelProto:
    """The deployed graph with the spec in its metadata, checked by ``onnx.checker``."""
    image = torch.zeros(1, spec.input_height, spec.input_width, 3, dtype=torch.uint8)
    deployed = Deployed(network).eval()
    examples = (image, torch.zeros(image.shape[:3]))[: len(deployed.input_names)]
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the exporter without onnxscript
        torch.onnx.export(
            deployed,
            examples,
            buffer,  # type: ignore[arg-type]  # documented; its annotation says paths only
            input_names=deployed.input_names,
            output_names=deployed.output_names,
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.load_from_string(buffer.getvalue())
    model.metadata_props.add(key=METADATA_KEY, value=spec.to_json())
    onnx.checker.check_model(model, full_check=True)
    return model


def probe_images(height: int, width: int, count: int = 4) -> UInt8Array:
    """Made-up uint8 images [count, h, w, 3] with structure at several scales."""
    rng = np.random.default_rng(0)
    images = np.zeros((count, height, width, 3))
    for cells in (2, 5, 20, 80):
        noise = torch.from_numpy(rng.standard_normal((count, 3, cells, cells)))
        grown = nn.functional.interpolate(noise, (height, width), mode="bilinear")
        images += grown.permute(0, 2, 3, 1).numpy()
    return np.clip(127 + 45 * images, 0, 255).astype(np.uint8)


def _probe_inputs(network: Network, probes: UInt8Array) -> list[Arrays]:
    return _named_inputs(Deployed(network).input_names, probes)


def _named_inputs(names: list[str], probes: UInt8Array) -> list[Arrays]:
    """The inputs of each run, by name: the image, and the ground where it is asked for."""
    values: tuple[npt.NDArray[Any], ...] = (
        probes,
        grounds(probes.shape[1], probes.shape[2], len(probes)),
    )
    return [
        {n: v[i : i + 1] for n, v in zip(names, values, strict=False)} for i in range(len(probes))
    ]


def _run_torch(network: Network, inputs: list[Arrays]) -> Arrays:
    deployed = Deployed(network)
    with torch.inference_mode():
        runs = [deployed(*(torch.from_numpy(v) for v in values.values())) for values in inputs]
    return {
        name: np.concatenate([r[i].numpy() for r in runs])
        for i, name in enumerate(deployed.output_names)
    }


def _run_onnx(model: onnx.ModelProto, inputs: list[Arrays]) -> Arrays:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    names = [o.name for o in session.get_outputs()]
    runs = [session.run(names, values) for values in inputs]
    return {name: np.concatenate([r[i] for r in runs]) for i, name in enumerate(names)}


def _compare(torch_run: Arrays, onnx_run: Arrays) -> Parity:
    if set(torch_run) != set(onnx_run):
        raise TrainingError(f"the graph returns {list(onnx_run)}, expected {list(torch_run)}")
    if "depth_confidence" in torch_run:
        sure, known = (r["depth_confidence"].astype(int) for r in (onnx_run, torch_run))
        if not within(float(np.abs(sure - known).max()), MAX_CONFIDENCE_STEPS):
            raise TrainingError(
                "not written, torch and ONNX Runtime disagree on the depth's confidence by "
                f"{np.abs(sure - known).max()} of 255"
            )
    labels = torch_run.get("labels")
    agreement = 1.0 if labels is None else float((labels == onnx_run["labels"]).mean())
    error = np.abs(torch_run["depth"] - onnx_run["depth"]) / _floored(torch_run)
    return Parity(float(error.max()), agreement, 0.0)


def _depth_change(before: Arrays, after: Arrays) -> float:
    """Mean relative change."""
    return float((np.abs(after["depth"] - before["depth"]) / _floored(before)).mean())


def _floored(run: Arrays) -> npt.NDArray[Any]:
    """Depth to divide by [m]: a ReLU head may say 0."""
    return np.maximum(run["depth"], 0.1)


def _facts(path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as e:
        raise TrainingError(f"{path} is not readable JSON ({e})") from e
    if not isinstance(facts, dict):
        raise TrainingError(f"{path} should hold one JSON object, found {type(facts).__name__}")
    return facts


def main(argv: list[str] | None = None) -> int:
    parser = command_parser("python -m training.export", __doc__)
    parser.add_argument(
        "checkpoint", nargs="?", help="best.pt or last.pt of a run, or an ONNX file"
    )
    parser.add_argument("--untrained", metavar="NAME", help="a fresh network instead")
    parser.add_argument("--out", required=True, type=Path, help="the ONNX file to write")
    parser.add_argument("--storage", choices=STORAGES, default="fp32")
    parser.add_argument(
        "--facts", type=Path, metavar="JSON", help="an object added to the spec's training facts"
    )
    args = parser.parse_args(argv)
    if (args.checkpoint is None) == (args.untrained is None):
        parser.error("give a checkpoint or --untrained NAME")

    def work() -> None:
        if args.checkpoint and args.checkpoint.endswith(".onnx"):
            moved = store_again(Path(args.checkpoint), args.out, args.storage)
            size = args.out.stat().st_size / 2**20
            print(f"{args.out}: {size:.1f} MiB; depth moved by {100 * moved:.2f} % on average")
            return
        if args.untrained:
            torch.manual_seed(0)
            network = networks.build(args.untrained)
            start_network(network, "he", typical_depth_m=12.0)
            spec = default_spec(network).with_training(data="none: fresh weights")
        else:
            network, spec = load_for_export(args.checkpoint)
        if args.facts:
            spec = spec.with_training(**_facts(args.facts))
        parity = export(network, spec, args.out, args.storage)
        size = args.out.stat().st_size / 2**20
        print(f"{args.out}: {spec.name}, {size:.1f} MiB; {parity}")

    return run(work, args)


if __name__ == "__main__":
    sys.exit(main())
