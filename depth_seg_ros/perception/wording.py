"""The names under which a node's health is published, written and read here.

So that a program (a report of a live run, a benchmark) reads the numbers of a status by the same
words that were used to write them.
"""

from __future__ import annotations

from collections.abc import Mapping

from depth_seg_ros.engines import EngineInfo
from depth_seg_ros.metrics.latency import Percentiles
from depth_seg_ros.spec import ModelSpec

INPUT, PROCESSING, ENGINE, GROUND = "input", "processing", "engine", "ground"
"""The statuses of a node."""

LATENCY = "latency in node"

_UNKNOWN = "unknown"


def status_name(node: str, status: str) -> str:
    """The name of a DiagnosticStatus: ``/namespace/node: status``, as diagnostic_updater has it."""
    return f"{node}: {status}"


def percentile_values(name: str, p: Percentiles | None) -> dict[str, str]:
    """Three values of a status; none of no measurement."""
    if p is None:
        return {}
    return {_key(name, q): f"{v:.2f}" for q, v in (("p50", p.p50), ("p95", p.p95), ("p99", p.p99))}


def read_percentiles(values: Mapping[str, str], name: str) -> tuple[float, float, float] | None:
    """(p50, p95, p99) [ms] that :func:`percentile_values` wrote; None where it wrote none."""
    try:
        p50, p95, p99 = (float(values[_key(name, q)]) for q in ("p50", "p95", "p99"))
    except KeyError:
        return None
    return p50, p95, p99


def engine_values(info: EngineInfo, spec: ModelSpec) -> dict[str, str]:
    """What is loaded: backend, the precision really in it, device, versions, the model's facts."""
    return {
        "model": spec.name,
        "backend": info.backend,
        "backend version": info.version,
        "device": info.device,
        "precision": info.precision,
        "input": "x".join(str(n) for n in info.input_shape),
        "outputs": ", ".join(info.outputs),
        "farthest depth taught [m]": f"{spec.max_depth_m:g}",
        "model commit": spec.git_commit,
        **{str(k): str(v) for k, v in info.details.items()},
    }


def read_engine(values: Mapping[str, str], spec: ModelSpec) -> EngineInfo:
    """The engine that :func:`engine_values` wrote down; ``unknown`` where nothing is written."""
    return EngineInfo(
        backend=values.get("backend", _UNKNOWN),
        version=values.get("backend version", _UNKNOWN),
        device=values.get("device", _UNKNOWN),
        precision=values.get("precision", _UNKNOWN),
        input_shape=(1, spec.input_height, spec.input_width, 3),
        outputs=("depth", "labels", "confidence") if spec.has_labels else ("depth",),
    )


def _key(name: str, quantile: str) -> str:
    return f"{name} {quantile} [ms]"
