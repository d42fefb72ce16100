"""The report as Markdown: the tables that docs and issues quote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from depth_seg_ros.engines.resize import RESIZED

TARGETS = (
    ("fp16, batch 1, engine only: p50 at most 0.35 ms", "fp16", 1, "p50_ms", 0.35),
    ("fp16, batch 8: at least 4000 images a second", "fp16", 8, "images_per_s", 4000.0),
)
"""What an H100 or H200 should reach: words, precision, batch, value, bound."""
HOST_TARGET_MS = 0.6
"""A camera's uint8 image on the host to metres on the host, one image."""
WAYS = ("host", "device")
"""Where that image may be made small."""


def render(report: Mapping[str, Any]) -> str:
    """Every table and what was skipped."""
    gpus = ", ".join(f"{g['name']} ({g['driver']})" for g in report["gpus"])
    lines = [
        f"# {report['model']['name']} on {gpus or 'a machine without a GPU'}",
        "",
        f"{report['machine']}; {report['frames']} calls a row; "
        f"model {report['model']['sha256'][:12]}",
        "",
        *([] if gpus else [f"No GPU: {report['no_gpu']}. These are the CPU's rows.", ""]),
        "| backend | precision | batch | open s | p50 ms | p95 ms | p99 ms | images/s | GPU MiB "
        "| host MiB | depth error (mean) | labels agree | CUDA graph |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
        *(_row(r) for r in report["rows"] if "latency" in r),
        "",
        *(f"- {_name(r)}: {r['error']}" for r in report["rows"] if "error" in r),
        *(f"- {name} was skipped: {why}" for name, why in report["skipped"].items()),
        "",
        *_others(report),
        "",
        *_targets(report),
    ]
    return "\n".join(lines) + "\n"


def _name(row: Mapping[str, Any]) -> str:
    return f"{row['backend']} {row['precision']} batch {row['batch']}"


def _row(row: Mapping[str, Any]) -> str:
    t, p, m = row["latency"], row["parity"], row["memory_mib"]
    agreement = p.get("label_agreement")
    cells = [
        f"{row['backend']} {row['info']['version']}", row["precision"], row["batch"],
        f"{row['open_s']:.1f}", *(f"{t[k]:.3g}" for k in ("p50_ms", "p95_ms", "p99_ms")),
        f"{row['images_per_s']:.0f}", f"{m['gpu']:.0f}" if "gpu" in m else "–", f"{m['host']:.0f}",
        f"{100 * p['depth_mean_relative']:.3f} %",
        "–" if agreement is None else f"{100 * agreement:.2f} %",
        row["info"]["details"].get("cuda_graph", "–"),
    ]  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def _others(report: Mapping[str, Any]) -> list[str]:
    node, reuse = report["node_path"], report["cache_reuse"]
    both, killed, torch = report["side_by_side"], report["killed_build"], report["torch"]
    lines = []
    if "error" in node:
        lines.append(f"- node path: {node['error']}")
    else:
        stages = ", ".join(f"{k} {v['p50_ms']:.2f}" for k, v in node["latency"].items())
        shrunk = node["info"]["details"].get(RESIZED, "on the host")
        lines.append(
            f"- node path, image to metres, on {node['info']['backend']} "
            f"{node['info']['precision']} (p50 ms): {stages}; whole p99 "
            f"{node['latency']['whole']['p99_ms']:.2f}; shrunk {shrunk}"
        )
    lines += [f"- {name}: {_both_ways(costs)}" for name, costs in report["both_ways"].items()]
    lines.append(f"- cache: {reuse.get('error') or _seconds(reuse)}")
    each = [
        f"{e['p50_ms']:.2f}" if isinstance(e, Mapping) else str(e) for e in both.get("each", [])
    ]
    alone = both.get("alone") or {}
    told = f"{' and '.join(each)} ms p50 each, alone {alone.get('p50_ms', float('nan')):.2f}"
    lines.append(f"- two engines side by side: {both.get('error') or told}")
    lines.append(f"- a build killed half way: {killed.get('error') or _killed(killed)}")
    rows = [f"batch {r['batch']} {r['p50_ms']:.2f} ms" for r in torch.get("rows", [])]
    told = f"{', '.join(rows)} p50 on {torch.get('device')} (PyTorch {torch.get('version')})"
    lines.append(f"- torch in bf16, network only: {torch.get('error') or told}")
    return lines


def _both_ways(costs: Mapping[str, Any]) -> str:
    if "error" in costs:
        return str(costs["error"])
    width, height = costs["image"]
    host = costs["host"]
    told = (
        f"{width}x{height} uint8 on the host to metres on the host, shrunk by OpenCV "
        f"{host['p50_ms']:.3g} ms p50, {host['p99_ms']:.3g} p99; by the engine "
    )
    if "device" not in costs:
        return f"{told}not: {costs['device_error']}"
    device, agreement = costs["device"], costs.get("label_agreement")
    apart = f"depth {100 * costs['depth_mean_relative']:.3f} % apart"
    apart += "" if agreement is None else f", {100 * agreement:.2f} % of the labels agree"
    return (
        f"{told}{device['p50_ms']:.3g} ms p50, {device['p99_ms']:.3g} p99 ({apart}): taken is the "
        f"{costs['taken']}'s"
    )


def _seconds(reuse: Mapping[str, Any]) -> str:
    again = "found again" if reuse["found"] else "built ANEW"
    return f"{reuse['backend']} opened in {reuse['first_s']} s, {again} in {reuse['open_s']} s"


def _killed(killed: Mapping[str, Any]) -> str:
    when = "it was done before" if killed["ended_before"] else "while it built"
    return (
        f"{when}; {killed['entries_left']} entries left, {killed['damaged']} damaged; built again "
        f"in {killed['open_s']} s"
    )


def _targets(report: Mapping[str, Any]) -> list[str]:
    if not report["gpus"]:
        return ["Targets (H100, H200): not measured, there is no GPU."]
    lines = ["Targets (H100, H200), best backend:"]
    for words, precision, batch, value, bound in TARGETS:
        rows = [
            r for r in report["rows"]
            if "latency" in r and (r["precision"], r["batch"]) == (precision, batch)
        ]  # fmt: skip
        at_most = value != "images_per_s"
        found = [{**r["latency"], "images_per_s": r["images_per_s"]}[value] for r in rows]
        best = (min if at_most else max)(found, default=None)
        lines.append(f"- {words}: {_verdict(best, bound, at_most)}")
    found = [c[way]["p50_ms"] for c in report["both_ways"].values() for way in WAYS if way in c]
    words = f"from uint8 to metres on the host: p50 at most {HOST_TARGET_MS:g} ms"
    return [*lines, f"- {words}: {_verdict(min(found, default=None), HOST_TARGET_MS, True)}"]


def _verdict(value: float | None, bound: float, at_most: bool) -> str:
    if value is None:
        return "not measured"
    met = value <= bound if at_most else value >= bound
    return f"{value:.3g}, {'met' if met else 'MISSED'}"
