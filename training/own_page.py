"""The page that ends ``make_your_own``: before, after, truth, the scores, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from depth_seg_ros.evaluation.report.keys import DEPTH_SCALE, swatches
from depth_seg_ros.evaluation.report.page import Page, Panel, Section, Strip, Table, Tile, render
from depth_seg_ros.evaluation.report.pictures import WIDTH, jpeg, names_in
from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.metrics.depth import DEPTH_METRICS
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.readers.base import Reader, Sample
from depth_seg_ros.system.atomic import write_text
from depth_seg_ros.types import Prediction, UInt8Array
from depth_seg_ros.visualize import colorize_depth, colorize_labels, fit_width

FRAMES = 3
"""Frames shown, spread over the unseen worlds."""

Scores = Mapping[str, Mapping[str, float]]


def write_page(
    path: Path, camera: str, models: Mapping[str, Path], scores: Scores, reader: Reader
) -> None:
    """models and scores: ``before`` and ``after``. reader: the worlds that neither has seen."""
    samples = [reader[i] for i in np.linspace(0, len(reader) - 1, FRAMES).astype(int).tolist()]
    said: dict[str, list[Prediction]] = {}
    for when, model in models.items():
        with Predictor.open(model, "onnxruntime") as predictor:
            said[when] = [predictor.predict(sample.frame) for sample in samples]
    strips, shown = [], set[str]()
    for number, sample in enumerate(samples):
        answers = {when: predictions[number] for when, predictions in said.items()}
        strips.append(_strip(sample, answers))
        if sample.truth.labels is not None:
            shown |= names_in(sample.truth.labels, CITYSCAPES)
    sections = [
        Section("Scores on worlds neither has seen", table=_table(scores)),
        Section("Before, after, truth", scales=[DEPTH_SCALE], swatches=swatches(shown),
                strips=strips),
        Section("Next", words="On your own pictures, then on the robot.",
                commands="\n".join(next_commands(models["after"]))),
    ]  # fmt: skip
    facts = [("Camera", camera), ("Before", models["before"].name), ("After", str(models["after"]))]
    page = Page(f"Your own network: {camera}", facts, tiles=_tiles(scores), sections=sections)
    write_text(path, render(page))


def next_commands(model: Path) -> list[str]:
    """What to do with the finished file."""
    return [
        f"depth-seg predict PHOTOS --model {model} --camera my_camera_info.yaml --out out",
        f"depth-seg evaluate_bag DRIVE --model {model} --out report",
        f"ros2 launch depth_seg_ros dsnet.launch.py model:={model.resolve()} "
        "image:=/camera/image_raw",
    ]


def heading(key: str) -> str:
    """How a score is called in a table."""
    return DEPTH_METRICS[key].heading if key in DEPTH_METRICS else "mIoU"


def _table(scores: Scores) -> Table:
    keys = list(scores["before"])
    rows = [["", *map(heading, keys)]]
    rows += [[when, *(f"{row[k]:.3f}" for k in keys if k in row)] for when, row in scores.items()]
    return Table(rows, marked="after")


def _tiles(scores: Scores) -> Sequence[Tile]:
    before, after = scores["before"], scores["after"]
    return [
        Tile(heading(k), f"{after[k]:.3f}", f"before: {before[k]:.3f}")
        for k in before
        if k in after
    ]


def _strip(sample: Sample, answers: Mapping[str, Prediction]) -> Strip:
    panels = [("image", sample.frame.image)]
    panels += [(f"depth {when}", colorize_depth(p.depth_m)) for when, p in answers.items()]
    if sample.truth.depth_m is not None:
        panels.append(("true depth", colorize_depth(sample.truth.depth_m)))
    panels += [
        (f"labels {when}", colorize_labels(p.labels))
        for when, p in answers.items()
        if p.labels is not None
    ]
    if sample.truth.labels is not None:
        panels.append(("true labels", colorize_labels(sample.truth.labels)))
    return Strip(sample.key, [Panel(title, _small(picture)) for title, picture in panels])


def _small(picture: UInt8Array) -> bytes:
    return jpeg(fit_width(picture, WIDTH))
