"""What the evaluating commands share: their options, opening the model, writing the report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from depth_seg_ros.cli.shared.batching import open_for_many
from depth_seg_ros.engines import BACKENDS
from depth_seg_ros.engines.precision import PRECISIONS
from depth_seg_ros.errors import OutputError
from depth_seg_ros.evaluation.evaluate import Options, load_mean_depth
from depth_seg_ros.evaluation.report.html import write_report
from depth_seg_ros.evaluation.report.report import Report
from depth_seg_ros.evaluation.score.protocols import PROTOCOLS, EvalProtocol, get_protocol
from depth_seg_ros.evaluation.truth.kind import protocol_for, warning
from depth_seg_ros.models import DEFAULT_MODEL, resolve_model
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.readers.base import Reader
from depth_seg_ros.spec import file_sha256
from depth_seg_ros.system.command import ranged

AUTO = "auto"
"""The protocol that goes by the kind of truth."""


def add_model_options(parser: argparse.ArgumentParser, model: bool = True) -> None:
    """--model (where there is one), --backend, --precision, --threads, --fit."""
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
    group.add_argument(
        "--batch",
        type=ranged("batch"),
        help="images a call (default: 1; for many images on a GPU, 8 if that is faster there)",
    )
    group.add_argument(
        "--fit", choices=("pad", "crop"), default=None, help="how other aspects fit the network"
    )


def add_report_options(parser: argparse.ArgumentParser, protocol: str | None) -> None:
    """--out, --overwrite, and for depth --protocol, --median-scaling, --mean-depth.

    protocol: the default; None = no depth is scored.
    """
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for report.*")
    parser.add_argument("--overwrite", action="store_true", help="replace a report that is there")
    parser.add_argument("--title", default=None, help="heading of the report")
    parser.add_argument("--quiet", action="store_true", help="no progress bar, no table")
    if protocol is None:
        return
    group = parser.add_argument_group("protocol")
    by_truth = (AUTO,) if protocol == AUTO else ()
    group.add_argument(
        "--protocol",
        choices=(*by_truth, *PROTOCOLS),
        default=protocol,
        help="which pixels count, and how" + ("; auto: by the kind of truth" if by_truth else ""),
    )
    group.add_argument(
        "--median-scaling",
        action="store_true",
        help="scale each prediction to the truth's median (the report says so)",
    )
    group.add_argument(
        "--mean-depth", type=Path, metavar="NPY", help="mean depth per pixel [m], a second baseline"
    )


@contextmanager
def opened_model(arguments: argparse.Namespace, images: int) -> Iterator[tuple[Predictor, str]]:
    """(predictor, digest of its file); images: how many are to come."""
    path = resolve_model(arguments.model)
    open_one = partial(Predictor.open, path, fit=arguments.fit)
    with open_for_many(open_one, arguments.backend, engine_options(arguments), images) as predictor:
        yield predictor, file_sha256(path)


def engine_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """What was said about the backend."""
    chosen = {name: getattr(arguments, name) for name in ("threads", "precision", "batch")}
    return {k: v for k, v in chosen.items() if v is not None}


def chosen_protocol(arguments: argparse.Namespace, reader: Reader | None = None) -> EvalProtocol:
    """The protocol named (``auto``: by what ``reader`` has, eigen before there is one), with median
    scaling if that was asked for."""
    name = arguments.protocol
    if name == AUTO:
        protocol = protocol_for(reader) if reader else get_protocol("eigen")
    else:
        protocol = get_protocol(name)
    return replace(protocol, median_scaling=arguments.median_scaling)


def told_mismatch(arguments: argparse.Namespace, reader: Reader) -> tuple[str, ...]:
    """Notes for the report where the protocol that was named is about another kind of truth; told
    on stderr too."""
    found = None if arguments.protocol == AUTO else warning(reader, chosen_protocol(arguments))
    if found is None:
        return ()
    print(f"warning: {found}", file=sys.stderr)
    return (found,)


def chosen_options(arguments: argparse.Namespace, title: str, sha256: str) -> Options:
    """What the common options say; OutputError where a report is there and may not be replaced."""
    if not arguments.overwrite and (there := sorted(arguments.out.glob("report.*"))):
        raise OutputError(f"{there[0]} exists already; add --overwrite, or choose another --out")
    return Options(
        title=arguments.title or title,
        mean_depth=load_mean_depth(getattr(arguments, "mean_depth", None)),
        model_sha256=sha256,
        progress=not arguments.quiet,
    )


def finish(report: Report, arguments: argparse.Namespace) -> None:
    """Write the report; print its table and where it is."""
    paths = write_report(report, arguments.out)
    if not arguments.quiet:
        print(report.to_text())
    print("\n".join(str(p) for p in paths))
