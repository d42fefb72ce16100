"""Score a model on many recordings, here or on a fleet of machines: one report over all.

Every bag gets a report of its own (DIR/bags/NAME) and a row in the total, which is exactly what one
bag with all frames would give. Bags that cannot be scored are named with the reason, and the rest
is scored. Run it again to go on where it was stopped.

  depth-seg evaluate_bags recordings/ --model ds_net --out result
  depth-seg evaluate_bags a.mcap b.mcap --scheduler tcp://10.0.0.5:8786 --out result
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from depth_seg_ros.cli.shared.bag_options import add_truth_options, bag_options
from depth_seg_ros.cli.shared.evaluating import add_report_options, chosen_protocol
from depth_seg_ros.cli.shared.fleet_options import add_fleet_options, fleet
from depth_seg_ros.cli.shared.model_options import add_model_options, engine_options
from depth_seg_ros.models import resolve_model
from depth_seg_ros.spec import file_sha256
from depth_seg_ros.system.command import command_parser, run


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("evaluate_bags", __doc__)
    parser.add_argument("bags", nargs="+", type=Path, metavar="BAG_OR_FOLDER")
    add_truth_options(parser)
    add_model_options(parser)
    add_report_options(parser, protocol="eigen")
    add_fleet_options(parser)
    arguments = parser.parse_args(argv)

    def work() -> None:
        from depth_seg_ros.fleet.evaluate import Job, evaluate_bags, find_bags

        model = resolve_model(arguments.model)
        job = Job(
            chosen_protocol(arguments), bag_options(arguments), arguments.backend, arguments.fit,
            engine_options(arguments), file_sha256(model),
        )  # fmt: skip
        bags = find_bags(arguments.bags)
        title = arguments.title or f"{len(bags)} recordings: {arguments.model}"
        with fleet(arguments) as client:
            report = evaluate_bags(
                client, model, bags, job, arguments.out, title, not arguments.quiet
            )
        if not arguments.quiet:
            print(report.to_text())
        print(arguments.out / "report.html")

    return run(work, arguments)


if __name__ == "__main__":
    sys.exit(main())
