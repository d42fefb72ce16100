"""What the evaluating commands share: their options, writing the report."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from depth_seg_ros.errors import OutputError
from depth_seg_ros.evaluation.evaluate import Options, load_mean_depth
from depth_seg_ros.evaluation.report.html import write_report
from depth_seg_ros.evaluation.report.report import Report
from depth_seg_ros.evaluation.score.protocols import PROTOCOLS, EvalProtocol, get_protocol
from depth_seg_ros.evaluation.truth.kind import protocol_for, warning
from depth_seg_ros.readers.base import Reader

AUTO = "auto"
"""The protocol that goes by the kind of truth."""


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
