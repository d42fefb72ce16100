"""Options about what a perception publishes, the same for every command that does."""

from __future__ import annotations

import argparse
from dataclasses import fields

from depth_seg_ros.messages.depth import ENCODINGS
from depth_seg_ros.messages.outputs import OPTION_LIMITS, OutputOptions
from depth_seg_ros.system.command import ranged

_NUMBERS = (
    ("--min-depth", "min_depth_m", "M", "nearer is -Inf"),
    ("--max-depth", "max_depth_m", "M", "farther is +Inf; 0: as taught"),
    ("--min-depth-confidence", "min_depth_confidence", "SHARE",
     "depth less probable than this to be within 25 %% becomes NaN"),
    ("--min-confidence", "min_confidence", "SHARE", "labels below it become 255"),
    ("--points-max-jump", "points_max_jump", "SHARE",
     "leave out points at outlines, between near and far (0.15 is a good start)"),
    ("--points-stride", "points_stride", "N", "every n-th pixel"),
)  # fmt: skip
"""Option, field of OutputOptions, metavar, help."""


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """``--depth-encoding``, ``--points-height`` and the numbers above."""
    default = OutputOptions.depth_encoding
    parser.add_argument("--depth-encoding", default=default, choices=ENCODINGS)
    parser.add_argument(
        "--points-height", action="store_true", help="points have their height above the ground"
    )
    for option, name, metavar, words in _NUMBERS:
        parser.add_argument(
            option, dest=name, type=ranged(OPTION_LIMITS[name]), metavar=metavar, help=words,
            default=getattr(OutputOptions, name),
        )  # fmt: skip


def output_options(arguments: argparse.Namespace) -> OutputOptions:
    """What those options say."""
    given = vars(arguments)
    return OutputOptions(
        **{f.name: given[f.name] for f in fields(OutputOptions) if f.name in given}
    )
