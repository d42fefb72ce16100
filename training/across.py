"""Scene independence: train in some places, test in each of the others.

After Mancini et al. (RA-L 2017), who asked how far a network goes from the scenarios that it saw.
Every row is a mix of places that a network learnt from, every column a place it is tested in; all
rows see the same number of frames and steps. Data sets, runs and scores that exist are kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from depth_seg_ros.system.atomic import write_text
from depth_seg_ros.virtual_world import places
from depth_seg_ros.virtual_world.cameras import open_camera
from depth_seg_ros.virtual_world.course import parse_mix
from depth_seg_ros.virtual_world.data.dataset import Plan, make_dataset
from training.config import Experiment, Source
from training.trials import TestSet, for_run, score_once, train_once

METRICS = {"abs_rel": "AbsRel", "rmse": "RMSE [m]", "delta1": "δ1", "miou": "mIoU"}
TEST_PLACES = ("city", "residential", "country", "forest")
PROTOCOL = "dense"
_SEEDS = {"train": 11, "validation": 12, "test": 13}
EVERY = "every place"


@dataclass(frozen=True)
class Worlds:
    """How much is made of every mix: scenes x frames to learn from, a quarter of it to watch and
    half of it to test in."""

    scenes: int = 40
    frames: int = 6
    scale: float = 0.25
    workers: int = 1


@dataclass(frozen=True)
class Row:
    """What a network learns from; ``mix`` as ``--place`` takes it (None: every place)."""

    name: str
    mix: str | None


@dataclass(frozen=True)
class Cell:
    """Scores of one metric over the seeds."""

    values: tuple[float, ...]

    def text(self, digits: int = 3) -> str:
        """Mean ± standard deviation."""
        if not self.values:
            return "–"
        mean, spread = float(np.mean(self.values)), float(np.std(self.values))
        return f"{mean:.{digits}f} ± {spread:.{digits}f}"


Table = dict[tuple[str, str, str, str], Cell]
"""(network, row, test place, metric) -> scores."""


def rows_for(tested: Sequence[str]) -> list[Row]:
    """Each tested place alone, every place but that one, and every place."""
    rows = [Row(name, name) for name in tested]
    for name in tested:
        rest = ",".join(other for other in places.names() if other != name)
        rows.append(Row(f"all but {name}", rest))
    return [*rows, Row(EVERY, None)]


def across(
    experiment: Experiment,
    folder: Path,
    networks: Sequence[str],
    seeds: Sequence[int],
    tested: Sequence[str],
    worlds: Worlds,
) -> Table:
    """Make, train and score whatever is missing; write ``across.json`` and ``across.md``."""
    for name in tested:
        parse_mix(name)
    tests = [
        TestSet(name, PROTOCOL, source=_source(folder, Row(name, name), "test", worlds))
        for name in tested
    ]
    found: dict[tuple[str, str, str, str], list[float]] = {}
    for row in rows_for(tested):
        learnt = replace(
            experiment,
            data=replace(
                experiment.data,
                train=(_source(folder, row, "train", worlds),),
                validation=(_source(folder, row, "validation", worlds),),
                cache=str(folder / "cache"),
            ),
        )
        for network in networks:
            for seed in seeds:
                run = folder / "runs" / _slug(row.name) / f"{network}_{seed}"
                train_once(for_run(learnt, network, seed), run)
                for test in tests:
                    metrics = score_once(run, test)["model"]
                    for metric in METRICS:
                        if metric in metrics:
                            key = (network, row.name, test.name, metric)
                            found.setdefault(key, []).append(float(metrics[metric]))
    table = {key: Cell(tuple(values)) for key, values in found.items()}
    write_table(folder, table, [row.name for row in rows_for(tested)], tested, networks, seeds)
    return table


def _slug(name: str) -> str:
    return name.replace(" ", "_")


def _source(folder: Path, row: Row, part: str, worlds: Worlds) -> Source:
    """The data set of a mix for a purpose, made if it is not there."""
    share = {"train": 1.0, "validation": 0.25, "test": 0.5}[part]
    root = folder / "worlds" / f"{part}_{_slug(row.name)}"
    camera = open_camera("car").scaled(worlds.scale)
    scenes = max(round(worlds.scenes * share), 2)
    plan = Plan(root, camera, scenes, worlds.frames, _SEEDS[part], places=row.mix)
    make_dataset(plan, worlds.workers)
    return Source(str(root))


def write_table(
    folder: Path,
    table: Table,
    rows: Sequence[str],
    tested: Sequence[str],
    networks: Sequence[str],
    seeds: Sequence[int],
) -> None:
    """The table as numbers and as a page."""
    flat = [
        {"network": n, "train": r, "test": t, "metric": m, "values": list(cell.values)}
        for (n, r, t, m), cell in table.items()
    ]
    write_text(folder / "across.json", json.dumps(flat, indent=1) + "\n")
    lines = [
        "# Across places",
        "",
        f"Mean ± standard deviation over seeds {', '.join(map(str, seeds))}; rows: what was learnt "
        f"from, columns: what was tested ({PROTOCOL} protocol).",
    ]
    for metric, title in METRICS.items():
        for network in networks:
            lines += ["", f"## {title}, {network}", "", f"| learnt from | {' | '.join(tested)} |"]
            lines.append("|---" * (len(tested) + 1) + "|")
            for row in rows:
                cells = [table.get((network, row, test, metric), Cell(())) for test in tested]
                lines.append(f"| {row} | {' | '.join(cell.text() for cell in cells)} |")
    write_text(folder / "across.md", "\n".join(lines) + "\n")
