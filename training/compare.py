"""The paper's experiment: does learning semantics help depth? One command, resumable.

    python -m training.compare config/training/paper.yaml --out runs/compare \\
        --seeds 1 2 3 --test data/vkitti:0002 --kitti DRIVE

Both networks are trained from the same experiment with the same seeds and number of steps (what
exists is kept, what was interrupted goes on), scored through the robot's Predictor, and compared:
learning curves, tables with mean ± standard deviation over the seeds, the paired difference, sheets
of pictures. The result is ``compare.md`` and ``compare.html``.

With ``--across places`` the question is another: what does a network lose in a kind of place that
it never saw, and how much does variety bring back (``across.md``)?
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from depth_seg_ros.system.command import command_parser, ranged, run
from training import networks
from training.across import TEST_PLACES, Worlds, across
from training.compare_report import Comparison, write_comparison
from training.config import Experiment, Source
from training.config_file import load_experiment
from training.trials import TestSet, for_run, score_once, train_once

NETWORKS = ("depth_mancini", "ds_net")


def compare(
    experiment: Experiment,
    folder: Path,
    networks: Sequence[str],
    seeds: Sequence[int],
    tests: Sequence[TestSet],
) -> Comparison:
    """Train and score whatever is missing; returns all there is to report."""
    comparison = Comparison(experiment, folder, tuple(networks), tuple(seeds))
    for seed in seeds:
        for network in networks:
            run = comparison.run(network, seed)
            train_once(for_run(experiment, network, seed), run)
            for test in tests:
                key = f"{test.name} ({test.protocol})"
                comparison.scores.setdefault(key, {})[network, seed] = score_once(run, test)
    comparison.tests.extend((f"{t.name} ({t.protocol})", t.open()) for t in tests)
    return comparison


def parse_test(text: str, protocol: str) -> TestSet:
    """``ROOT`` or ``ROOT:world,world`` (names or a..b ranges)."""
    root, _, worlds = text.partition(":")
    chosen = tuple(w for w in worlds.split(",") if w)
    name = "_".join((Path(root).name, *chosen)).replace("..", "-")
    return TestSet(name, protocol, source=Source(root, chosen))


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("python -m training.compare", __doc__)
    parser.add_argument("config", help="the experiment both networks share")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS), choices=networks.names())
    parser.add_argument("--seeds", type=ranged("loop.seed"), nargs="+", default=[1, 2, 3])
    parser.add_argument("--test", action="append", default=[], metavar="ROOT[:WORLDS]")
    parser.add_argument("--test-protocol", default="dense", help="for --test")
    parser.add_argument("--kitti", action="append", default=[], metavar="DIR")
    parser.add_argument("--kitti-protocol", default="eigen", help="for --kitti")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE")
    parser.add_argument(
        "--across", choices=("places",),
        help="instead of --test: learn in one kind of place of the virtual worlds, in all but one, "
        "in all; test in each",
    )  # fmt: skip
    parser.add_argument("--places", nargs="+", metavar="NAME", help="to test in, with --across")
    parser.add_argument("--scenes", type=ranged("scenes"), default=40, help="with --across")
    parser.add_argument("--workers", type=ranged("workers"), default=1, help="with --across")
    args = parser.parse_args(argv)
    if not (args.test or args.kitti or args.across):
        parser.error("give at least one --test or --kitti, or --across")

    def work() -> None:
        if args.across:
            across(
                load_experiment(args.config, args.set), args.out, args.networks, args.seeds,
                args.places or TEST_PLACES, Worlds(args.scenes, workers=args.workers),
            )  # fmt: skip
            print(args.out / "across.md")
            return
        tests = [parse_test(t, args.test_protocol) for t in args.test]
        tests += [TestSet(Path(k).name, args.kitti_protocol, kitti=k) for k in args.kitti]
        experiment = load_experiment(args.config, args.set)
        comparison = compare(experiment, args.out, args.networks, args.seeds, tests)
        paths = write_comparison(comparison)
        print("\n".join(str(p) for p in paths))

    return run(work, args)


if __name__ == "__main__":
    sys.exit(main())
