"""Benchmark arithmetic without ROS."""

from __future__ import annotations

import pytest

from depth_seg_ros.errors import LiveError
from depth_seg_ros.nodes.trials import (
    Trial,
    best,
    highest_sustained,
    plot,
    require_plots,
    summarise,
)

MS = 1_000_000


def steady(rate_hz: float, frames: int, latency_ms: float, every: int = 1):
    """Sent at a rate; every n-th comes back after the same time."""
    sent = {round(i * 1e9 / rate_hz): round(i * 1e9 / rate_hz) for i in range(frames)}
    arrived = {s: s + round(latency_ms * MS) for i, s in enumerate(sent) if i % every == 0}
    return summarise(rate_hz, sent, {"depth": arrived})


def test_every_frame_counts() -> None:
    trial = steady(10.0, 101, 30.0)
    assert (trial.sent, trial.received, trial.kept) == (101, 101, 1.0)
    assert trial.latency["p99_ms"] == pytest.approx(30.0)
    assert trial.sent_hz == pytest.approx(10.0)
    assert trial.throughput_hz == pytest.approx(10.0)
    assert trial.jitter_p95_ms == pytest.approx(0.0, abs=1e-6)


def test_drops_halve_the_throughput() -> None:
    trial = steady(20.0, 101, 30.0, every=2)
    assert trial.as_json()["dropped"] == 50
    assert trial.throughput_hz == pytest.approx(10.0)


def test_nothing_comes_back() -> None:
    trial = summarise(10.0, {0: 0, 100 * MS: 100 * MS}, {})
    assert (trial.received, trial.latency, trial.throughput_hz) == (0, {}, 0.0)
    assert "no output" in str(trial)


def test_a_frame_is_complete_with_its_last_output() -> None:
    sent = {s: s for s in (0, 100 * MS, 200 * MS)}
    depth = {s: s + 10 * MS for s in sent}
    points = {s: s + 30 * MS for s in (0, 200 * MS)}
    trial = summarise(10.0, sent, {"depth": depth, "points": points})
    assert (trial.received, trial.latency["p50_ms"]) == (2, 30.0)
    shown = trial.as_json()["by_output"]
    assert (shown["depth"]["received"], shown["depth"]["p50_ms"]) == (3, 10.0)
    assert shown["points"]["received"] == 2


def test_a_plot_without_matplotlib_is_refused_in_time(monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(LiveError, match="pip install matplotlib"):
        require_plots()


def node_that_manages(limit_hz: float):
    def run(rate_hz: float) -> Trial:
        return steady(rate_hz, 200, 10.0, every=1 if rate_hz <= limit_hz else 2)

    return run


@pytest.mark.parametrize("limit_hz", [3.0, 12.0, 57.0])
def test_search_finds_the_highest_sustained_rate(limit_hz: float) -> None:
    trials = highest_sustained(node_that_manages(limit_hz), start_hz=10.0, steps=5)
    found = best(trials)
    assert found is not None
    assert limit_hz / 1.03 <= found.sent_hz <= limit_hz * 1.0001


def test_a_rate_the_sender_cannot_reach_is_not_sustained() -> None:
    slow_sender = steady(10.0, 100, 5.0)
    asked_more = Trial(**{**vars(slow_sender), "asked_hz": 20.0})
    assert best([asked_more]) is None


def test_plot_is_written(tmp_path) -> None:
    pytest.importorskip("matplotlib")
    plot([steady(10.0, 50, 30.0)], tmp_path / "latency.png")
    assert (tmp_path / "latency.png").read_bytes().startswith(b"\x89PNG")
