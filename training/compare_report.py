"""What a comparison found, as Markdown and HTML: curves, tables, paired difference, pictures."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import matplotlib
import numpy as np

from depth_seg_ros.evaluation.report.page import Page, Panel, Section, Strip, Table, render
from depth_seg_ros.metrics.better import is_better
from depth_seg_ros.metrics.depth import DEPTH_METRICS
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.readers.base import Reader
from depth_seg_ros.system.atomic import atomic_output, write_text
from depth_seg_ros.types import UInt8Array
from depth_seg_ros.visualize import caption, colorize_depth, colorize_labels, fit_width
from training.config import Experiment
from training.evaluate import exported
from training.provenance import environment
from training.recorder import read_scalars
from training.train import LAST

matplotlib.use("Agg")
from matplotlib import pyplot as plt

TITLE = "Depth alone against depth with semantics"
BY_SEED = ", by seed"
T95 = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26)
"""Student's t of a 95 % interval from 2, 3, ... 10 seeds."""
Scores = dict[str, dict[str, float]]

SHOWN = ("abs_rel", "sq_rel", "rmse", "rmse_log", "log_rmse", "silog", "delta1", "miou")
CURVES = ("loss_log_rmse", "loss_log_l1", "loss_silog", "abs_rel", "rmse", "miou")
SHEET_FRAMES = 3
PANEL_WIDTH = 420

PUBLISHED = """Published (Sciuto, EPFL 2018; LogRMSE with log1p / RMSE [m]): Virtual KITTI test \
0.27115 / 7.46425 (depth_mancini) and 0.23945 / 6.50301 (DS-Net); KITTI 0.80617 / 11.97442 and \
0.76492 / 11.64267. There the labels of the semantic branch were scrambled and the KITTI truth \
misread by the released code, so those numbers answer another question."""


@dataclass
class Comparison:
    """scores: test -> (network, seed) -> rows; tests: (name, reader) for the pictures."""

    experiment: Experiment
    folder: Path
    networks: tuple[str, ...]
    seeds: tuple[int, ...]
    scores: dict[str, dict[tuple[str, int], Scores]] = field(default_factory=dict)
    tests: list[tuple[str, Reader]] = field(default_factory=list)

    def run(self, network: str, seed: int) -> Path:
        """Folder of one run."""
        return self.folder / f"{network}_seed{seed}"


@dataclass(frozen=True)
class Spread:
    """Mean and sample standard deviation (NaN for one seed)."""

    mean: float
    deviation: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        deviation = float(np.std(values, ddof=1)) if len(values) > 1 else math.nan
        return cls(float(np.mean(values)), deviation)

    def interval(self, count: int) -> tuple[float, float]:
        """Where the mean of ``count`` (2 or more) such values is with 95 % confidence, if they are
        normally distributed."""
        reach = T95[min(count - 2, len(T95) - 1)] * self.deviation / math.sqrt(count)
        return self.mean - reach, self.mean + reach

    def __str__(self) -> str:
        if math.isnan(self.deviation):
            return f"{self.mean:.4f}"
        return f"{self.mean:.4f} ± {self.deviation:.4f}"


def write_comparison(comparison: Comparison) -> list[Path]:
    """Write ``compare.md``, ``compare.html`` and their pictures."""
    folder = comparison.folder
    pictures = [("Learning curves (validation; thin lines: seeds, thick: mean)", "curves.png")]
    _write_png(folder / "curves.png", curves(comparison))
    for name, reader in comparison.tests:
        file = f"sheet_{name.split(' ')[0]}.png"
        _write_png(folder / file, sheet(comparison, reader))
        networks = " | ".join(f"{n}: depth, labels" for n in comparison.networks)
        pictures.append((f"{name}: image | truth | {networks}", file))
    text = to_markdown(comparison, pictures)
    write_text(folder / "compare.md", text)
    write_text(folder / "compare.html", to_html(comparison, pictures))
    return [folder / "compare.md", folder / "compare.html"]


def tables(comparison: Comparison) -> list[tuple[str, list[list[str]]]]:
    """(heading, rows with a head row) per test set."""
    return [(test, _table(comparison, runs)) for test, runs in comparison.scores.items()]


def _table(comparison: Comparison, runs: dict[tuple[str, int], Scores]) -> list[list[str]]:
    keys = [k for k in SHOWN if any(k in s["model"] for s in runs.values())]
    rows = [["", *(_heading(k) for k in keys)]]
    for network in comparison.networks:
        values = [runs[network, seed]["model"] for seed in comparison.seeds]
        rows.append([network, *(_spread(values, k) for k in keys)])
    if len(comparison.networks) == 2:
        one, two = comparison.networks
        pairs = [(runs[one, s]["model"], runs[two, s]["model"]) for s in comparison.seeds]
        rows.append([f"{two} − {one}{BY_SEED}", *(_difference(pairs, k) for k in keys)])
    first = runs[comparison.networks[0], comparison.seeds[0]]
    for name in (n for n in first if n != "model"):
        rows.append([f"baseline: {name}", *(_spread([first[name]], k) for k in keys)])
    return rows


def _spread(values: list[dict[str, float]], key: str) -> str:
    if not all(key in v for v in values):
        return "–"
    return str(Spread.of([v[key] for v in values]))


def _difference(pairs: list[tuple[dict[str, float], dict[str, float]]], key: str) -> str:
    if not all(key in v for pair in pairs for v in pair):
        return "–"
    differences = [two[key] - one[key] for one, two in pairs]
    better = sum(is_better(key, two[key], one[key]) for one, two in pairs)
    spread, count = Spread.of(differences), len(differences)
    text = f"{spread} ({better} of {count} better)"
    if count < 2:
        return text
    low, high = spread.interval(count)
    return f"{text}; 95 %: {low:+.4f} to {high:+.4f}"


