"""What the evaluating commands share: their options, opening the model, writing the report."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from depth_seg_ros.evaluation.evaluate import Options, load_mean_depth
from depth_seg_ros.evaluation.report.html import write_report
from depth_seg_ros.evaluation.report.report import Report
from depth_seg_ros.evaluation.score.protocols import PROTOCOLS, EvalProtocol, get_protocol
from depth_seg_ros.models import resolve_model
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.spec import file_sha256
from depth_seg_ros.system.command import ranged


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """--model, --backend, --threads, --fit."""
    group = parser.add_argument_group("model")
    group.add_argument(
        "--model", default="ds_net", metavar="NAME_OR_ONNX", help="shipped name or ONNX file"
    )
    group.add_argument("--backend", default="auto", help="auto, onnxruntime, openvino, tensorrt")
    group.add_argument(
        "--threads", type=ranged("threads"), default=None, help="threads of a CPU backend"
    )
    group.add_argument(
        "--fit", choices=("pad", "crop"), default=None, help="how other aspects fit the network"
    )


def add_report_options(parser: argparse.ArgumentParser, protocol: str | None) -> None:
    """--out, and for depth --protocol, --median-scaling, --mean-depth."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for report.*")
    parser.add_argument("--title", default=None, help="heading of the report")
    parser.add_argument("--quiet", action="store_true", help="no progress bar, no table")
    if protocol is None:
        return
    group = parser.add_argument_group("protocol")
    group.add_argument("--protocol", choices=tuple(PROTOCOLS), default=protocol)
    group.add_argument(
        "--median-scaling",
        action="store_true",
        help="scale each prediction to the truth's median (the report says so)",
    )
    group.add_argument(
        "--mean-depth", type=Path, metavar="NPY", help="mean depth per pixel [m], a second baseline"
    )


@contextmanager
def opened_model(arguments: argparse.Namespace) -> Iterator[tuple[Predictor, str]]:
    """(predictor, digest of its file)."""
    path = resolve_model(arguments.model)
    engine: dict[str, Any] = {}
    if arguments.threads is not None:
        engine["threads"] = arguments.threads
    with Predictor.open(path, arguments.backend, fit=arguments.fit, **engine) as predictor:
        yield predictor, file_sha256(path)


def chosen_protocol(arguments: argparse.Namespace) -> EvalProtocol:
    """The protocol named, with median scaling if that was asked for."""
    return replace(get_protocol(arguments.protocol), median_scaling=arguments.median_scaling)


def chosen_options(arguments: argparse.Namespace, title: str, sha256: str) -> Options:
    """What the common options say."""
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
