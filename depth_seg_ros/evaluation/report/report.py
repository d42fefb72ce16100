"""The result of an evaluation: numbers with everything needed to read them; JSON and Markdown.

Knows no plots and no files; :mod:`depth_seg_ros.evaluation.report.html` draws and writes.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from depth_seg_ros.engines.reshape import DETAIL
from depth_seg_ros.evaluation.report.pictures import Picture
from depth_seg_ros.evaluation.score.distance import DistanceBin
from depth_seg_ros.evaluation.score.doubt import Doubt
from depth_seg_ros.evaluation.score.scorer import MODEL, FrameScore, Scores
from depth_seg_ros.evaluation.score.steadiness import Steadiness
from depth_seg_ros.metrics.depth import DEPTH_METRICS
from depth_seg_ros.readers.base import Unpaired

FORMAT = 1
_SPECIAL = re.compile(r"[\\`*\[\]|~]|(?<!\w)_|_(?!\w)")
"""What Markdown would take for its own."""
PER_CLASS = "Per class"
KNOWS_ITS_DOUBT = "Does the depth know how sure it may be?"
STEADY = "Steady from frame to frame"
LABELS_ONLY = "labels alone, one confusion matrix over all images"


@dataclass(frozen=True)
class Report:
    """Everything one evaluation found.

    protocol: its rules in words, the first line its name. headline: metrics shown first.
    rows: depth scores by row; ``model`` first, then its subsets and the baselines.
    label_rows: label scores by row. class_iou: (IoU, share of labelled pixels) by class.
    latency: statistics [ms] by stage; times_ms: whole frames, in order.
    recordings: frames and headline scores by recording, where there are several.
    total: images there were; each is in ``frames`` or in ``unpaired``, never in both.
    in_time: the frames follow each other, as in a recording; stills do not.
    doubt: whether the depth knows how good it is; None where it does not say.
    steadiness: of depth and labels over time; None where no poses are known.
    """

    title: str
    data: str
    protocol_name: str
    protocol: Sequence[str]
    headline: Sequence[str]
    model: Mapping[str, Any]
    engine: Mapping[str, Any]
    machine: str
    total: int
    frames: Sequence[FrameScore]
    unpaired: Sequence[Unpaired]
    rows: Mapping[str, Scores]
    label_rows: Mapping[str, Scores] = field(default_factory=dict)
    class_iou: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    distance: Sequence[DistanceBin] = ()
    latency: Mapping[str, Scores] = field(default_factory=dict)
    times_ms: Sequence[float] = ()
    notes: Sequence[str] = ()
    pictures: Sequence[Picture] = ()
    recordings: Mapping[str, Scores] = field(default_factory=dict)
    in_time: bool = True
    doubt: Doubt | None = None
    steadiness: Steadiness | None = None

    @property
    def metrics(self) -> Scores:
        """The model's scores, depth and labels together, and the coverage."""
        scores = {**self.rows.get(MODEL, {}), **self.label_rows.get(MODEL, {})}
        covered = [f.coverage for f in self.frames if not math.isnan(f.coverage)]
        if covered:
            scores["coverage"] = sum(covered) / len(covered)
        if self.doubt is not None:
            scores["ause"] = self.doubt.ause
            scores["abs_rel_surest_half"] = self.doubt.surest_half
        if self.steadiness is not None:
            scores["unsteadiness"] = self.steadiness.log_ratio
            scores["label_flips"] = self.steadiness.flips
        return scores

    @property
    def has_depth(self) -> bool:
        """Whether any depth was scored."""
        return bool(self.rows.get(MODEL))

    @property
    def rules(self) -> Sequence[str]:
        """How it was scored, in words; the protocol is about depth alone."""
        return self.protocol if self.has_depth else [LABELS_ONLY]

    @property
    def _protocol_name(self) -> str:
        return self.protocol_name if self.has_depth else "labels"

    def to_json(self) -> str:
        """One object; NaN becomes null."""
        return json.dumps(_plain(self._object()), indent=2, ensure_ascii=False, allow_nan=False)

    def _object(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "title": self.title,
            "data": self.data,
            "protocol": {"name": self._protocol_name, "rules": list(self.rules)},
            "model": dict(self.model),
            "engine": dict(self.engine),
            "machine": self.machine,
            "metrics": self.metrics,
            "frames": {
                "total": self.total,
                "scored": len(self.frames),
                "unpaired": [{"key": u.key, "reason": u.reason} for u in self.unpaired],
            },
            "rows": {k: dict(v) for k, v in self.rows.items()},
            "label_rows": {k: dict(v) for k, v in self.label_rows.items()},
            "class_iou": {k: {"iou": v[0], "share": v[1]} for k, v in self.class_iou.items()},
            "distance": [vars(b) for b in self.distance],
            "doubt": None if self.doubt is None else asdict(self.doubt),
            "steadiness": None if self.steadiness is None else asdict(self.steadiness),
            "latency_ms": {k: dict(v) for k, v in self.latency.items()},
            "recordings": {k: dict(v) for k, v in self.recordings.items()},
            "notes": list(self.notes),
            "per_frame": [
                {"key": f.key, "pixels": f.pixels, "coverage": f.coverage, "accuracy": f.accuracy}
                | f.depth
                for f in self.frames
            ],
        }

    def to_markdown(self) -> str:
        """The same for a terminal, a README or an issue."""
        parts = [f"# {_plain_text(self.title)}", "", *_bullets(self.facts()), ""]
        for heading, table in self.tables():
            cells = [[_plain_text(cell) for cell in row] for row in table]
            parts += [f"## {_plain_text(heading)}", "", *_markdown(cells), ""]
        if self.notes:
            parts += ["## Notes", "", *_bullets(self.notes), ""]
        if self.unpaired:
            parts += ["## Not scored", "", *_bullets(self.unpaired_lines()), ""]
        return "\n".join(parts)

    def to_text(self) -> str:
        """Facts and tables aligned for a terminal."""
        lines = [self.title, *(f"  {fact}" for fact in self.facts())]
        for heading, table in self.tables():
            lines += ["", heading, *_aligned(table)]
        if self.unpaired:
            lines += ["", "Not scored", *(f"  {line}" for line in self.unpaired_lines(5))]
        return "\n".join([*lines, ""])

    def facts(self) -> list[str]:
        """The head of the report: what was scored, how, on what."""
        training = self.model.get("training") or {}
        facts = [
            f"Protocol: {'; '.join(self.rules)}",
            f"Data: {self.data}",
            f"Frames: {self.total} in all, {len(self.frames)} scored, "
            f"{len(self.unpaired)} not scored",
            f"Model: {self.model.get('name')} (sha256 {str(self.model.get('sha256', '?'))[:12]})",
            "Trained on: " + (_training(training) or "not stated in the model file"),
            f"Engine: {self.engine.get('backend')} {self.engine.get('version')}, "
            f"{self.engine.get('precision')}, {self.engine.get('device')}{self._detail()}",
            f"Machine: {self.machine}",
        ]
        coverage = self.metrics.get("coverage")
        if coverage is not None:
            facts.insert(3, f"Coverage: {coverage:.2%} of the pixels that count have a prediction")
        return facts

    def _detail(self) -> str:
        """How many times the file's pixels were shown, where that was asked for."""
        detail = dict(self.engine.get("details") or {}).get(DETAIL)
        return f", shown {detail} times the pixels of its file (detail)" if detail else ""

    def tables(self) -> list[tuple[str, list[list[str]]]]:
        """(heading, rows of cells with a head row) of every table there is something to say in."""
        tables = []
        if self.has_depth:
            others = [k for k in DEPTH_METRICS if k not in self.headline]
            name = f"Depth, protocol {self.protocol_name}"
            tables.append((name, self.depth_table(self.headline)))
            tables.append(("Other metrics of the same pixels", self.depth_table(others)))
        if self.label_rows:
            tables.append(("Labels", self._label_table()))
            tables.append((PER_CLASS, self._class_table()))
        if self.recordings:
            tables.append(("By recording", self._recording_table()))
        if self.doubt is not None:
            tables.append((KNOWS_ITS_DOUBT, self._doubt_table(self.doubt)))
        if self.steadiness is not None:
            tables.append((STEADY, self._steadiness_table(self.steadiness)))
        if self.latency:
            tables.append((f"Latency on {self.machine}", self._latency_table()))
        return tables

    def depth_table(self, keys: Sequence[str]) -> list[list[str]]:
        """These metrics, one line a row."""
        head = ["", *(DEPTH_METRICS[k].heading for k in keys)]
        return [head] + [
            [name, *(_number(row[k]) for k in keys)] for name, row in self.rows.items() if row
        ]

    def _label_table(self) -> list[list[str]]:
        return [["", "mIoU", "pixel accuracy"]] + [
            [name, _number(row["miou"]), _number(row["pixel_accuracy"])]
            for name, row in self.label_rows.items()
        ]

    def _class_table(self) -> list[list[str]]:
        ranked = sorted(self.class_iou.items(), key=lambda item: -item[1][1])
        return [["class", "IoU", "share of pixels"]] + [
            [name, _number(iou), f"{share:.2%}"] for name, (iou, share) in ranked
        ]

    def _recording_table(self) -> list[list[str]]:
        keys = list(dict.fromkeys(k for row in self.recordings.values() for k in row))
        titles = {"frames": "frames", "miou": "mIoU"}
        headings = [titles[k] if k in titles else DEPTH_METRICS[k].heading for k in keys]
        return [["recording", *headings]] + [
            [name, *(_cell(k, row.get(k, math.nan)) for k in keys)]
            for name, row in self.recordings.items()
        ]

    @staticmethod
    def _doubt_table(doubt: Doubt) -> list[list[str]]:
        return [
            ["", "AbsRel of all", "of the surest half", "of the surest tenth", "of the least sure",
             "AUSE", "|said − held|"],
            [MODEL, *(_number(v) for v in (doubt.abs_rel, doubt.surest_half, doubt.tenths[0],
                                           doubt.tenths[-1], doubt.ause, doubt.calibration))],
        ]  # fmt: skip

    @staticmethod
    def _steadiness_table(found: Steadiness) -> list[list[str]]:
        rows = [["", "mean |ln ratio| of depth", "labels that flip", "pairs of frames"]]
        rows += [[MODEL, f"{found.log_ratio:.4f}", _share(found.flips), str(found.pairs)]]
        if found.by_truth:
            floor = f"{found.floor:.4f}", _share(found.flips_floor), str(found.pairs)
            rows += [["truth (the floor)", *floor]]
        return rows

    def _latency_table(self) -> list[list[str]]:
        keys = [k for k in next(iter(self.latency.values())) if k != "frames"]
        return [["stage [ms]", *(k.removesuffix("_ms") for k in keys)]] + [
            [stage, *(f"{row[k]:.2f}" for k in keys)] for stage, row in self.latency.items()
        ]

    def unpaired_lines(self, limit: int = 20) -> list[str]:
        """Reasons with their frames: one line a reason."""
        by_reason: dict[str, list[str]] = {}
        for u in self.unpaired:
            by_reason.setdefault(u.reason, []).append(u.key)
        lines = [
            f"{len(keys)} × {reason} ({', '.join(keys[:3])}{', …' if len(keys) > 3 else ''})"
            for reason, keys in sorted(by_reason.items(), key=lambda item: -len(item[1]))
        ]
        rest = len(lines) - limit
        return lines[:limit] + ([f"{rest} more reasons in report.json"] if rest > 0 else [])


