"""ONNX file -> TensorRT (or other) engine for this GPU, checked on the CPU, kept in the cache.

Nodes and commands find it there; they build it themselves where it is missing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from depth_seg_ros.engines import open_engine
from depth_seg_ros.engines.cache import EngineCache, Entry
from depth_seg_ros.engines.camera_input import CameraInput
from depth_seg_ros.engines.choose import GPU_BACKENDS
from depth_seg_ros.engines.precision import PRECISIONS
from depth_seg_ros.engines.reshape import for_camera, reshaped
from depth_seg_ros.engines.toolchain import BuildOptions
from depth_seg_ros.errors import EngineError
from depth_seg_ros.models import resolve_model
from depth_seg_ros.preprocess import plan_geometry
from depth_seg_ros.spec import read_spec
from depth_seg_ros.system.command import command_parser, ranged, run, sized


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("build_engine", __doc__)
    add = parser.add_argument
    add("model", nargs="?", help="shipped name or ONNX file (fp32; a QDQ file for int8)")
    add("--backend", choices=GPU_BACKENDS, default="tensorrt", help="what builds it")
    add("--precision", choices=PRECISIONS, help="default: fp16, or int8 for an int8 file")
    add("--batch", type=ranged("batch"), default=1, help="images a call (several cameras)")
    add(
        "--camera-size",
        type=sized,
        metavar="WIDTHxHEIGHT",
        help="build the engine that takes images of this size and shrinks them on the GPU",
    )
    add(
        "--detail",
        type=ranged("detail"),
        default=1.0,
        metavar="TIMES",
        help="times the file's pixels, of a model that knows several shapes of its input",
    )
    add("--fit", choices=("pad", "crop"), help="how other aspects fit the network, with it")
    add("--device", type=ranged("device"), default=0, help="index of the GPU")
    add(
        "--workspace-mib", type=ranged("workspace_mib"), help="memory the builder's kernels may use"
    )
    add("--tf32", action="store_true", help="let float32 round to TF32")
    add(
        "--optimization-level",
        type=ranged("optimization_level"),
        help="0..5: build time against speed",
    )
    add("--dla-core", type=ranged("dla_core"), help="use this DLA core, the GPU for the rest")
    add("--version-compatible", action="store_true", help="loads in later TensorRT versions too")
    add("--hardware-compatible", action="store_true", help="runs on other GPUs (Ampere and later)")
    add("--rebuild", action="store_true", help="build even if the cache has it")
    add("--no-parity", action="store_true", help="do not compare with ONNX Runtime (not advised)")
    add(
        "--cache-dir",
        type=Path,
        help="default: $DEPTH_SEG_ROS_CACHE, else depth_seg_ros/engines in $XDG_CACHE_HOME or "
        "~/.cache",
    )
    add("--list", action="store_true", help="show what is in the cache")
    add("--clear", action="store_true", help="empty the cache")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    parser = _parser()
    arguments = parser.parse_args(argv)
    if not (arguments.model or arguments.list or arguments.clear):
        parser.error("give a model, --list or --clear")

    def work() -> None:
        cache = EngineCache(arguments.cache_dir)
        if arguments.clear:
            removed = cache.clear()
            print(f"{len(removed)} removed from {cache.folder}")
        elif arguments.list:
            print(list_cache(cache))
        else:
            build(arguments, cache)

    return run(work, arguments)


def build(arguments: argparse.Namespace, cache: EngineCache) -> None:
    """Build, or find, one engine and say what it is."""
    path = resolve_model(arguments.model)
    spec, camera = read_spec(path).at_detail(arguments.detail), None
    path = reshaped(path, spec)
    inside = spec.precision
    if arguments.camera_size:
        width, height = arguments.camera_size
        path, spec = for_camera(path, spec, (width, height), arguments.fit)
        geometry = plan_geometry(spec, width, height, None, arguments.fit)
        camera = CameraInput.of(geometry, spec)
    precision = arguments.precision or ("fp16" if inside == "fp32" else inside)
    names = [f.name for f in fields(BuildOptions) if f.name not in ("precision", "camera")]
    with open_engine(
        path,
        arguments.backend,
        precision=precision,
        **{name: getattr(arguments, name) for name in names},
        camera=camera,
        cache_dir=cache.folder,
        rebuild=arguments.rebuild,
        parity=not arguments.no_parity,
        progress=print,
    ) as engine:
        info = engine.info
        print(f"{info.backend} {info.version} {info.precision} {list(info.input_shape)} on "
              f"{info.device}")  # fmt: skip
        for name, value in info.details.items():
            print(f"  {name}: {value}")


def list_cache(cache: EngineCache) -> str:
    """One line an engine."""
    lines = [_line(entry) for entry in cache.entries()]
    return "\n".join(lines) if lines else f"{cache.folder} holds no engine"


def _line(entry: Entry) -> str:
    try:
        entry.read_plan()
    except EngineError:
        return f"{entry.path.name}: damaged; it will be rebuilt when needed"
    key, parity = entry.key, entry.facts.get("parity")
    compared = (
        f"depth within {100 * parity['depth_mean_relative']:.3f} % on average of ONNX Runtime"
        if parity
        else "never compared"
    )
    return (
        f"{entry.path.name}: {key['model']} {key['precision']} {key['shape']} for {key['device']} "
        f"({key['backend']} {key['backend_version']}, {key['driver']}), {entry.size_mib:.1f} MiB, "
        f"layers {entry.facts.get('layers')}, {compared}"
    )


if __name__ == "__main__":
    sys.exit(main())
