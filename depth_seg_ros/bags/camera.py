"""The camera of a bag as payloads, ready to be published again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from depth_seg_ros.bags.bag_file import BagFile
from depth_seg_ros.bags.topics import find_topics
from depth_seg_ros.errors import ReaderError
from depth_seg_ros.messages.cameras import copied_info
from depth_seg_ros.messages.compressed import rgb_from_compressed
from depth_seg_ros.messages.images import rgb_from_image
from depth_seg_ros.messages.payloads import (
    CameraInfoPayload,
    Header,
    ImagePayload,
    image_payload,
    join_stamp,
)
from depth_seg_ros.messages.type_names import COMPRESSED_IMAGE
from depth_seg_ros.types import UInt8Array


@dataclass(frozen=True)
class RecordedCamera:
    """images: rgb8, as far as they were asked for. info: None where the bag has none.
    rate_hz: mean of the whole recording."""

    images: tuple[ImagePayload, ...]
    info: CameraInfoPayload | None
    rate_hz: float


def read_camera(bag: Path, topic: str | None, limit: int) -> RecordedCamera:
    """The first ``limit`` images of a topic (None: the only camera); ReaderError below two."""
    with BagFile(bag) as file:
        found = find_topics(file, image=topic)
        stamps = sorted(e.stamp_ns for e in file.index(found.image))
        if len(stamps) < 2 or stamps[-1] <= stamps[0]:
            raise ReaderError(
                f"{bag}: {found.image} holds {len(stamps)} image(s); a replay needs two"
            )
        compressed = file.topics[found.image] == COMPRESSED_IMAGE
        decode: Callable[[Any], UInt8Array] = rgb_from_compressed if compressed else rgb_from_image
        messages = islice(file.messages(found.image), limit)
        images = tuple(image_payload(_header(m), decode(m), "rgb8") for m in messages)
        info = None
        if found.camera_info is not None:
            message = next(file.messages(found.camera_info), None)
            info = None if message is None else copied_info(message, _header(message))
    return RecordedCamera(images, info, (len(stamps) - 1) * 1e9 / (stamps[-1] - stamps[0]))


def _header(message: Any) -> Header:
    return Header(join_stamp(message.header.stamp), message.header.frame_id)
