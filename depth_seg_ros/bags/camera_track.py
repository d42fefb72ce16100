"""Which camera_info belongs to each image of a recording: calibrations change while it runs.

The one with the image's own stamp counts; else the latest one recorded before the image, as a
running node would have had it; else the first of all.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from depth_seg_ros.bags.bag_file import BagFile, Entry
from depth_seg_ros.errors import ReaderError
from depth_seg_ros.messages.cameras import CameraInfoMessage


class CameraTrack:
    """The camera_info messages of one topic; equal ones are kept once."""

    def __init__(self, bag: BagFile, topic: str) -> None:
        self._infos: list[CameraInfoMessage] = []
        self._of_stamp: dict[int, int] = {}
        self._log_ns: list[int] = []
        self._at: list[int] = []
        self.damaged = 0
        """Messages that could not be read."""
        known: dict[bytes, int] = {}
        for entry in bag.index(topic):
            try:
                info = bag.read(topic, entry)
            except ReaderError:
                self.damaged += 1
                continue
            number = known.setdefault(_without_header(info), len(self._infos))
            if number == len(self._infos):
                self._infos.append(info)
            self._of_stamp.setdefault(entry.stamp_ns, number)
            self._log_ns.append(entry.log_ns)
            self._at.append(number)

    @property
    def first(self) -> CameraInfoMessage | None:
        return self._infos[0] if self._infos else None

    @property
    def changes(self) -> int:
        """How often another calibration follows."""
        return sum(a != b for a, b in zip(self._at, self._at[1:], strict=False))

    def of(self, image: Entry) -> CameraInfoMessage | None:
        """The calibration of an image; None where the topic has none at all."""
        if not self._infos:
            return None
        number = self._of_stamp.get(image.stamp_ns)
        if number is None:
            number = self._at[max(0, bisect_right(self._log_ns, image.log_ns) - 1)]
        return self._infos[number]


def _without_header(info: Any) -> bytes:
    """What two messages must share to be the same calibration."""
    roi = info.roi
    window = (roi.x_offset, roi.y_offset, roi.width, roi.height, info.binning_x, info.binning_y)
    numbers = (info.width, info.height, info.distortion_model, *window)
    return repr(numbers).encode("utf-8", "backslashreplace") + b"".join(
        bytes(v) for v in (info.d, info.k, info.r, info.p)
    )
