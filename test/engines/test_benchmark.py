"""The engine benchmark: arithmetic counted by hand, every contender present, a whole report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from networks import MACS, write_convolutions

from depth_seg_ros.cli import benchmark_engine
from depth_seg_ros.engines import choose
from depth_seg_ros.engines.arithmetic import PeakMeter, count_macs
from depth_seg_ros.engines.benchmark import benchmark, contenders

pytest.importorskip("onnxruntime")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_convolutions(tmp_path / "small.onnx", half_storage=True)


def test_macs_are_those_of_the_convolutions(model: Path) -> None:
    assert count_macs(model) == MACS


def test_peak_is_measured_and_int8_too() -> None:
    peak = PeakMeter(threads=1)
    peak.step()
    assert set(peak.seconds) == {"fp32", "int8"}
    assert 1e8 < peak.macs_per_second("fp32") < 1e13
    slow = peak.seconds["fp32"][0]
    peak.seconds["fp32"].append(slow / 2)
    assert peak.macs_per_second("fp32") == pytest.approx(2 * 1024**3 / slow)


def test_report_has_every_contender(model: Path) -> None:
    rounds: list[int] = []
    report = benchmark(model, frames=3, threads=1, progress=rounds.append)
    names = {(r.contender.backend, r.contender.precision) for r in report.rows}
    assert names == {(c.backend, c.precision) for c in contenders(model)}
    assert ("onnxruntime", "fp32") in names and report.failed == {}
    assert rounds == list(range(1, 5 + 3 + 1)) and report.macs == MACS
    for row in report.rows:
        assert row.latency["frames"] == 3 and row.latency["p50_ms"] <= row.latency["p99_ms"]
        if row.contender.backend not in choose.GPU_BACKENDS:
            floor_ms = report.macs / (report.peak_gmacs["fp32"] * 1e9) * 1e3
            assert row.floor_ratio == pytest.approx(row.latency["p50_ms"] / floor_ms)
    table = report.table()
    assert report.machine in table and "| onnxruntime" in table and "GMAC/s" in table


def test_command_writes_the_report(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = model.parent / "report.json"
    assert benchmark_engine.main([str(model), "--frames", "2", "--out", str(out)]) == 0
    report = json.loads(out.read_text(encoding="utf-8"))
    assert report["rows"][0]["parity"]["frames"] == 4 and report["machine"]
    assert "| backend | precision |" in capsys.readouterr().out
    assert benchmark_engine.main([str(model.parent / "none.onnx")]) == 1
    assert capsys.readouterr().err.startswith("error: no model")


def test_int8_file_beside_the_model_takes_part(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import depth_seg_ros.engines.benchmark as room

    assert not any(c.precision == "int8" for c in contenders(model))
    monkeypatch.setattr(room, "int8_variant", lambda path: path)
    here = {b for b in choose.BACKENDS if choose.is_available(b)} - {"cuda"}
    assert {c.backend for c in contenders(model) if c.precision == "int8"} == here
