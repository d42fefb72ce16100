"""Scores of many recordings, and their total: exactly that of one recording with all frames.

A :class:`Scored` recording is plain numbers, so that it travels between machines and is found again
on disk by a run that goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from depth_seg_ros.evaluation.evaluate import (
    Evaluation,
    depth_rows,
    label_rows,
    model_facts,
    stage_times,
)
from depth_seg_ros.evaluation.report.report import Report
from depth_seg_ros.evaluation.score.protocols import EvalProtocol
from depth_seg_ros.evaluation.score.scorer import MODEL, WITHOUT_CLONES, FrameScore, Scorer, Tally
from depth_seg_ros.evaluation.score.steadiness import SteadinessProfile
from depth_seg_ros.metrics.latency import LatencyHistogram
from depth_seg_ros.readers.base import Unpaired
from depth_seg_ros.spec import ModelSpec

LATENCY_NOTE = "Latency: added up in bins 1 % wide, so percentiles are good to 1 %."


@dataclass(frozen=True)
class Scored:
    """What one recording gave.

    data: it, in words. total: its images; each is in ``frames`` or in ``unpaired``. tally: what can
    be added up, steadiness too. notes: all but the one about its own constant. engine, machine:
    what ran the network, where.
    """

    data: str
    total: int
    frames: tuple[FrameScore, ...]
    unpaired: tuple[Unpaired, ...]
    notes: tuple[str, ...]
    tally: Tally
    steadiness: SteadinessProfile
    latency: Mapping[str, LatencyHistogram]
    engine: Mapping[str, Any]
    machine: str

    def to_json(self) -> dict[str, Any]:
        return {
            "data": self.data,
            "total": self.total,
            "frames": [asdict(f) for f in self.frames],
            "unpaired": [[u.key, u.reason] for u in self.unpaired],
            "notes": list(self.notes),
            "tally": self.tally.to_json(),
            "steadiness": self.steadiness.to_json(),
            "latency": {name: one.to_json() for name, one in self.latency.items()},
            "engine": dict(self.engine),
            "machine": self.machine,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Scored:
        return cls(
            data=data["data"],
            total=int(data["total"]),
            frames=tuple(FrameScore(**f) for f in data["frames"]),
            unpaired=tuple(Unpaired(*u) for u in data["unpaired"]),
            notes=tuple(data["notes"]),
            tally=Tally.from_json(data["tally"]),
            steadiness=SteadinessProfile.from_json(data["steadiness"]),
            latency={n: LatencyHistogram.from_json(one) for n, one in data["latency"].items()},
            engine=data["engine"],
            machine=data["machine"],
        )


def scored(run: Evaluation, report: Report) -> Scored:
    """The numbers of a finished run and its report."""
    latency = {}
    for stage, times_ms in stage_times(run.times).items():
        latency[stage] = LatencyHistogram()
        for time_ms in times_ms:
            latency[stage].add(time_ms)
    return Scored(
        data=report.data, total=report.total, frames=tuple(report.frames),
        unpaired=tuple(report.unpaired), tally=run.scorer.tally(), steadiness=run.steadiness,
        notes=tuple(n for n in report.notes if n != run.constant_note),
        latency=latency, engine=report.engine, machine=report.machine,
    )  # fmt: skip


def total_report(
    recordings: Mapping[str, Scored],
    failed: Mapping[str, str],
    spec: ModelSpec,
    protocol: EvalProtocol,
    model_sha256: str,
    title: str,
) -> Report:
    """One report over all recordings (by name), with those that failed and why."""
    scorer, steadiness = Scorer(protocol, spec.classes, {}), SteadinessProfile()
    latency: dict[str, LatencyHistogram] = {}
    frames, unpaired = [], []
    for name, one in recordings.items():
        scorer.merge(one.tally)
        steadiness.merge(one.steadiness)
        for stage, histogram in one.latency.items():
            latency.setdefault(stage, LatencyHistogram()).merge(histogram)
        frames += [FrameScore(**{**vars(f), "key": f"{name}/{f.key}"}) for f in one.frames]
        unpaired += [Unpaired(f"{name}/{u.key}", u.reason) for u in one.unpaired]
    machines = sorted({one.machine for one in recordings.values()})
    engines = [one.engine for one in recordings.values()]
    return Report(
        title=title,
        data=_in_words(recordings, failed),
        protocol_name=protocol.name,
        protocol=protocol.describe(),
        headline=protocol.headline,
        model=model_facts(spec, model_sha256),
        engine=engines[0] if engines else {},
        machine=", ".join(machines),
        total=sum(one.total for one in recordings.values()),
        frames=frames,
        unpaired=unpaired,
        rows=_shared_rows(depth_rows(scorer), recordings),
        label_rows=label_rows(scorer),
        class_iou=scorer.class_ious(),
        distance=scorer.distance(),
        doubt=scorer.doubt(),
        steadiness=steadiness.result(),
        latency={stage: one.statistics() for stage, one in latency.items()},
        notes=_notes(recordings, failed),
        in_time=False,
        recordings={name: _headline(one, protocol, spec) for name, one in recordings.items()},
    )


def _in_words(recordings: Mapping[str, Scored], failed: Mapping[str, str]) -> str:
    count = len(recordings) + len(failed)
    lost = f", {len(failed)} of them not scored" if failed else ""
    return f"{count} recording{'s' * (count != 1)}{lost}"


def _shared_rows(
    rows: dict[str, dict[str, float]], recordings: Mapping[str, Scored]
) -> dict[str, dict[str, float]]:
    """Without baselines that only some recordings have (a constant found in their own truth)."""
    sizes = {
        name: sum(
            len(one.tally.rows[name]) for one in recordings.values() if name in one.tally.rows
        )
        for name in rows
    }
    everywhere = sizes.get(MODEL, 0)
    return {n: r for n, r in rows.items() if n in (MODEL, WITHOUT_CLONES) or sizes[n] == everywhere}


def _headline(one: Scored, protocol: EvalProtocol, spec: ModelSpec) -> dict[str, float]:
    """The scores of one recording that the table of all shows."""
    scorer = Scorer(protocol, spec.classes, {})
    scorer.merge(one.tally)
    depth = depth_rows(scorer).get(MODEL, {})
    return {
        "frames": float(len(one.frames)),
        **{k: depth[k] for k in protocol.headline if k in depth},
        **{k: v for k, v in scorer.label_scores().items() if k == "miou"},
    }


def _notes(recordings: Mapping[str, Scored], failed: Mapping[str, str]) -> Sequence[str]:
    notes = [f"Not scored at all: {name}: {reason}" for name, reason in failed.items()]
    for name, one in recordings.items():
        notes += [f"{name}: {note}" for note in one.notes]
    return [*notes, LATENCY_NOTE]
