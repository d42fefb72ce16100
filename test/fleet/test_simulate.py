"""The simulated fleet: ideal where nothing is shared, bounded by what is."""

import pytest

from depth_seg_ros.cli import fleet_benchmark
from depth_seg_ros.fleet.simulate import Measured, simulated_s, table


def test_without_costs_it_is_ideal() -> None:
    free = Measured([2.0], 0.0, 0.0, 0.0, 0.0)
    assert simulated_s(free, 100, 1) == pytest.approx(200)
    assert simulated_s(free, 100, 10) == pytest.approx(20)
    assert simulated_s(free, 100, 1000) == pytest.approx(2)


def test_the_scheduler_and_the_sum_at_the_end_are_the_bound() -> None:
    costly = Measured([2.0], 1.0, 0.01, 0.0, 0.001)
    many = simulated_s(costly, 1000, 10**4)
    assert many == pytest.approx(1 + 1000 * 0.01 + 2 + 1000 * 0.001, rel=0.01)
    rows = table(costly, 1000, (1, 10, 1000))
    assert [r[0] for r in rows[1:]] == ["1", "10", "1000"]
    assert float(rows[2][2]) > float(rows[1][2])


def test_the_command_measures_and_simulates(capsys, tmp_path) -> None:
    camera = "64,32,40,40,31.5,15.5"
    command = ["--camera", camera, "--scenes", "2", "--frames", "1", "--workers", "1"]
    assert fleet_benchmark.main([*command, "--scale", "1", "--tasks", "50"]) == 0
    printed = capsys.readouterr().out
    assert "measured, 1 workers" in printed and "simulated" in printed and "1000" in printed
