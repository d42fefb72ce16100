"""Score what a running node published: a bag that was played, and the recording of the outputs.

The same report as `evaluate_bag`, for the live path: what the node dropped is listed as not
answered. `ros2 launch depth_seg_ros evaluate_bag.launch.py` plays, records and calls this.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from depth_seg_ros.cli.shared.bag_options import add_bag_options, bag_options
from depth_seg_ros.cli.shared.evaluating import (
    AUTO,
    add_report_options,
    chosen_options,
    chosen_protocol,
    finish,
    told_mismatch,
)
from depth_seg_ros.evaluation.evaluate import evaluate
from depth_seg_ros.evaluation.recording import Answers, RecordedPredictor
from depth_seg_ros.evaluation.truth.bag import BagReader
from depth_seg_ros.models import DEFAULT_MODEL, resolve_model
from depth_seg_ros.perception.report import OVERHEAD
from depth_seg_ros.perception.wording import LATENCY, read_percentiles
from depth_seg_ros.spec import file_sha256, read_spec
from depth_seg_ros.system.command import command_parser, run


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    return run(lambda: _score(arguments), arguments)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("score_recording", __doc__)
    add_bag_options(parser)
    parser.add_argument(
        "--recording", type=Path, required=True, metavar="BAG", help="the node's outputs"
    )
    parser.add_argument("--namespace", default="", help="of the node")
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, metavar="NAME_OR_ONNX", help="what the node ran"
    )
    add_report_options(parser, protocol=AUTO)
    return parser


def _score(arguments: argparse.Namespace) -> None:
    path, kinds = resolve_model(arguments.model), chosen_protocol(arguments).kitti_truths
    reading = replace(bag_options(arguments), truth_kinds=kinds)
    with (
        BagReader(arguments.bag, reading) as reader,
        RecordedPredictor(arguments.recording, read_spec(path), arguments.namespace) as recorded,
    ):
        stamps = [e.stamp_ns for e in reader.bag.index(reader.topics.image)]
        answers = recorded.answers(stamps)
        title = f"{arguments.bag.name}: {recorded.spec.name}, live"
        options = chosen_options(arguments, title, file_sha256(path))
        notes = _notes(answers, recorded.health) + told_mismatch(arguments, reader)
        options = replace(options, drive=reader.drive, extra_notes=notes)
        protocol = chosen_protocol(arguments, reader)
        report = evaluate(reader, recorded, protocol, options)
        # The node's times are in the notes; reading a recording has none worth telling.
        finish(replace(report, latency={}, times_ms=()), arguments)
    print(f"{answers}; {len(report.frames)} scored")


def _notes(answers: Answers, health: dict[str, str]) -> tuple[str, ...]:
    times = [
        f"{stage} {found[0]:.2f} / {found[1]:.2f}"
        for stage in (LATENCY, "inference", OVERHEAD)
        if (found := read_percentiles(health, stage)) is not None
    ]
    told = f"Live: {answers}."
    if times:
        told += f" p50 / p95 [ms] over the last frames: {', '.join(times)}."
    return (told,)


if __name__ == "__main__":
    sys.exit(main())
