"""Score a model on a recorded drive: a rosbag2 bag with ground truth in it or beside it.

Ground truth is taken from --ground-truth, else from a .../ground_truth/... depth topic, else from
the point cloud; labels from a .../ground_truth/... label topic.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

from depth_seg_ros.cli.shared.bag_options import add_bag_options, bag_options
from depth_seg_ros.cli.shared.evaluating import (
    AUTO,
    add_report_options,
    chosen_options,
    chosen_protocol,
    finish,
    told_mismatch,
)
from depth_seg_ros.cli.shared.model_options import add_model_options, opened_model
from depth_seg_ros.evaluation.evaluate import evaluate
from depth_seg_ros.evaluation.truth.bag import BagReader
from depth_seg_ros.system.command import command_parser, run


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("evaluate_bag", __doc__)
    add_bag_options(parser)
    add_model_options(parser)
    add_report_options(parser, protocol=AUTO)
    arguments = parser.parse_args(argv)

    def work() -> None:
        kinds = chosen_protocol(arguments).kitti_truths
        reading = replace(bag_options(arguments), truth_kinds=kinds)
        with (
            BagReader(arguments.bag, reading) as reader,
            opened_model(arguments, images=len(reader)) as (predictor, sha256),
        ):
            title = f"{arguments.bag.name}: {predictor.spec.name}"
            options = replace(
                chosen_options(arguments, title, sha256),
                drive=reader.drive,
                extra_notes=told_mismatch(arguments, reader),
            )
            protocol = chosen_protocol(arguments, reader)
            finish(evaluate(reader, predictor, protocol, options), arguments)

    return run(work, arguments)


if __name__ == "__main__":
    sys.exit(main())
