"""The paper's experiment: does learning semantics help depth? One command, resumable.

    python -m training.compare config/training/paper.yaml --out runs/compare \\
        --seeds 1 2 3 --test data/vkitti:0002 --kitti DRIVE

Both networks are trained from the same experiment with the same seeds and number of steps (what
exists is kept, what was interrupted goes on), scored through the robot's Predictor, and compared:
learning curves, tables with mean ± standard deviation over the seeds, the paired difference, sheets
of pictures. The result is ``compare.md`` and ``compare.html``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.evaluation.report.html import write_report
from depth_seg_ros.readers.base import Reader
from depth_seg_ros.readers.kitti import open_kitti
from depth_seg_ros.system.command import command_parser, ranged, run
from training import checkpoint, networks
from training.compare_report import Comparison, Scores, write_comparison
from training.config import Experiment, Source, load_experiment
from training.data.sources import open_source
from training.errors import TrainingError
from training.evaluate import MEAN_DEPTH, exported, score
from training.train import LAST, train

DONE = "done"
NETWORKS = ("depth_mancini", "ds_net")


@dataclass(frozen=True)
class TestSet:
    """name: of its folder and column; protocol: how it is scored."""

    name: str
    protocol: str
    kitti: str = ""
    source: Source | None = None

    def open(self) -> Reader:
        return open_kitti(self.kitti) if self.source is None else open_source(self.source)


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


def for_run(experiment: Experiment, network: str, seed: int) -> Experiment:
    """The same experiment for one network and seed."""
    return replace(
        experiment,
        network=replace(experiment.network, name=network),
        loop=replace(experiment.loop, seed=seed),
    )


def train_once(experiment: Experiment, run: Path) -> None:
    """Train, go on, or leave a finished run alone; ConfigError where the folder holds another."""
    resume = (run / LAST).exists()
    if resume and checkpoint.load(run / LAST).experiment != experiment:
        raise ConfigError(
            f"{run} was trained with another experiment than the one given; choose another --out"
        )
    if (run / DONE).exists():
        return
    if train(experiment, run, resume).interrupted:
        raise TrainingError(f"{run} was interrupted; the same command goes on from there")
    (run / DONE).touch()


def score_once(run: Path, test: TestSet) -> Scores:
    """Rows (``model`` and baselines) of metrics of the final weights; kept in the run's folder."""
    report = run / "tests" / f"{test.name}_{test.protocol}"
    if not (report / "report.json").exists():
        mean = run / MEAN_DEPTH
        with exported(run / LAST) as model:
            write_report(score(model, test.open(), test.protocol, mean), report)
    data = json.loads((report / "report.json").read_text(encoding="utf-8"))
    rows: Scores = data["rows"]
    rows["model"] = {k: v for k, v in data["metrics"].items() if v is not None}
    return rows


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
    args = parser.parse_args(argv)
    if not (args.test or args.kitti):
        parser.error("give at least one --test or --kitti")

    def work() -> None:
        tests = [parse_test(t, args.test_protocol) for t in args.test]
        tests += [TestSet(Path(k).name, args.kitti_protocol, kitti=k) for k in args.kitti]
        experiment = load_experiment(args.config, args.set)
        comparison = compare(experiment, args.out, args.networks, args.seeds, tests)
        paths = write_comparison(comparison)
        print("\n".join(str(p) for p in paths))

    return run(work, args)


if __name__ == "__main__":
    sys.exit(main())
