"""A transport without a wire: what is offered comes back in lists."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import numpy as np
import pytest

from depth_seg_ros.messages import topics
from depth_seg_ros.messages.outputs import KeptMemory
from depth_seg_ros.messages.payloads import split_stamp


class FakeTransport:
    """Remembers what was published, and in which thread."""

    image_topic, image_type = "/image", topics.IMAGE.message
    camera_topic = "/camera_info"

    def __init__(self, wanted=topics.FRAME_TOPICS) -> None:
        self.watched = frozenset(wanted)
        self.room = KeptMemory()
        self.published: list[tuple[str, str, int]] = []
        self.latched: list[object] = []
        self.publishers = 1
        self.found: list[str] = []

    def offered(self):
        return {"/image": [self.image_type], "/other/image_raw": [self.image_type]}

    def image_publishers(self) -> int:
        return self.publishers

    def problems(self):
        return self.found

    def cure(self) -> str:
        return "more buffer"

    def decode(self, item):
        return item

    def wanted(self):
        return self.watched

    def publish(self, topic, payload) -> None:
        if topic == topics.LABEL_INFO:
            self.latched.append(payload)
        thread = threading.current_thread().name
        self.published.append((topic.name, thread, payload.header.stamp_ns))

    def now_ns(self) -> int:
        return 99


class FakeLog:
    """Remembers the lines of each level."""

    def __init__(self) -> None:
        self.infos: list[str] = []
        self.warnings: list[str] = []
        self.errors: list[str] = []

    def info(self, message: str) -> None:
        self.infos.append(message)

    def warning(self, message: str) -> None:
        self.warnings.append(message)

    def error(self, message: str) -> None:
        self.errors.append(message)


def image_message(stamp_ns: int, grey: int = 100, **changes):
    """A 32x20 rgb8 image message."""
    sec, nanosec = split_stamp(stamp_ns)
    header = SimpleNamespace(stamp=SimpleNamespace(sec=sec, nanosec=nanosec), frame_id="cam")
    fields = {
        "header": header, "height": 20, "width": 32, "encoding": "rgb8", "step": 96,
        "data": np.full(1920, grey, np.uint8),
    }  # fmt: skip
    return SimpleNamespace(**(fields | changes))


@pytest.fixture
def transport():
    return FakeTransport()


@pytest.fixture
def log():
    return FakeLog()


@pytest.fixture
def image():
    """image(stamp_ns, grey, **changes): an image message."""
    return image_message