def _bullets(lines: Sequence[str]) -> list[str]:
    return [f"- {_plain_text(line)}" for line in lines]


def _plain_text(text: str) -> str:
    """Names of topics, files and classes as they are: nothing in them is Markdown or HTML."""
    flat = " ".join(text.split())
    return _SPECIAL.sub(r"\\\g<0>", flat).replace("<", "&lt;")


def _markdown(table: list[list[str]]) -> list[str]:
    rows = [f"| {' | '.join(cells)} |" for cells in table]
    rule = "|---|" + "---:|" * (len(table[0]) - 1)
    return [rows[0], rule, *rows[1:]]


def _aligned(rows: list[list[str]]) -> list[str]:
    """Columns padded to their widest cell; the first to the left, numbers to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  " + "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])])
        for row in rows
    ]


def _cell(key: str, value: float) -> str:
    return f"{value:.0f}" if key == "frames" else _number(value)


def _share(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2%}"


def _number(value: float) -> str:
    """Four significant digits, as far as they matter in a table."""
    if math.isnan(value):
        return "–"
    if abs(value) >= 100:
        return f"{value:.1f}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.2f}"


_VALIDATION = ("abs_rel", "rmse", "delta1", "miou")


def _training(facts: Mapping[str, Any]) -> str:
    """What a model was trained on, in one line; the whole recipe is in report.json."""
    words = [
        f"{key.replace('_', ' ')} {_value(value)}"
        for key, value in facts.items()
        if not isinstance(value, Mapping) and key not in _ENVIRONMENT
    ]
    validation = facts.get("validation")
    if isinstance(validation, Mapping):
        scores = [f"{k} {_value(validation[k])}" for k in _VALIDATION if k in validation]
        words.append("validation " + ", ".join(scores))
    return "; ".join(words)


_ENVIRONMENT = ("platform", "torch", "gpu", "git_commit")
"""Facts about the training machine and code: of no use to a reader of scores."""


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _plain(value: Any) -> Any:
    """What json can write: NaN and infinities as null, tuples as lists."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value
