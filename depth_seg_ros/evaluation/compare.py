"""Two models over the same recordings: differences of their scores, with bootstrap intervals.

Frames of one recording resemble each other, so that a hundred of them are not a hundred
observations: where there are enough recordings, whole recordings are drawn (cluster bootstrap),
else frames, and the result says which.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import EvaluationError
from depth_seg_ros.evaluation.recordings import Scored
from depth_seg_ros.evaluation.report.page import Page, Section, Table, render
from depth_seg_ros.metrics.depth import DEPTH_METRICS
from depth_seg_ros.system.atomic import write_texts

ENOUGH_RECORDINGS = 5
DRAWS = 2000
ACCURACY = "pixel_accuracy"


@dataclass(frozen=True)
class Difference:
    """Means over the frames that both models were scored on, and B - A with its 95 % interval."""

    metric: str
    a: float
    b: float
    difference: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out no difference."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Comparison:
    """names: of the models; drawn: what the bootstrap draws, ``recordings`` or ``frames``."""

    names: tuple[str, str]
    recordings: int
    frames: int
    drawn: str
    differences: Sequence[Difference]
    protocol: str


def compare(
    names: tuple[str, str],
    a: Mapping[str, Scored],
    b: Mapping[str, Scored],
    metrics: Sequence[str],
    protocol: str,
    seed: int = 0,
) -> Comparison:
    """Pair frames by recording and key. EvaluationError where no frame was scored by both."""
    values: dict[str, list[tuple[float, float]]] = {}
    groups: dict[str, list[int]] = {}
    shared = [name for name in a if name in b]
    frames = 0
    for number, name in enumerate(shared):
        theirs = {f.key: f for f in b[name].frames}
        for mine in a[name].frames:
            other = theirs.get(mine.key)
            if other is None:
                continue
            frames += 1
            pairs = {k: (mine.depth[k], other.depth[k]) for k in metrics if k in mine.depth}
            pairs[ACCURACY] = (mine.accuracy, other.accuracy)
            for metric, pair in pairs.items():
                if all(map(math.isfinite, pair)):
                    values.setdefault(metric, []).append(pair)
                    groups.setdefault(metric, []).append(number)
    if not values:
        raise EvaluationError("no frame was scored with both models")
    by_recording = len(shared) >= ENOUGH_RECORDINGS
    differences = [
        _difference(metric, np.array(pairs), np.array(groups[metric]), by_recording, seed)
        for metric, pairs in values.items()
    ]
    drawn = "recordings" if by_recording else "frames"
    return Comparison(names, len(shared), frames, drawn, differences, protocol)


def _difference(
    metric: str,
    pairs: npt.NDArray[np.float64],
    groups: npt.NDArray[np.int64],
    by_recording: bool,
    seed: int,
) -> Difference:
    """pairs [N, 2] of A and B; groups [N]: the recording of each."""
    change = pairs[:, 1] - pairs[:, 0]
    if by_recording:
        present = np.unique(groups)
        sums = np.array([change[groups == g].sum() for g in present])
        counts = np.array([(groups == g).sum() for g in present])
    else:
        sums, counts = change, np.ones(len(change))
    rng = np.random.default_rng(seed)
    drawn = np.array(
        [sums[c].sum() / counts[c].sum()
         for c in (rng.integers(len(sums), size=len(sums)) for _ in range(DRAWS))]
    )  # fmt: skip
    low, high = np.percentile(drawn, (2.5, 97.5))
    means = pairs.mean(axis=0)
    return Difference(
        metric, float(means[0]), float(means[1]), float(change.mean()), float(low), float(high)
    )


def table(comparison: Comparison) -> list[list[str]]:
    """With a head row."""
    a, b = comparison.names
    rows = [["metric", a, b, "difference", "95 % interval", "clear"]]
    for d in comparison.differences:
        title = DEPTH_METRICS[d.metric].heading if d.metric in DEPTH_METRICS else "pixel accuracy"
        interval = f"{d.low:+.4f} to {d.high:+.4f}"
        rows.append(
            [title, f"{d.a:.4f}", f"{d.b:.4f}", f"{d.difference:+.4f}", interval,
             "yes" if d.clear else "no"]
        )  # fmt: skip
    return rows


def facts(comparison: Comparison) -> list[tuple[str, str]]:
    """How it was done: (name, value)."""
    interval = f"bootstrap of {DRAWS} draws of whole {comparison.drawn}"
    if comparison.drawn == "frames":
        interval += (
            f" (fewer than {ENOUGH_RECORDINGS} recordings: neighbouring frames resemble each "
            "other, so the interval is too narrow)"
        )
    return [
        ("Frames", f"{comparison.frames} of {comparison.recordings} recordings, scored with both"),
        ("Protocol", comparison.protocol),
        ("Interval", interval),
    ]


def write_comparison(comparison: Comparison, out: Path) -> list[Path]:
    """compare.json, compare.md, compare.html."""
    rows, said = table(comparison), facts(comparison)
    title = " against ".join(comparison.names)
    lines = [f"| {' | '.join(cells)} |" for cells in rows]
    lines.insert(1, "|---|" + "---:|" * (len(rows[0]) - 1))
    markdown = [f"# {title}", "", *(f"- {name}: {value}" for name, value in said), "", *lines, ""]
    page = Page(title, said, sections=[Section("Scores", table=Table(rows))])
    out.mkdir(parents=True, exist_ok=True)
    texts = {
        out / "compare.json": json.dumps(asdict(comparison), indent=1) + "\n",
        out / "compare.md": "\n".join(markdown),
        out / "compare.html": render(page),
    }
    write_texts(texts)
    return list(texts)
