"""The paper's experiment end to end on toy data: resumable, honest tables, pictures."""

import math

import pytest
import yaml

from training import compare
from training.compare_report import Spread
from training.recorder import read_scalars


def test_the_whole_experiment(tiny, experiment_data, toy, tmp_path, capsys):
    config = tmp_path / "e.yaml"
    config.write_text(yaml.safe_dump(experiment_data))
    command = [
        str(config), "--out", str(tmp_path / "out"), "--networks", "tiny",
        "--seeds", "1", "2", "--test", f"{toy}:0006",
    ]  # fmt: skip
    assert compare.main(command) == 0
    text = (tmp_path / "out/compare.md").read_text()
    assert "| tiny |" in text and "±" in text
    assert "baseline: mean depth per pixel" in text
    assert (tmp_path / "out/compare.html").read_text().count("data:image/png") == 2
    rows = read_scalars(tmp_path / "out/tiny_seed1/scalars.csv")

    # Again: nothing is trained or scored anew.
    stamp = (tmp_path / "out/tiny_seed1/last.pt").stat().st_mtime_ns
    assert compare.main(command) == 0
    assert (tmp_path / "out/tiny_seed1/last.pt").stat().st_mtime_ns == stamp
    assert read_scalars(tmp_path / "out/tiny_seed1/scalars.csv") == rows

    assert compare.main([*command, "--set", "optim.lr=0.5"]) == 1
    assert "another experiment" in capsys.readouterr().err


def test_spread_is_the_sample_deviation():
    assert str(Spread.of([1.0, 3.0])) == "2.0000 ± 1.4142"
    assert Spread.of([1.0, 3.0]).interval(2) == pytest.approx((2 - 12.71, 2 + 12.71))
    assert Spread.of([1.0, 2.0, 3.0]).interval(3) == pytest.approx((-0.483, 4.483), abs=1e-3)
    assert math.isnan(Spread.of([1.0]).deviation) and str(Spread.of([1.0])) == "1.0000"


def test_test_sets_are_parsed():
    test = compare.parse_test("data/world:0100..0109,0200", "dense")
    assert test.name == "world_0100-0109_0200"
    assert test.source.worlds == ("0100..0109", "0200")
