"""Every backend and precision that runs a model on this machine, measured side by side.

Runs are interleaved (one frame of each in turn), so that what else the machine does hits all alike.
Times are engine only: uint8 on the host to metres on the host, no image handling.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from depth_seg_ros.engines import open_engine
from depth_seg_ros.engines import parity as parity_check
from depth_seg_ros.engines.arithmetic import PeakMeter, count_macs
from depth_seg_ros.engines.base import Engine
from depth_seg_ros.engines.choose import GPU_BACKENDS, int8_variant, is_available
from depth_seg_ros.engines.parity import Parity
from depth_seg_ros.errors import EngineError
from depth_seg_ros.metrics.latency import latency_statistics
from depth_seg_ros.spec import read_spec
from depth_seg_ros.system.machine import machine_name
from depth_seg_ros.system.process_cost import memory_mb

WARM_UP = 5


@dataclass(frozen=True)
class Contender:
    """One way to run the model."""

    backend: str
    precision: str


@dataclass(frozen=True)
class Row:
    """What one contender did.

    latency: ``p50_ms`` and the other statistics. cpu_ms: median CPU time of a frame, all threads.
    memory_mib: growth of a fresh process by loading and running it (host memory).
    floor_ratio: p50 over the arithmetic floor of this CPU; None for a GPU.
    cpu_floor_ratio: the same in CPU time, which also holds while other processes run.
    """

    contender: Contender
    version: str
    device: str
    latency: Mapping[str, float]
    cpu_ms: float
    memory_mib: float
    floor_ratio: float | None
    cpu_floor_ratio: float | None
    parity: Parity


@dataclass(frozen=True)
class Report:
    """A whole benchmark. peak_gmacs: 1e9 multiply-accumulates a second, all threads; core_gmacs:
    per second of CPU time. failed: contenders that did not run, and why."""

    machine: str
    model: str
    frames: int
    batch: int
    threads: int | None
    macs: int
    peak_gmacs: Mapping[str, float]
    core_gmacs: Mapping[str, float]
    load_average: tuple[float, float]
    rows: tuple[Row, ...]
    failed: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    def table(self) -> str:
        """Markdown, with the facts the numbers depend on."""
        peaks = ", ".join(
            f"{k} {v:.0f} GMAC/s ({self.core_gmacs[k]:.0f} a busy core)"
            for k, v in self.peak_gmacs.items()
        )
        lines = [
            f"{self.model}, batch {self.batch}, {self.frames} frames, threads "
            f"{self.threads or 'as the runtime likes'}: {self.macs / 1e9:.2f} GMAC an image",
            f"machine: {self.machine}; measured peak: {peaks}; load average "
            f"{self.load_average[0]:.1f} before, {self.load_average[1]:.1f} after",
            "",
            "| backend | precision | p50 ms | p95 ms | p99 ms | min ms | CPU ms | memory MiB "
            "| p50 / floor | CPU / floor | depth error (mean) | labels agree |",
            "|---|---|---|---|---|---|---|---|---|---|---|---|",
        ]
        lines += [_line(row) for row in self.rows]
        lines += [f"\n{name} did not run: {reason}" for name, reason in self.failed.items()]
        return "\n".join(lines)


def contenders(path: Path) -> list[Contender]:
    """Backends and precisions that this machine and the files beside the model allow."""
    inside = read_spec(path).precision
    precisions: dict[str, list[str]] = {name: [inside] for name in ("onnxruntime", "openvino")}
    for name in GPU_BACKENDS:
        precisions[name] = [inside, "fp16"] if inside == "fp32" else [inside]
    if is_available("openvino") and inside == "fp32":
        from depth_seg_ros.engines.openvino import cpu_has_bf16

        precisions["openvino"] += ["bf16"] if cpu_has_bf16() else []
    if int8_variant(path):
        for name, names in precisions.items():
            names += [] if name == "cuda" else ["int8"]  # it has no int8 convolutions
    return [Contender(b, p) for b, names in precisions.items() if is_available(b) for p in names]


def benchmark(
    path: Path,
    *,
    frames: int = 100,
    batch: int = 1,
    threads: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """Measure every contender; EngineError where not even ONNX Runtime float32 runs.

    progress: told the number of rounds done.
    """
    load = os.getloadavg()[0]
    engines: dict[Contender, Engine] = {}
    failed: dict[str, str] = {}
    try:
        for contender in contenders(path):
            try:
                engines[contender] = _open(path, contender, batch, threads)
            except EngineError as e:
                failed[f"{contender.backend} {contender.precision}"] = str(e)
        if not engines:
            raise EngineError("; ".join(failed.values()) or "no backend is installed")
        peak = PeakMeter(threads)
        wall, cpu = _interleave(engines, peak, frames, batch, progress)
        with open_engine(path, "onnxruntime", threads=threads) as reference:
            rows = tuple(
                _row(path, c, e, reference, wall[c], cpu[c], peak, threads)
                for c, e in engines.items()
            )
    finally:
        for engine in engines.values():
            engine.close()
    return Report(
        machine=machine_name(),
        model=f"{read_spec(path).name} ({path.name})",
        frames=frames,
        batch=batch,
        threads=threads,
        macs=count_macs(path),
        peak_gmacs={k: peak.macs_per_second(k) / 1e9 for k in peak.seconds},
        core_gmacs={k: peak.macs_per_cpu_second(k) / 1e9 for k in peak.seconds},
        load_average=(load, os.getloadavg()[0]),
        rows=rows,
        failed=failed,
    )


def _open(path: Path, contender: Contender, batch: int, threads: int | None) -> Engine:
    return open_engine(
        path, contender.backend, precision=contender.precision, batch=batch, threads=threads
    )


Times = dict[Contender, list[float]]


def _interleave(
    engines: Mapping[Contender, Engine],
    peak: PeakMeter,
    frames: int,
    batch: int,
    progress: Callable[[int], None],
) -> tuple[Times, Times]:
    """Wall and CPU milliseconds of every frame, one frame of each engine in turn."""
    wall: Times = {c: [] for c in engines}
    cpu: Times = {c: [] for c in engines}
    _, height, width, _ = next(iter(engines.values())).info.input_shape
    some = next(iter(engines.values()))
    inputs = parity_check.inputs_like(some, parity_check.frames(height, width, 4 * batch))
    parts = [values.reshape(4, batch, *values.shape[1:]) for values in inputs]
    for i in range(WARM_UP + frames):
        for contender, engine in engines.items():
            start, start_cpu = perf_counter(), process_time()
            engine.infer(*(values[i % 4] for values in parts))
            if i >= WARM_UP:
                wall[contender].append((perf_counter() - start) * 1e3)
                cpu[contender].append((process_time() - start_cpu) * 1e3)
        peak.step()
        progress(i + 1)
    return wall, cpu


def _row(
    path: Path,
    contender: Contender,
    engine: Engine,
    reference: Engine,
    wall: list[float],
    cpu: list[float],
    peak: PeakMeter,
    threads: int | None,
) -> Row:
    latency = latency_statistics(wall)
    batch = engine.info.input_shape[0]
    cpu_ms = float(np.median(cpu))
    ratio = cpu_ratio = None
    if contender.backend not in GPU_BACKENDS:
        kind = "int8" if contender.precision == "int8" else "fp32"
        macs = batch * count_macs(path)
        ratio = latency["p50_ms"] / (macs / peak.macs_per_second(kind) * 1e3)
        cpu_ratio = cpu_ms / (macs / peak.macs_per_cpu_second(kind) * 1e3)
    return Row(
        contender=contender,
        version=engine.info.version,
        device=engine.info.device,
        latency=latency,
        cpu_ms=cpu_ms,
        memory_mib=_memory_mib(path, contender, batch, threads),
        floor_ratio=ratio,
        cpu_floor_ratio=cpu_ratio,
        parity=parity_check.measure(engine, reference),
    )


def _memory_mib(path: Path, contender: Contender, batch: int, threads: int | None) -> float:
    """Host memory a fresh process grows by, loading and running one contender."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_grow, (path, contender, batch, threads))


def _grow(path: Path, contender: Contender, batch: int, threads: int | None) -> float:
    before = memory_mb(os.getpid()) or 0.0
    with _open(path, contender, batch, threads) as engine:
        image = np.zeros(engine.info.input_shape, np.uint8)
        inputs = parity_check.inputs_like(engine, image)
        for _ in range(3):
            engine.infer(*inputs)
        return (memory_mb(os.getpid()) or 0.0) - before


def _line(row: Row) -> str:
    t, p = row.latency, row.parity
    ratios = " | ".join(
        "–" if r is None else f"{r:.2f}" for r in (row.floor_ratio, row.cpu_floor_ratio)
    )
    labels = "–" if p.label_agreement is None else f"{100 * p.label_agreement:.2f} %"
    return (
        f"| {row.contender.backend} {row.version} | {row.contender.precision} | {t['p50_ms']:.1f} "
        f"| {t['p95_ms']:.1f} | {t['p99_ms']:.1f} | {t['min_ms']:.1f} | {row.cpu_ms:.1f} "
        f"| {row.memory_mib:.0f} | {ratios} | {100 * p.depth_mean_relative:.3f} % | {labels} |"
    )
