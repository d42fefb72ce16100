"""A report as a page: which of its tables, charts and pictures go where."""

from __future__ import annotations

import json
from pathlib import Path

from depth_seg_ros.evaluation.report import charts
from depth_seg_ros.evaluation.report.charts import Mark
from depth_seg_ros.evaluation.report.keys import DEPTH_SCALE, ERROR_SCALE, swatches
from depth_seg_ros.evaluation.report.page import (
    Chart,
    Page,
    Panel,
    Section,
    Strip,
    Table,
    Tile,
    render,
)
from depth_seg_ros.evaluation.report.report import PER_CLASS, Report
from depth_seg_ros.evaluation.score.doubt import Doubt
from depth_seg_ros.evaluation.score.scorer import CONSTANT, MODEL
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
    tables = [
        Section(heading, table=Table(rows, marked=MODEL))
        for heading, rows in report.tables()
        if heading != PER_CLASS
    ]
    listed = {"Notes": list(report.notes), "Not scored": report.unpaired_lines()}
    sections = [
        *tables[:1],
        Section(charts=_charts(report)),
        *_pictures(report),
        *tables[1:],
        *(Section(heading, items=lines) for heading, lines in listed.items() if lines),
    ]
    facts = [(name, value) for name, _, value in (f.partition(": ") for f in report.facts())]
    own = json.dumps(dict(report.model), indent=2, ensure_ascii=False, default=str)
    return render(
        Page(report.title, facts, ("The model's own facts", own), _tiles(report), sections)
    )


def _tiles(report: Report) -> list[Tile]:
    """The few numbers that matter, each with the constant baseline's beside it."""
    metrics = report.metrics
    baseline: dict[str, float] = {}
    for name, row in report.rows.items():
        if name.startswith(CONSTANT):
            baseline = dict(row)
    tiles = [
        Tile(DEPTH_METRICS[k].heading, f"{metrics[k]:.3f}", _beside(baseline.get(k)))
        for k in report.headline[:5]
        if k in metrics
    ]
    if "miou" in metrics:
        tiles.append(Tile("mIoU", f"{metrics['miou']:.3f}", f"{len(report.class_iou)} classes"))
    if whole := report.latency.get("whole frame"):
        p99 = f"p99 {whole['p99_ms']:.1f}"
        tiles.append(Tile("ms a frame, p50", f"{whole['p50_ms']:.1f}", p99))
    return tiles


def _beside(value: float | None) -> str:
    return "" if value is None else f"{CONSTANT}: {value:.3f}"


def _charts(report: Report) -> list[Chart]:
    found = []
    if report.distance:
        found.append(Chart("Error by distance", _distance_chart(report), _DISTANCE_WORDS))
        found.append(Chart("Too far (+) or too near (−)", _bias_chart(report), _BIAS_WORDS))
    if report.in_time and any(f.depth for f in report.frames):
        key = report.headline[0]
        title = f"{DEPTH_METRICS[key].title} over the recording"
        found.append(Chart(title, _frame_chart(report, key)))
    if report.doubt is not None:
        found.append(Chart("Said and held", _reliability_chart(report.doubt), _RELIABILITY_WORDS))
        found.append(Chart("Error by confidence", _tenths_chart(report.doubt), _TENTHS_WORDS))
    if report.class_iou:
        words = "With each class's share of the pixels."
        found.append(Chart("IoU by class", _class_chart(report), words))
    if report.times_ms:
        found.append(Chart("Latency", _latency_chart(report), _latency_words(report)))
    return found


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


_RELIABILITY_WORDS = (
    "Of the pixels whose depth is said to be within 25 % with a probability around …, the share "
    "that is. Where the bars reach the stated probability, what is said holds."
)
_TENTHS_WORDS = "AbsRel of each image's surest tenth of pixels, the next, … the least sure."


def _reliability_chart(doubt: Doubt) -> str:
    marks = [
        Mark(f"{b.said:.2f}", b.held, f"said {b.said:.3f}, held {b.held:.3f}, {b.pixels} pixels")
        for b in doubt.bins
    ]
    return charts.bars(marks, "said", "held")


def _tenths_chart(doubt: Doubt) -> str:
    marks = [Mark(str(i + 1), v, f"tenth {i + 1}: {v:.3f}") for i, v in enumerate(doubt.tenths)]
    return charts.bars(marks, "tenth of the pixels, surest first", "AbsRel", doubt.abs_rel)


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


def _pictures(report: Report) -> list[Section]:
    """Best, median and worst frame, with what their colours mean."""
    if not report.pictures:
        return []
    strips = [
        Strip(p.caption, [Panel(title, jpeg) for title, jpeg in p.panels]) for p in report.pictures
    ]
    scales = [DEPTH_SCALE, *([ERROR_SCALE] if report.has_depth else [])]
    shown = sorted({name for p in report.pictures for name in p.classes})
    heading = "Best, median and worst frame"
    return [Section(heading, scales=scales, swatches=swatches(shown), strips=strips)]
