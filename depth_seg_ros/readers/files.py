"""Decoding of the file kinds that data sets use; every failure names the file and says what it is.

Knows files, not data set layouts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import ReaderError
from depth_seg_ros.types import Float32Array, UInt8Array

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")
KITTI_COUNTS_PER_METRE = 256.0
VKITTI_COUNTS_PER_METRE = 100.0
VKITTI_FAR = 65535
"""Virtual KITTI stores sky and everything beyond 655.35 m as the largest count."""


def read_rgb(path: Path) -> UInt8Array:
    """uint8 [H, W, 3] RGB of any 8-bit image file."""
    image = _decode(path, cv2.IMREAD_COLOR)
    return np.ascontiguousarray(image[:, :, ::-1]).astype(np.uint8, copy=False)


def read_gray(path: Path) -> UInt8Array:
    """uint8 [H, W] of a single-channel 8-bit file, e.g. a label image."""
    image = _decode(path, cv2.IMREAD_UNCHANGED)
    if image.dtype != np.uint8 or image.ndim != 2:
        raise ReaderError(
            f"{path} should be an 8-bit single-channel image, found {image.dtype} "
            f"{list(image.shape)}; labels are stored as class ids, not as colours"
        )
    return image


def read_uint16(path: Path) -> npt.NDArray[np.uint16]:
    """uint16 [H, W] of a 16-bit depth file.

    An 8-bit file is an error, never scaled: its depth is lost (an image editor did that).
    """
    image = _decode(path, cv2.IMREAD_UNCHANGED)
    if image.dtype != np.uint16 or image.ndim != 2:
        raise ReaderError(
            f"{path} should be a 16-bit single-channel depth PNG, found {image.dtype} "
            f"{list(image.shape)}; fetch the original file, an 8-bit copy has lost the depth"
        )
    return image


def read_kitti_depth(path: Path) -> Float32Array:
    """float32 [H, W] metres of a KITTI depth PNG (count / 256, 0 = no measurement -> NaN).

    A 16-bit file with counts up to 255 only is an 8-bit one in disguise (nothing in KITTI is
    nearer than a metre) and an error.
    """
    counts = read_uint16(path)
    if 0 < counts.max() <= 255:
        raise ReaderError(
            f"{path} holds counts up to {counts.max()} only: 8-bit depth stored in a 16-bit file; "
            "fetch the original file"
        )
    depth_m = counts.astype(np.float32) / np.float32(KITTI_COUNTS_PER_METRE)
    depth_m[counts == 0] = np.nan
    return depth_m


def read_vkitti_depth(path: Path) -> Float32Array:
    """float32 [H, W] metres of a Virtual KITTI depth PNG (centimetres; 65535 -> +Inf)."""
    counts = read_uint16(path)
    depth_m = counts.astype(np.float32) / np.float32(VKITTI_COUNTS_PER_METRE)
    depth_m[counts == VKITTI_FAR] = np.inf
    return depth_m


def read_text(path: Path) -> str:
    """Contents of a small text file."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ReaderError(f"{path} is missing; is the data set complete?") from None
    except (OSError, UnicodeDecodeError) as e:
        raise ReaderError(f"{path} cannot be read as text ({e})") from e


def read_table(path: Path) -> npt.NDArray[np.float64]:
    """float64 [rows, columns] of a table of numbers below one header line."""
    rows = [line.split() for line in read_text(path).splitlines()[1:] if line.strip()]
    try:
        table = np.array(rows, np.float64)
    except ValueError as e:
        raise ReaderError(f"{path} is not a table of numbers below a header ({e})") from e
    if table.ndim != 2:
        raise ReaderError(f"{path} has no rows below its header")
    return table


def list_images(folder: Path) -> list[Path]:
    """Image files directly in ``folder``, sorted by name; [] where there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES)


def _decode(path: Path, flags: int) -> npt.NDArray[Any]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ReaderError(f"{path} is missing; is the data set complete?") from None
    except OSError as e:
        raise ReaderError(f"{path} cannot be read ({e})") from e
    # imdecode of a truncated PNG warns and returns a half-filled image: check the ending ourselves.
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[-8:-4] != b"IEND":
        raise ReaderError(f"{path} is truncated ({len(data)} bytes, no end mark); fetch it again")
    if data[:2] == b"\xff\xd8" and b"\xff\xd9" not in data[-64:]:
        raise ReaderError(f"{path} is truncated ({len(data)} bytes, no end mark); fetch it again")
    image: npt.NDArray[Any] | None = None
    if data:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if image is None:
        raise ReaderError(f"{path} is not a readable image ({len(data)} bytes); fetch it again")
    return image
