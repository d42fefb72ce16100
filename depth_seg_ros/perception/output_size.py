"""How large outputs are: the camera's size, the network's, a width, or what is sensible."""

from __future__ import annotations

import math

import cv2
import numpy as np

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.preprocess import Geometry
from depth_seg_ros.types import Frame

AUTO, CAMERA, NETWORK = "auto", "camera", "network"

LARGEST = 2 << 20
"""Pixels (2 megapixels; 1920 x 1080 fits) beyond which ``auto`` divides the camera's size by a
whole number: a small network has nothing to say about every pixel of a 4K image."""


def check_output_size(choice: str) -> str:
    """Why this is no choice; empty if it is one."""
    if choice in (AUTO, CAMERA, NETWORK) or (choice.isdigit() and int(choice) > 0):
        return ""
    return f"output.size is {choice!r}; known: {AUTO}, {CAMERA}, {NETWORK}, or a width in pixels"


def output_size(choice: str, geometry: Geometry) -> tuple[int, int]:
    """(width, height) of the outputs for one camera; never larger than the camera's."""
    if problem := check_output_size(choice):
        raise ConfigError(problem)
    width, height = geometry.camera_size
    if choice == CAMERA:
        return width, height
    if choice == AUTO:
        divisor = math.ceil(math.sqrt(width * height / LARGEST))
        return max(1, width // divisor), max(1, height // divisor)
    if choice == NETWORK:
        seen, place = geometry.camera_rect, geometry.network_rect
        ratio = place.width / seen.width, place.height / seen.height
    else:
        ratio = (int(choice) / width,) * 2
    wide, high = (min(1.0, r) for r in ratio)
    return max(1, round(width * wide)), max(1, round(height * high))


def shown_at(frame: Frame, size: tuple[int, int]) -> Frame:
    """The same picture at another size, with the intrinsics that belong to it."""
    if (frame.image.shape[1], frame.image.shape[0]) == size:
        return frame
    image = np.asarray(cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA), np.uint8)
    camera = None if frame.intrinsics is None else frame.intrinsics.resized(*size)
    return Frame(frame.stamp_ns, frame.frame_id, image, camera, frame.rig)
