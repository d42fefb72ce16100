"""The report as one self-contained HTML page: no scripts, no network, pictures inside."""

from __future__ import annotations

import json
from base64 import b64encode
from html import escape
from pathlib import Path

from depth_seg_ros.evaluation.report import charts
from depth_seg_ros.evaluation.report.charts import Mark
from depth_seg_ros.evaluation.report.pictures import MAX_ERROR
from depth_seg_ros.evaluation.report.report import MODEL, PER_CLASS, Report
from depth_seg_ros.evaluation.report.style import STYLE
from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.metrics.depth import DEPTH_METRICS
from depth_seg_ros.metrics.latency import histogram
from depth_seg_ros.system.atomic import write_texts


def write_report(report: Report, folder: Path) -> list[Path]:
    """``report.json``, ``report.md``, ``report.html`` in ``folder``: all three whole, or none."""
    kinds = {"json": report.to_json(), "md": report.to_markdown(), "html": to_html(report)}
    texts = {folder / f"report.{kind}": text for kind, text in kinds.items()}
    write_texts(texts)
    return list(texts)


def to_html(report: Report) -> str:
    """The whole page."""
    # The chart says per class what the table would.
    tables = [_section(h, _table(rows)) for h, rows in report.tables() if h != PER_CLASS]
    body = [
        f"<header><h1>{escape(report.title)}</h1>{_facts(report)}</header>",
        _tiles(report),
        *tables[:1],
        _charts(report),
        _pictures(report),
        *tables[1:],
        _listed("Notes", report.notes),
        _listed("Not scored", report.unpaired_lines()),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(report.title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )


def _facts(report: Report) -> str:
    rows = []
    for fact in report.facts():
        name, _, value = fact.partition(": ")
        rows.append(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>")
    return f"<dl>{''.join(rows)}</dl>{_recipe(report)}"


def _recipe(report: Report) -> str:
    """Everything the model file says about itself, folded away."""
    text = json.dumps(dict(report.model), indent=2, ensure_ascii=False, default=str)
    return f"<details><summary>The model's own facts</summary><pre>{escape(text)}</pre></details>"


def _tiles(report: Report) -> str:
    """The few numbers that matter, each with the constant baseline's beside it."""
    metrics = report.metrics
    baseline: dict[str, float] = {}
    for name, row in report.rows.items():
        if name.startswith("constant"):
            baseline = dict(row)
    tiles = [
        (DEPTH_METRICS[k].heading, f"{metrics[k]:.3f}", _beside(baseline.get(k)))
        for k in report.headline[:5]
        if k in metrics
    ]
    if "miou" in metrics:
        tiles.append(("mIoU", f"{metrics['miou']:.3f}", f"{len(report.class_iou)} classes"))
    if whole := report.latency.get("whole frame"):
        tiles.append(("ms a frame, p50", f"{whole['p50_ms']:.1f}", f"p99 {whole['p99_ms']:.1f}"))
    cells = "".join(
        f"<div class='tile'><span>{escape(title)}</span><b>{value}</b><small>{escape(note)}</small>"
        "</div>"
        for title, value, note in tiles
    )
    return f"<section class='tiles'>{cells}</section>"


def _beside(value: float | None) -> str:
    return "" if value is None else f"constant: {value:.3f}"


def _table(rows: list[list[str]]) -> str:
    head = "".join(f"<th>{escape(c)}</th>" for c in rows[0])
    lines = [
        f"<tr class='{'model' if cells[0] == MODEL else ''}'><th>{escape(cells[0])}</th>"
        + "".join(f"<td>{escape(c)}</td>" for c in cells[1:])
        + "</tr>"
        for cells in rows[1:]
    ]
    return (
        f"<div class='scroll'><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _charts(report: Report) -> str:
    figures = []
    if report.distance:
        figures.append(_figure("Error by distance", _distance_chart(report), _DISTANCE_WORDS))
        figures.append(_figure("Too far (+) or too near (−)", _bias_chart(report), _BIAS_WORDS))
    if any(f.depth for f in report.frames):
        key = report.headline[0]
        figures.append(
            _figure(f"{DEPTH_METRICS[key].title} over the recording", _frame_chart(report, key), "")
        )
    if report.class_iou:
        figures.append(
            _figure("IoU by class", _class_chart(report), "With each class's share of the pixels.")
        )
    if report.times_ms:
        figures.append(_figure("Latency", _latency_chart(report), _latency_words(report)))
    return f"<section class='charts'>{''.join(figures)}</section>"


_DISTANCE_WORDS = "Mean relative error of all pixels in each bin of true depth."
_BIAS_WORDS = "Mean signed relative error, (prediction − truth) / truth."


def _distance_chart(report: Report) -> str:
    marks = [
        Mark(
            f"{b.near_m:g}",
            b.abs_rel,
            f"{b.near_m:g}–{b.far_m:g} m: AbsRel {b.abs_rel:.3f}, RMSE {b.rmse:.2f} m, "
            f"δ<1.25 {b.delta1:.3f}, {b.pixels} pixels",
        )
        for b in report.distance
    ]
    return charts.bars(marks, "true depth from [m]", "AbsRel")


def _bias_chart(report: Report) -> str:
    marks = [
        Mark(f"{b.near_m:g}", b.bias_rel, f"{b.near_m:g}–{b.far_m:g} m: {b.bias_rel:+.3f}")
        for b in report.distance
    ]
    return charts.bars(marks, "true depth from [m]", "relative bias")


def _frame_chart(report: Report, key: str) -> str:
    scored = [f for f in report.frames if f.depth]
    marks = [
        Mark(str(i), f.depth[key], f"{f.key}: {f.depth[key]:.3f}") for i, f in enumerate(scored)
    ]
    return charts.line(marks, "scored frame", DEPTH_METRICS[key].heading)


def _class_chart(report: Report) -> str:
    ranked = sorted(report.class_iou.items(), key=lambda item: -item[1][1])
    colors = {c.name: c.color for c in CITYSCAPES}
    marks = [
        Mark(f"{n} {share:.1%}", iou, f"{n}: IoU {iou:.3f}, {share:.2%} of pixels")
        for n, (iou, share) in ranked
    ]
    return charts.horizontal_bars(marks, [colors[n] for n, _ in ranked])


def _latency_chart(report: Report) -> str:
    edges, counts = histogram(report.times_ms)
    marks = [
        Mark(f"{edges[i]:.0f}", float(n), f"{edges[i]:.1f}–{edges[i + 1]:.1f} ms: {n} frames")
        for i, n in enumerate(counts)
    ]
    return charts.bars(marks, "preprocessing, network and postprocessing [ms]", "frames")


def _latency_words(report: Report) -> str:
    whole = report.latency["whole frame"]
    return (
        f"p50 {whole['p50_ms']:.1f}, p95 {whole['p95_ms']:.1f}, p99 {whole['p99_ms']:.1f}, "
        f"maximum {whole['max_ms']:.1f} ms over {whole['frames']:.0f} frames, the first included; "
        "the last bin holds all slower frames."
    )


def _figure(title: str, drawing: str, words: str) -> str:
    return (
        f"<figure><figcaption><b>{escape(title)}</b> {escape(words)}</figcaption>{drawing}</figure>"
    )


def _pictures(report: Report) -> str:
    frames = []
    for picture in report.pictures:
        panels = "".join(
            f"<figure><img alt='{escape(title)}' loading='lazy' "
            f"src='data:image/jpeg;base64,{b64encode(jpeg).decode()}'>"
            f"<figcaption>{escape(title)}</figcaption></figure>"
            for title, jpeg in picture.panels
        )
        frames.append(f"<h3>{escape(picture.caption)}</h3><div class='panels'>{panels}</div>")
    if not frames:
        return ""
    legend = (
        f"<p class='legend'>Relative error: <i class='ramp'></i> 0 to {MAX_ERROR:.0%} and more. "
        "Depth: red is near (2 m), dark blue is far (80 m), on a logarithmic scale. Grey: no value."
        "</p>"
    )
    return _section("Best, median and worst frame", legend + "".join(frames))


def _listed(heading: str, lines: list[str] | tuple[str, ...] | object) -> str:
    items = [str(line) for line in lines] if isinstance(lines, list | tuple) else []
    if not items:
        return ""
    return _section(heading, "<ul>" + "".join(f"<li>{escape(i)}</li>" for i in items) + "</ul>")


def _section(heading: str, content: str) -> str:
    return f"<section><h2>{escape(heading)}</h2>{content}</section>"
