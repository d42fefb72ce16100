"""Message memory without copies, and the path of one frame through the node's pipeline."""

from __future__ import annotations

import threading

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")

from depth_seg_ros.messages import topics
from depth_seg_ros.messages.assembler import FrameAssembler
from depth_seg_ros.messages.payloads import Header, image_payload
from depth_seg_ros.nodes import perception_node
from depth_seg_ros.nodes.conversions import DataBuffer, to_message
from depth_seg_ros.nodes.parameters import PerceptionConfig
from depth_seg_ros.nodes.pipeline import Pipeline
from depth_seg_ros.perception.loop import OVERHEAD, Stages
from depth_seg_ros.predictor import Predictor


def test_what_is_written_into_the_room_is_not_copied() -> None:
    buffer = DataBuffer()
    room = buffer.room(6)
    room[:] = range(6)
    message = to_message(image_payload(Header(1, "c"), room.reshape(2, 3), "mono8"), buffer)
    room[0] = 99
    assert message.data.tolist() == [99, 1, 2, 3, 4, 5]


def test_anything_else_is_copied_whatever_its_size() -> None:
    buffer = DataBuffer()
    for size in (6, 6, 12):
        mask = np.arange(size, dtype=np.uint8).reshape(2, -1)
        message = to_message(image_payload(Header(1, "c"), mask, "mono8"), buffer)
        assert message.data.tolist() == list(range(size))
        mask[:] = 0
        assert message.data[1] == 1


class _Publishers:
    """Stands in for PerceptionPublishers; remembers what was published in which thread."""

    def __init__(self) -> None:
        self.published: list[tuple[str, set[str]]] = []

    def wanted(self) -> frozenset[topics.Topic]:
        return frozenset(topics.FRAME_TOPICS)

    def publish(self, wanted, result) -> None:
        assert result.prediction.stamp_ns == 5
        self.published.append((threading.current_thread().name, {t.name for t in wanted}))

    def destroy(self) -> None:
        pass


def test_points_and_overlay_go_out_on_a_thread_of_their_own(tiny_onnx) -> None:
    image = image_payload(Header(5, "c"), np.zeros((20, 32, 3), np.uint8), "rgb8")
    publishers, errors, stages = _Publishers(), [], Stages()
    predictor = Predictor.open(tiny_onnx, "onnxruntime")
    pipeline = Pipeline(predictor, publishers, FrameAssembler(False), errors.append)  # type: ignore[arg-type]
    pipeline.start()
    pipeline.process(to_message(image), stages)  # type: ignore[arg-type]
    pipeline.stop()
    bulky = {t.name for t in topics.BULKY_TOPICS}
    here = threading.current_thread().name
    assert publishers.published[0] == (here, {t.name for t in topics.FRAME_TOPICS} - bulky)
    thread, outputs = publishers.published[1]
    assert outputs == bulky
    assert thread != here
    assert stages.ms[OVERHEAD] < sum(stages.ms.values())
    report = pipeline.bulky.report()
    assert (report.processed, report.dropped, report.failed, errors) == (1, 0, 0, [])
    pipeline.close()


def test_building_an_engine_tells_its_progress_in_the_log(monkeypatch) -> None:
    given = {}

    class Opened(Exception):
        pass

    def opened(*_, **options):
        given.update(options)
        raise Opened

    monkeypatch.setattr(perception_node.Predictor, "open", opened)
    said: list[str] = []
    with pytest.raises(Opened):
        perception_node._open_predictor(PerceptionConfig(), said.append)
    given["progress"]("TensorRT: building 40 %")
    assert said == ["TensorRT: building 40 %"]
