"""Across places: every mix is learnt from once a seed, every place is tested, the table says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("numba")

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.virtual_world.data.dataset import Plan
from training import across as module
from training.across import EVERY, Cell, Worlds, across, rows_for
from training.config import Experiment, OptimConfig
from training.trials import TestSet

EXPERIMENT = Experiment(optim=OptimConfig(steps=1))


def test_rows_are_alone_all_but_one_and_all() -> None:
    rows = {row.name: row.mix for row in rows_for(["city", "park"])}
    assert rows["city"] == "city" and rows[EVERY] is None
    left = str(rows["all but park"]).split(",")
    assert "park" not in left and "city" in left and len(left) > 10
    assert len(rows) == 5


def test_the_table_holds_every_network_row_and_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans: list[Plan] = []
    trained: list[tuple[str, str, int]] = []

    def train(experiment: Experiment, run: Path) -> None:
        source = experiment.data.train[0].root
        trained.append((Path(source).name, experiment.network.name, experiment.loop.seed))

    def score(run: Path, test: TestSet) -> dict[str, dict[str, float]]:
        known = run.parent.name in (test.name, "every_place")
        seed = int(run.name[-1])
        return {"model": {"abs_rel": (0.1 if known else 0.3) + 0.02 * seed, "delta1": 0.5}}

    monkeypatch.setattr(module, "make_dataset", lambda plan, workers: plans.append(plan))
    monkeypatch.setattr(module, "train_once", train)
    monkeypatch.setattr(module, "score_once", score)
    nets, tested = ["depth_mancini", "ds_net"], ["city", "park"]
    table = across(EXPERIMENT, tmp_path, nets, [1, 2], tested, Worlds(scenes=8))
    assert len(trained) == 5 * 2 * 2 and len(set(trained)) == len(trained)
    assert table["ds_net", "city", "city", "abs_rel"].values == pytest.approx((0.12, 0.14))
    assert table["ds_net", "city", "park", "abs_rel"].values == pytest.approx((0.32, 0.34))
    assert {p.scenes for p in plans} == {8, 4, 2}
    page = (tmp_path / "across.md").read_text("utf-8")
    assert "| city | 0.130 ± 0.010 | 0.330 ± 0.010 |" in page
    assert "| every place | 0.130 ± 0.010 | 0.130 ± 0.010 |" in page
    stored = json.loads((tmp_path / "across.json").read_text("utf-8"))
    assert {(c["network"], c["test"]) for c in stored} == {(n, t) for n in nets for t in tested}


def test_unknown_places_are_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(VirtualWorldError, match="no place is named 'moon'"):
        across(EXPERIMENT, tmp_path, ["ds_net"], [1], ["moon"], Worlds())
    assert not list(tmp_path.iterdir())


def test_cells_without_a_score_are_dashes() -> None:
    assert Cell(()).text() == "–"
