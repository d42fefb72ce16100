"""Runs the schedule within a budget of time, each trial in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from depth_seg_ros.engines.ahead_of_time import FOUND
from depth_seg_ros.engines.cache import EngineCache
from depth_seg_ros.engines.choose import BACKENDS, GPU_BACKENDS, backend_module, is_available
from depth_seg_ros.engines.gpu import probe
from depth_seg_ros.engines.report.schedule import BATCHES, Trial, builder, engines
from depth_seg_ros.spec import file_sha256, read_spec
from depth_seg_ros.system.machine import machine_name

LONGEST_S = 150.0
"""Of one trial; an engine that takes longer to build is told with what it has cost."""
KILL_AFTER_S = 1.0
"""How long a build runs before it is killed."""
REFERENCE = "training.torch_speed"
"""Module that times the same network in PyTorch, where it is installed."""

Found = dict[str, Any]


@dataclass
class Session:
    """One report in the making. say: told one line a step."""

    model: Path
    minutes: float
    frames: int
    say: Callable[[str], None]
    batches: tuple[int, ...] = BATCHES
    rows: list[Found] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._end_s = time.monotonic() + 60 * self.minutes

    def run(self) -> Found:
        """The whole report, for JSON; what time did not allow is named in it."""
        with tempfile.TemporaryDirectory(prefix="gpu_report-") as folder:
            self._cache = Path(folder) / "cache"
            trials = engines(self.model, self.batches)
            best = trials[0] if trials else None
            for trial in trials:
                if trial.batch == self.batches[0]:
                    self._row(trial)
            others = {
                "node_path": self._node_path(best),
                "both_ways": self._both_ways(trials),
                "cache_reuse": self._cache_reuse(builder(trials)),
                "side_by_side": self._side_by_side(best),
                "killed_build": self._killed_build(builder(trials), Path(folder) / "killed"),
                "torch": self._torch(),
            }
            for trial in trials:
                if trial.batch != self.batches[0]:
                    self._row(trial)
        return {"format": 1, **self._identity(), "rows": self.rows, **others}

    def _identity(self) -> Found:
        spec = read_spec(self.model)
        skipped = {b: _why_not(b) for b in BACKENDS if not is_available(b)}
        return {
            "machine": machine_name(),
            "gpus": [vars(g) for g in probe().gpus],
            "no_gpu": probe().reason,
            "model": {"name": spec.name, "sha256": file_sha256(self.model)},
            "frames": self.frames,
            "minutes": self.minutes,
            "skipped": skipped,
        }

    def _left_s(self) -> float:
        return self._end_s - time.monotonic()

    def _row(self, trial: Trial) -> None:
        found = self._child("engine", trial)
        self.rows.append({**vars(trial), **found})
        latency = found.get("latency")
        told = f"{latency['p50_ms']:.2f} ms p50" if latency else found.get("error", "")
        self.say(f"{trial.name}: {told}")

    def _node_path(self, trial: Trial | None) -> Found:
        if trial is None:
            return {"error": "no backend is here"}
        self.say(f"node path on {trial.backend} {trial.precision}")
        return self._child("node_path", Trial(trial.backend, trial.precision, 1))

    def _both_ways(self, trials: list[Trial]) -> dict[str, Found]:
        """A camera's image made small on the host and by the engine, with the first row of every
        backend, in float16 where it has that; on a CPU only where there is nothing else."""
        found = {}
        backends = list(dict.fromkeys(t.backend for t in trials))
        for backend in [b for b in backends if b in GPU_BACKENDS] or backends:
            trial = next(t for t in trials if t.backend == backend)
            self.say(f"both ways to shrink an image on {trial.name}")
            found[trial.name] = self._child("both_ways", trial)
        return found

    def _cache_reuse(self, trial: Trial | None) -> Found:
        """Seconds to open what was built before (by the table's row)."""
        if trial is None:
            return {"error": "no backend that builds is here"}
        first = next((r for r in self.rows if r["backend"] == trial.backend), {})
        again = self._child("engine", trial)
        details = again.get("info", {}).get("details", {})
        return {
            "backend": trial.backend,
            "first_s": first.get("open_s"),
            "found": details.get(FOUND),
            **_only(again, "open_s"),
        }

    def _side_by_side(self, trial: Trial | None) -> Found:
        """Two processes at once, as two nodes would be."""
        if trial is None:
            return {"error": "no backend is here"}
        self.say(f"two engines side by side on {trial.backend}")
        with ThreadPoolExecutor(2) as pool:
            both = list(pool.map(lambda _: self._child("engine", trial), range(2)))
        alone = next((r for r in self.rows if Trial(*_key(r)) == trial), {})
        return {
            "backend": trial.backend,
            "alone": alone.get("latency"),
            "each": [b.get("latency") or b.get("error") for b in both],
        }

    def _killed_build(self, trial: Trial | None, folder: Path) -> Found:
        """A build ended by SIGKILL leaves nothing that would be taken for an engine."""
        if trial is None:
            return {"error": "no backend that builds is here"}
        self.say(f"a build of {trial.backend} is killed")
        command = self._command("engine", trial, folder)
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
            assert child.stdout is not None
            child.stdout.readline()  # it says that it builds
            time.sleep(KILL_AFTER_S)
            ended_before = child.poll() is not None
            child.kill()
        entries = EngineCache(folder).entries()
        again = self._child("engine", trial, folder)
        return {
            "ended_before": ended_before,
            "entries_left": len(entries),
            "damaged": sum(bool(e.facts.get("damaged")) for e in entries),
            **_only(again, "open_s"),
        }

    def _torch(self) -> Found:
        name = read_spec(self.model).name
        command = [sys.executable, "-m", REFERENCE, name, "--frames", str(self.frames)]
        command += ["--batches", *map(str, self.batches)]
        return self._run(command)

    def _command(self, kind: str, trial: Trial, cache: Path) -> list[str]:
        request = {
            "kind": kind, "model": str(self.model), "frames": self.frames, "cache_dir": str(cache),
            **vars(trial),
        }  # fmt: skip
        module = "depth_seg_ros.engines.report.trials"
        return [sys.executable, "-m", module, json.dumps(request)]

    def _child(self, kind: str, trial: Trial, cache: Path | None = None) -> Found:
        return self._run(self._command(kind, trial, cache or self._cache))

    def _run(self, command: list[str]) -> Found:
        """The object that a child prints last; ``error`` where it does not."""
        limit_s = min(LONGEST_S, self._left_s())
        if limit_s <= 0:
            return {"error": "no time was left"}
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=limit_s)
        except subprocess.TimeoutExpired:
            return {"error": f"not done after {limit_s:.0f} s"}
        lines = done.stdout.splitlines()
        if done.returncode or not lines:
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            return {"error": f"ended with {done.returncode}: {last[:300]}"}
        found: Found = json.loads(lines[-1])
        return found


def _why_not(backend: str) -> str:
    return backend_module(backend).why_not() if backend in GPU_BACKENDS else "not installed"


def _only(found: Mapping[str, Any], key: str) -> Found:
    return {k: found[k] for k in (key, "error") if k in found}


def _key(row: Mapping[str, Any]) -> tuple[str, str, int]:
    return row["backend"], row["precision"], row["batch"]
