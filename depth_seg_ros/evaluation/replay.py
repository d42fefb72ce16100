"""Replay a recorded drive through the Predictor: an output bag, a video and a report.

Three things run at once: a thread reads and decodes, this one predicts, another writes, draws and
scores; so a replay takes little longer than the network. Every image is predicted, with or without
ground truth, and its header is copied to what comes out.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
from tqdm import tqdm

from depth_seg_ros.bags.writer import BagWriter
from depth_seg_ros.evaluation.evaluate import Evaluation, Options
from depth_seg_ros.evaluation.pipeline import Prefetch, Sink, samples
from depth_seg_ros.evaluation.report.html import write_report
from depth_seg_ros.evaluation.report.report import Report
from depth_seg_ros.evaluation.score.protocols import get_protocol
from depth_seg_ros.evaluation.truth.bag import BagOptions, BagReader
from depth_seg_ros.evaluation.video import VideoWriter, require_encoder
from depth_seg_ros.messages import topics
from depth_seg_ros.messages.labels import label_info_payload
from depth_seg_ros.messages.outputs import OutputBuilder
from depth_seg_ros.messages.payloads import Header, Payload
from depth_seg_ros.messages.rig import RigOptions
from depth_seg_ros.predictor import Predictor, StageTimes
from depth_seg_ros.readers.base import Sample
from depth_seg_ros.types import Frame, Prediction, UInt8Array
from depth_seg_ros.visualize import side_by_side

NAMESPACE = "/perception"
"""Of the topics in the output bag; below it they are named as the node names them."""

PANEL_WIDTH = 640
"""Pixels of each of the video's four pictures."""

BAG_NAME, VIDEO_NAME = "perception", "side_by_side.mp4"

_WANTED = (topics.DEPTH_INFO, topics.DEPTH, topics.LABELS, topics.CONFIDENCE)


@dataclass(frozen=True)
class Replay:
    """What a replay made.

    report: None where the bag has no ground truth. wall_s: from the first image to the last byte,
    without the report. network_s: the sum of the network's own time in it.
    """

    bag: Path
    video: Path | None
    report: Report | None
    report_files: tuple[Path, ...]
    frames: int
    wall_s: float
    network_s: float

    @property
    def overhead(self) -> float:
        """Wall time over network time: 1 would be free reading, writing and drawing."""
        return self.wall_s / self.network_s if self.network_s else float("nan")


def replay(
    bag: str | Path,
    predictor: Predictor,
    out: str | Path,
    *,
    options: Options | None = None,
    video: bool = True,
    score: bool = True,
    rig: RigOptions | None = None,
) -> Replay:
    """Predict every image of ``bag``; write ``perception/``, ``side_by_side.mp4``, ``report.*``.

    video, score: without either, the bag alone is written. What an earlier replay left under these
    names is replaced, at the end of a run that went well. rig: how the camera hangs, or which frame
    of the bag's tf says so.
    """
    out = Path(out)
    options = options or Options(title=f"Replay: {predictor.spec.name}")
    if video:
        require_encoder()
    reading = BagOptions(need_truth=False, use_truth=score, rig=rig or RigOptions())
    with BagReader(bag, reading) as reader:
        options = replace(options, drive=options.drive or reader.drive)
        run = Evaluation(reader, predictor, get_protocol("dense"), options)
        started = perf_counter()
        frames = _run(run, reader, predictor, out, video)
        wall_s = perf_counter() - started
        report = run.report() if reader.has_truth else None
    files = write_report(report, out) if report else []
    network_s = sum(t.inference_ms for t in run.times) / 1e3
    film = out / VIDEO_NAME if video else None
    return Replay(out / BAG_NAME, film, report, tuple(files), frames, wall_s, network_s)


def _run(run: Evaluation, reader: BagReader, predictor: Predictor, out: Path, video: bool) -> int:
    """Predict everything; the number of frames written."""
    bar = tqdm(total=len(reader), desc="replay", unit="frame", disable=not run.options.progress)
    with (
        BagWriter(out / BAG_NAME, overwrite=True) as writer,
        VideoWriter(out / VIDEO_NAME) if video else nullcontext() as film,
        Sink() as sink,
        bar,
        Prefetch(samples(reader)) as items,
    ):
        outputs = _Outputs(run, reader, predictor, writer, film)
        for predicted in run.predicted(items):
            if predicted is not None:
                # The predictor belongs to this thread: ask it here.
                scale = predictor.geometry(predicted[0].frame).depth_scale
                sink.put(partial(outputs.write, *predicted, scale * predictor.spec.max_depth_m))
            bar.update()
    return outputs.frames


class _Outputs:
    """What happens to a prediction, in the sink's thread: bag, video, score."""

    def __init__(
        self,
        run: Evaluation,
        reader: BagReader,
        predictor: Predictor,
        writer: BagWriter,
        film: VideoWriter | None,
    ) -> None:
        self.frames = 0
        self._run, self._reader, self._writer, self._film = run, reader, writer, film
        self._spec = predictor.spec
        self._builder = OutputBuilder(predictor.spec.classes)

    def write(
        self, sample: Sample, prediction: Prediction, times: StageTimes, taught_m: float
    ) -> None:
        frame = sample.frame
        if self.frames == 0 and self._spec.classes is not None:
            header = Header(frame.stamp_ns, frame.frame_id)
            self._put(topics.LABEL_INFO, label_info_payload(header, self._spec.classes, 0.0))
        camera = self._reader.camera_info(sample.key)
        payloads = self._builder.build(frame, prediction, taught_m, _WANTED, camera)
        for topic, payload in payloads.items():
            self._put(topic, payload)
        if self._film is not None:
            small = _shrunk(frame, prediction)
            self._film.write(side_by_side(*small, self._spec.classes, PANEL_WIDTH), frame.stamp_ns)
        self._run.add(sample, prediction, times)
        self.frames += 1

    def _put(self, topic: topics.Topic, payload: Payload) -> None:
        self._writer.write(f"{NAMESPACE}/{topic.name}", payload)


def _shrunk(frame: Frame, prediction: Prediction) -> tuple[Frame, Prediction]:
    """Both at the video's size: colouring a quarter of the pixels takes a quarter of the time."""
    height, width = frame.image.shape[:2]
    if width <= PANEL_WIDTH:
        return frame, prediction
    size = PANEL_WIDTH, max(2, round(height * PANEL_WIDTH / width / 2) * 2)
    image = np.asarray(cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA), np.uint8)
    nearest = partial(cv2.resize, dsize=size, interpolation=cv2.INTER_NEAREST_EXACT)

    def shrunk(values: UInt8Array | None) -> UInt8Array | None:
        return None if values is None else np.asarray(nearest(values), np.uint8)

    return (
        Frame(frame.stamp_ns, frame.frame_id, image),
        replace(
            prediction,
            depth_m=np.asarray(nearest(prediction.depth_m), np.float32),
            labels=shrunk(prediction.labels),
            confidence=shrunk(prediction.confidence),
            depth_confidence=shrunk(prediction.depth_confidence),
        ),
    )
