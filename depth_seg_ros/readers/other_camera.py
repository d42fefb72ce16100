"""A reader's samples with a camera that the user gives, instead of the one the data set tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from depth_seg_ros.readers.base import Reader, Sample, Unpaired
from depth_seg_ros.types import Frame, Intrinsics


class OtherCamera(Reader):
    """Everything as ``reader`` has it, but the intrinsics of each frame."""

    def __init__(self, reader: Reader, intrinsics: Intrinsics) -> None:
        self._reader, self._intrinsics = reader, intrinsics
        self.name, self.keys, self.in_time = reader.name, reader.keys, reader.in_time

    @property
    def unpaired(self) -> Sequence[Unpaired]:  # type: ignore[override]
        return self._reader.unpaired

    @property
    def notes(self) -> Sequence[str]:  # type: ignore[override]
        return [*self._reader.notes, "the camera is the one given by hand, not the data set's"]

    def load(self, index: int) -> Sample:
        sample = self._reader.load(index)
        return replace(sample, frame=with_camera(sample.frame, self._intrinsics))


def with_camera(frame: Frame, intrinsics: Intrinsics) -> Frame:
    """The frame with these intrinsics, brought to the size of its image; FrameError where that was
    cropped or turned (:meth:`Intrinsics.of_image`)."""
    height, width = frame.image.shape[:2]
    return replace(frame, intrinsics=intrinsics.of_image(width, height))
