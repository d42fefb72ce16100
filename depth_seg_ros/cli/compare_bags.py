"""Compare two models over the same recordings: every metric's difference with its interval.

Both are scored as evaluate_bags does (in DIR/A and DIR/B; what is there already is kept).

  depth-seg compare_bags recordings/ --models ds_net ds_net_lite --out compared
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from depth_seg_ros.cli.shared.bag_options import add_truth_options, bag_options
from depth_seg_ros.cli.shared.evaluating import add_report_options, chosen_protocol
from depth_seg_ros.cli.shared.fleet_options import add_fleet_options, fleet
from depth_seg_ros.cli.shared.model_options import add_model_options, engine_options
from depth_seg_ros.models import resolve_model
from depth_seg_ros.spec import file_sha256
from depth_seg_ros.system.command import command_parser, run


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("compare_bags", __doc__)
    parser.add_argument("bags", nargs="+", type=Path, metavar="BAG_OR_FOLDER")
    parser.add_argument(
        "--models", nargs=2, required=True, metavar=("A", "B"), help="shipped names or ONNX files"
    )
    add_truth_options(parser)
    add_model_options(parser, model=False)
    add_report_options(parser, protocol="eigen")
    add_fleet_options(parser)
    arguments = parser.parse_args(argv)

    def work() -> None:
        from depth_seg_ros.evaluation.compare import compare, facts, table, write_comparison
        from depth_seg_ros.fleet.evaluate import Job, evaluate_bags, find_bags, kept

        protocol = chosen_protocol(arguments)
        models = [resolve_model(name) for name in arguments.models]
        bags = find_bags(arguments.bags)
        job = Job(
            protocol, bag_options(arguments), arguments.backend, arguments.fit,
            engine_options(arguments), "",
        )  # fmt: skip
        results = []
        with fleet(arguments) as client:
            for letter, model in zip("AB", models, strict=True):
                mine = replace(job, sha256=file_sha256(model))
                out = arguments.out / letter
                title = f"{len(bags)} recordings: {model.stem}"
                evaluate_bags(client, model, bags, mine, out, title, not arguments.quiet)
                results.append(kept(out, bags, mine))
        names = (models[0].stem, models[1].stem)
        if names[0] == names[1]:
            names = (arguments.models[0], arguments.models[1])
        found = compare(names, results[0], results[1], protocol.headline, protocol.name)
        if not arguments.quiet:
            print("\n".join(f"{name}: {value}" for name, value in facts(found)))
            print("\n".join("  ".join(row) for row in table(found)))
        print("\n".join(map(str, write_comparison(found, arguments.out))))

    return run(work, arguments)


if __name__ == "__main__":
    sys.exit(main())
