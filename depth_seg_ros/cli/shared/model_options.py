"""The network on a command line, and what runs it: the same options for every command."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from depth_seg_ros.cli.shared.batching import open_for_many
from depth_seg_ros.engines import BACKENDS
from depth_seg_ros.engines.precision import PRECISIONS
from depth_seg_ros.models import DEFAULT_MODEL, resolve_model
from depth_seg_ros.predictor import INPUT_SHAPES, Predictor
from depth_seg_ros.spec import file_sha256
from depth_seg_ros.system.command import ranged


def add_model_options(
    parser: argparse.ArgumentParser, model: bool = True, batch: bool = True
) -> None:
    """--model (where there is one), --backend, --precision, --threads, --batch (where images wait
    for each other), --fit, --input-shape, --detail."""
    group = parser.add_argument_group("model")
    if model:
        group.add_argument(
            "--model",
            default=DEFAULT_MODEL,
            metavar="NAME_OR_ONNX",
            help="shipped name or ONNX file",
        )
    group.add_argument(
        "--backend", default="auto", choices=("auto", *BACKENDS), help="what runs it"
    )
    group.add_argument(
        "--precision",
        choices=("bf16", *PRECISIONS),
        help="of the arithmetic (default: the backend's choice)",
    )
    group.add_argument(
        "--threads", type=ranged("threads"), default=None, help="threads of a CPU backend"
    )
    if batch:
        group.add_argument(
            "--batch",
            type=ranged("batch"),
            help="images a call (default: 1; for many images on a GPU, 8 if that is faster there)",
        )
    group.add_argument(
        "--fit", choices=("pad", "crop"), default=None, help="how other aspects fit the network"
    )
    group.add_argument(
        "--input-shape",
        choices=INPUT_SHAPES,
        default="camera",
        help="of a model that knows several: what shows most of the camera's image, or the file's "
        "own (default: camera)",
    )
    group.add_argument(
        "--detail",
        type=ranged("detail"),
        metavar="TIMES",
        help="of such a model: times the file's pixels that it sees, for as many times the cost "
        "(default: 1)",
    )


@contextmanager
def opened_model(arguments: argparse.Namespace, images: int) -> Iterator[tuple[Predictor, str]]:
    """(predictor, digest of its file); images: how many are to come."""
    path = resolve_model(arguments.model)
    open_one = partial(Predictor.open, path, fit=arguments.fit)
    with open_for_many(open_one, arguments.backend, engine_options(arguments), images) as predictor:
        yield predictor, file_sha256(path)


def engine_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """What was said about the engine, as :meth:`Predictor.open` takes it."""
    names = ("threads", "precision", "batch", "input_shape", "detail")
    chosen = {n: getattr(arguments, n, None) for n in names}
    return {k: v for k, v in chosen.items() if v is not None}
