"""The GPU report: on a CPU at toy size, and with stand-ins for driver and TensorRT."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from depth_seg_ros.cli import gpu_report
from depth_seg_ros.engines.report import page, schedule, session
from depth_seg_ros.engines.report.schedule import Trial

pytest.importorskip("onnxruntime")


def test_without_a_gpu_it_runs_to_its_end(
    tiny_onnx: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "is_available", lambda name: name == "onnxruntime")
    argv = [str(tiny_onnx), "--minutes", "2", "--frames", "2", "--batches", "1"]
    assert gpu_report.main([*argv, "--out", str(tmp_path / "out")]) == 0
    text = (tmp_path / "out" / "gpu_report.json").read_text(encoding="utf-8")
    report = json.loads(text)
    (row,) = report["rows"]
    assert row["backend"] == "onnxruntime" and row["latency"]["frames"] == 2
    assert row["parity"]["depth_max_m"] == 0 and row["memory_mib"]["host"] > 0
    assert report["node_path"]["latency"]["whole"]["p50_ms"] > 0
    assert len(report["side_by_side"]["each"]) == 2 and report["doctor"]["findings"]
    (ways,) = report["both_ways"].values()
    assert ways["host"]["p50_ms"] > 0 and ways["device"]["frames"] == 2
    assert ways["taken"] in ("host", "device") and ways["depth_mean_relative"] < 0.05
    assert "on the" in report["node_path"]["info"]["details"]["resized"]
    assert report["killed_build"] == {"error": "no backend that builds is here"}
    assert "error" in report["torch"]  # no network of ours has this name
    told = (tmp_path / "out" / "gpu_report.md").read_text(encoding="utf-8")
    assert "| onnxruntime" in told and "tensorrt was skipped" in told
    assert len(text) + len(told) < 1 << 20


def test_with_a_gpu_it_builds_checks_kills_and_finds_again(
    with_stand_ins: dict[str, str], tiny_onnx: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "depth_seg_ros.cli.gpu_report", str(tiny_onnx)]
    command += ["--minutes", "2", "--frames", "2", "--batches", "1", "2", "--out", str(tmp_path)]
    environment = {**with_stand_ins, "FAKE_TRT_BUILD_S": "2"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "gpu_report.json").read_text(encoding="utf-8"))
    rows = {(r["backend"], r["precision"], r["batch"]): r for r in report["rows"]}
    assert {(p, b) for n, p, b in rows if n == "tensorrt"} == {
        ("fp16", 1), ("fp32", 1), ("fp16", 2), ("fp32", 2)
    }  # fmt: skip
    first = rows["tensorrt", "fp16", 1]
    assert first["info"]["details"]["cuda_graph"] == "yes"
    assert first["info"]["details"]["found_in_cache"] is False
    assert "gpu" in first["memory_mib"] and first["info"]["device"] == "Fake GPU"
    assert report["cache_reuse"]["found"] is True
    killed = report["killed_build"]
    assert killed["ended_before"] or killed["entries_left"] == 0
    assert killed["damaged"] == 0 and "open_s" in killed
    assert report["node_path"]["info"]["backend"] == "tensorrt"
    assert "both ways" in done.stderr and "taken is the" in done.stdout
    ways = report["both_ways"]["tensorrt fp16 batch 1"]
    assert ways["image"] == [1242, 375] and ways["label_agreement"] > 0.9
    assert "Targets (H100, H200), best backend" in done.stdout


def test_what_breaks_is_a_row(tiny_onnx: Path) -> None:
    told: list[str] = []
    work = session.Session(tiny_onnx, 1, 2, told.append)
    assert "ended with 3" in work._run([sys.executable, "-c", "raise SystemExit(3)"])["error"]
    crash = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    assert "ended with -11" in work._run([sys.executable, "-c", crash])["error"]
    work._cache = tiny_onnx.parent
    work._row(Trial("onnxruntime", "fp16", 1))
    assert "cannot run it as fp16" in work.rows[0]["error"] and "fp16" in told[0]


def test_no_time_left_is_said(tiny_onnx: Path) -> None:
    report = session.Session(tiny_onnx, 0, 2, lambda line: None).run()
    assert all(r["error"] == "no time was left" for r in report["rows"]) and report["rows"]
    assert "no time was left" in page.render(report)


def test_what_matters_comes_first(tiny_onnx: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "is_available", lambda name: name != "openvino")
    trials = schedule.engines(tiny_onnx)
    assert trials[0] == Trial("tensorrt", "fp16", 1)
    assert [t.batch for t in trials] == sorted((t.batch for t in trials), key=lambda b: b != 1)
    assert trials[:3] == [Trial(b, "fp16", 1) for b in ("tensorrt", "tensorrt_rtx", "cuda")]
    assert not any(t.backend == "onnxruntime" and t.batch > 1 for t in trials)
    monkeypatch.setattr(schedule, "is_available", lambda name: name == "onnxruntime")
    assert [t.batch for t in schedule.engines(tiny_onnx)] == [1, 8, 4]


@pytest.mark.parametrize(
    ("value", "at_most", "told"),
    [(0.3, True, "met"), (0.4, True, "MISSED"), (0.4, False, "met"), (None, True, "not measured")],
)
def test_targets(value: float | None, at_most: bool, told: str) -> None:
    assert told in page._verdict(value, 0.35, at_most)
