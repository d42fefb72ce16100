"""What a running node published, recorded in a bag, in the place of a predictor.

So a live run is scored by the same code as a model: an image that the node did not answer is listed
with that reason, and every image is accounted for once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from depth_seg_ros.bags.bag_file import BagFile, Entry
from depth_seg_ros.engines.reshape import DETAIL
from depth_seg_ros.errors import FrameError, ReaderError
from depth_seg_ros.limits import LIMITS
from depth_seg_ros.messages import topics
from depth_seg_ros.messages.decoding import depth_from_message, labels_from_message
from depth_seg_ros.messages.topics import Topic
from depth_seg_ros.perception.wording import ENGINE, PROCESSING, read_engine, status_name
from depth_seg_ros.predictor import StageTimes
from depth_seg_ros.preprocess import plan_geometry, shape_for
from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.types import Float32Array, Frame, Prediction

T = TypeVar("T")


@dataclass(frozen=True)
class Answers:
    """How the node answered the images it was shown.

    twice: outputs beyond the first of one stamp. foreign: outputs of images that were not asked.
    """

    images: int
    answered: int
    twice: int
    foreign: int

    def __str__(self) -> str:
        return (
            f"{self.answered} of {self.images} images answered, {self.images - self.answered} "
            f"not, {self.twice} answered twice, {self.foreign} answers to other images"
        )


class RecordedPredictor:
    """Predictions from a bag of the node's outputs; use as a context manager."""

    def __init__(self, recording: str | Path, spec: ModelSpec, namespace: str = "") -> None:
        """spec: of the model that ran. namespace: of the node. ReaderError where no depth is."""
        self._bag = BagFile(recording)
        self._prefix = "".join(f"/{part}" for part in namespace.split("/") if part)
        depth = self._name(topics.DEPTH)
        if not self._bag.counts.get(depth):
            raise ReaderError(
                f"{recording} holds no message of {depth}; it has "
                + (", ".join(sorted(self._bag.topics)) or "no topics")
            )
        for topic in (topics.DEPTH, topics.LABELS, topics.CONFIDENCE):
            if self._bag.counts.get(self._name(topic)):
                self._bag.expect(self._name(topic), topic.message)
        self.health = self._last_health()
        self.spec = spec.at_detail(self._detail())
        self.info = read_engine(self.health, self.spec)
        self._stamps = [e.stamp_ns for e in self._bag.index(depth)]
        self._entries = {
            t: {e.stamp_ns: e for e in self._bag.index(self._name(t))}
            for t in (topics.DEPTH, topics.LABELS, topics.CONFIDENCE)
            if self._bag.counts.get(self._name(t))
        }

    def predict_timed(self, frame: Frame) -> tuple[Prediction, StageTimes]:
        """What the node said about this frame; FrameError where it said nothing.

        The times are zero: they are not in the outputs (see :attr:`health`).
        """
        depth_m = self._read(topics.DEPTH, frame, depth_from_message)
        if depth_m is None:
            raise FrameError("the node did not answer it: dropped, refused, or lost on the way")
        prediction = Prediction(
            stamp_ns=frame.stamp_ns,
            frame_id=frame.frame_id,
            depth_m=self._without_infinity(depth_m, frame),
            labels=self._read(topics.LABELS, frame, labels_from_message),
            confidence=self._read(topics.CONFIDENCE, frame, labels_from_message),
            intrinsics=frame.intrinsics,
        )
        return prediction, StageTimes(0.0, 0.0, 0.0)

    def answers(self, images_ns: list[int]) -> Answers:
        """Hold the recorded depth against the stamps of the images played."""
        asked, seen = set(images_ns), set(self._stamps)
        twice = len(self._stamps) - len(seen)
        answered = sum(stamp in seen for stamp in images_ns)
        return Answers(len(images_ns), answered, twice, len(seen - asked))

    def _read(self, topic: Topic, frame: Frame, decode: Callable[[Any], T]) -> T | None:
        entry: Entry | None = self._entries.get(topic, {}).get(frame.stamp_ns)
        return None if entry is None else decode(self._bag.read(self._name(topic), entry))

    def _without_infinity(self, depth_m: Float32Array, frame: Frame) -> Float32Array:
        """+Inf ("too far") at the farthest depth the network was taught, through this camera.

        At the input's shape that ``engine.input_shape: camera`` takes on a CPU: which one the node
        took is not in the recording."""
        height, width = depth_m.shape
        spec = self.spec.at_shape(*shape_for(self.spec, width, height, frame.intrinsics))
        scale = plan_geometry(spec, width, height, frame.intrinsics).depth_scale
        return np.where(np.isposinf(depth_m), np.float32(scale * self.spec.max_depth_m), depth_m)

    def _detail(self) -> float:
        """What the node says of it in its diagnostics; 1 where it says nothing."""
        try:
            return LIMITS["detail"].parse(self.health.get(DETAIL, "1"))
        except ValueError as e:
            raise ReaderError(f"the node's diagnostics name a detail that cannot be: {e}") from None

    def _name(self, topic: Topic) -> str:
        return f"{self._prefix}/{topic.name}"

    def _last_health(self) -> dict[str, str]:
        """Key -> value of the node's last diagnostics; empty where none were recorded."""
        values: dict[str, str] = {}
        if not self._bag.counts.get(topics.DIAGNOSTICS.name):
            return values
        self._bag.expect(topics.DIAGNOSTICS.name, topics.DIAGNOSTICS.message)
        node = f"{self._prefix}/perception"
        told = {status_name(node, s) for s in (PROCESSING, ENGINE)}
        for message in self._bag.messages(topics.DIAGNOSTICS.name):
            for status in message.status:
                if status.name in told:
                    values.update({v.key: v.value for v in status.values})
        return values

    def __enter__(self) -> RecordedPredictor:
        return self

    def __exit__(self, *_: object) -> None:
        self._bag.close()