def _heading(key: str) -> str:
    return DEPTH_METRICS[key].heading if key in DEPTH_METRICS else "mIoU"


def facts(comparison: Comparison) -> list[str]:
    """The conditions, for the head of the report."""
    e, place = comparison.experiment, environment()
    length = f"{e.optim.steps} steps" if e.optim.steps else f"{e.optim.epochs} epochs"
    data = ", ".join(" ".join((Path(s.root).name, *s.worlds)) for s in e.data.train)
    return [
        f"Networks {', '.join(comparison.networks)}; seeds {', '.join(map(str, comparison.seeds))}",
        f"Each: {length} of batch {e.optim.batch} at {e.data.width}x{e.data.height} on {data}; "
        f"loss {dict(e.loss.depth)}, semantics x {e.loss.semantic}",
        "Scored: the final weights, exported, through the robot's Predictor; no median scaling",
        f"torch {place['torch']}, {place['platform']}, commit {place['git_commit']}",
        PUBLISHED,
    ]


def to_markdown(comparison: Comparison, pictures: list[tuple[str, str]]) -> str:
    parts = [f"# {TITLE}", ""]
    parts += [f"- {fact}" for fact in facts(comparison)] + [""]
    for heading, rows in tables(comparison):
        parts += [f"## {heading}", "", "| " + " | ".join(rows[0]) + " |"]
        parts.append("|" + "---|" * len(rows[0]))
        parts += ["| " + " | ".join(row) + " |" for row in rows[1:]] + [""]
    for title, file in pictures:
        parts += [f"## {title}", "", f"![{title}]({file})", ""]
    return "\n".join(parts)


def to_html(comparison: Comparison, pictures: list[tuple[str, str]]) -> str:
    """One file, pictures inside."""
    told = facts(comparison)
    sections = [
        Section(name, table=Table(rows, marked=_marked(rows))) for name, rows in tables(comparison)
    ]
    for title, file in pictures:
        panel = Panel(title, (comparison.folder / file).read_bytes(), "png")
        sections.append(Section(title, strips=[Strip("", [panel])]))
    sections.append(Section("Conditions", items=told))
    return render(Page(TITLE, sections=sections))


def _marked(rows: list[list[str]]) -> str:
    """The row of the difference, where there are two networks to compare."""
    return next((row[0] for row in rows if row[0].endswith(BY_SEED)), "")


def curves(comparison: Comparison) -> bytes:
    """PNG: validation scores over the steps, by network."""
    series = {
        (network, seed): _validation(comparison.run(network, seed) / "scalars.csv")
        for network in comparison.networks
        for seed in comparison.seeds
    }
    names = [c for c in CURVES if any(c in s for s in series.values())]
    figure, axes = plt.subplots(1, len(names), figsize=(4 * len(names), 3.2), squeeze=False)
    for axis, name in zip(axes[0], names, strict=True):
        for number, network in enumerate(comparison.networks):
            runs = [
                series[network, s][name] for s in comparison.seeds if name in series[network, s]
            ]
            dot = "o" if all(len(run) == 1 for run in runs) else "None"  # one point draws no line
            for run in runs:
                values = list(run.values())
                axis.plot(list(run), values, marker=dot, color=f"C{number}", lw=0.7, alpha=0.5)
            common = [step for step in runs[0] if all(step in r for r in runs)] if runs else []
            mean = [float(np.mean([r[step] for r in runs])) for step in common]
            axis.plot(common, mean, marker=dot, color=f"C{number}", lw=2, label=network)
        axis.set(title=name, xlabel="step")
        axis.grid(alpha=0.3)
    axes[0][0].legend()
    figure.tight_layout()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=90)
    plt.close(figure)
    return buffer.getvalue()


def _validation(path: Path) -> dict[str, dict[int, float]]:
    """name -> step -> value."""
    found: dict[str, dict[int, float]] = {}
    for row in read_scalars(path):
        if row["kind"] == "validation":
            found.setdefault(row["name"], {})[int(row["step"])] = float(row["value"])
    return found


def sheet(comparison: Comparison, reader: Reader) -> bytes:
    """PNG of a few frames: image | truth | what each network (first seed) says."""
    chosen = np.linspace(0, len(reader) - 1, min(SHEET_FRAMES, len(reader))).astype(int).tolist()
    samples = [reader[i] for i in chosen]
    columns: list[list[UInt8Array]] = [[caption(s.frame.image, "image")] for s in samples]
    for row, sample in zip(columns, samples, strict=True):
        if sample.truth.depth_m is not None:
            row.append(caption(colorize_depth(sample.truth.depth_m), "true depth"))
    for network in comparison.networks:
        checkpoint = comparison.run(network, comparison.seeds[0]) / LAST
        with exported(checkpoint) as path, Predictor.open(path, "onnxruntime") as predictor:
            for row, sample in zip(columns, samples, strict=True):
                prediction = predictor.predict(sample.frame)
                row.append(caption(colorize_depth(prediction.depth_m), network))
                if prediction.labels is not None:
                    row.append(caption(colorize_labels(prediction.labels), network))
    rows = [np.concatenate([fit_width(p, PANEL_WIDTH) for p in row], axis=1) for row in columns]
    done, data = cv2.imencode(".png", np.concatenate(rows)[..., ::-1])
    assert done
    return data.tobytes()


def _write_png(path: Path, data: bytes) -> None:
    with atomic_output(path) as temporary:
        temporary.write_bytes(data)
