"""``make bench`` reads what the benchmarks write, and prints ratios; the programs are not run."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import pytest

from depth_seg_ros.engines.benchmark import Contender, Row
from depth_seg_ros.engines.parity import Parity
from depth_seg_ros.metrics.latency import latency_statistics

BENCH = Path(__file__).parents[1] / ".ci" / "bench.py"


@pytest.fixture
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench", BENCH)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_report_is_read(
    bench: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = pytest.importorskip("depth_seg_ros.virtual_world.data.benchmark").Measured
    row = Row(
        Contender("openvino", "fp32"), "1", "CPU", latency_statistics([4.0, 4.0]), 8.0, 9.0, None,
        None, Parity(1, "x fp32", 0.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    )  # fmt: skip
    world = measured(
        machine="m", width=1, height=1, scenes=1, frames=3, triangles=9, geometry_ms=1.0,
        picture_ms=2.0, files_ms=3.0, frame_ms=4.0, frame_p95_ms=5.0, scene_s=6.0, light_s=7.0,
        first_frame_s=8.0, compiled=True, memory_mib=9.0,
    )  # fmt: skip

    def python(tree: Path, *arguments: str) -> str:
        if "depth_seg_ros.cli.benchmark_engine" in arguments:
            Path(arguments[-1]).write_text(json.dumps({"rows": [asdict(row)]}))
        elif "depth_seg_ros.virtual_world" in arguments:
            world.write(Path(arguments[-1]))
        return json.dumps({"total_p50_ms": 0.5, "total_p95_ms": 0.7, "width": 9})

    monkeypatch.setattr(bench, "python", python)
    times = bench.measure(tmp_path)
    assert times["frame: total_p50_ms"] == 0.5
    assert (times["engine: openvino fp32"], times["engine: openvino fp32, CPU"]) == (4.0, 8.0)
    assert (times["world: frame_ms"], times["world: scene_s"]) == (4.0, 6.0)
    assert len(times) == 3 + 8


def test_the_table_has_ratios_and_says_what_only_one_side_has(bench: ModuleType) -> None:
    text = bench.table({"a": [2.0, 4.0, 4.0], "b": [1.0]}, {"a": [1.0, 2.0, 3.0]}, "main")
    assert text.splitlines()[1].split() == ["a", "4.000", "2.000", "0.500", "0.500", "..", "0.750"]
    assert text.splitlines()[2].split(maxsplit=1) == ["b", "only in one of them"]


@pytest.mark.parametrize("given", [[], ["5"], ["main", "0"], ["main", "x"]])
def test_without_a_commit_or_rounds_it_says_how_to_call_it(
    bench: ModuleType, given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main(given) == 2
    assert "make bench BASE=main" in capsys.readouterr().err
