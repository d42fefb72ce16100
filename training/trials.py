"""One trial: a network and a seed trained on an experiment, and scored on a test set; both once."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.evaluation.report.html import write_report
from depth_seg_ros.readers.base import Reader
from depth_seg_ros.readers.kitti import open_kitti
from training import checkpoint
from training.compare_report import Scores
from training.config import Experiment, Source
from training.data.sources import open_source
from training.errors import TrainingError
from training.evaluate import MEAN_DEPTH, exported, score
from training.train import LAST, train

DONE = "done"


@dataclass(frozen=True)
class TestSet:
    """name: of its folder and column; protocol: how it is scored."""

    __test__ = False  # pytest would take the class for tests by its name

    name: str
    protocol: str
    kitti: str = ""
    source: Source | None = None

    def open(self) -> Reader:
        return open_kitti(self.kitti) if self.source is None else open_source(self.source)


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
