"""Decoding of the file kinds that data sets use; every failure names the file and says what it is.

Knows files, not data set layouts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from depth_seg_ros.encoded import decode, png_color_type
from depth_seg_ros.errors import FrameError, ReaderError
from depth_seg_ros.system.reasons import system_reason
from depth_seg_ros.types import Float32Array, UInt8Array

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")
KITTI_COUNTS_PER_METRE = 256.0
VKITTI_COUNTS_PER_METRE = 100.0
VKITTI_FAR = 65500
"""Counts from here on are sky: Virtual KITTI puts the far plane at 655.35 m, its 1.3.1 clips sky at
655.3 m (65530, by its own readme), and nothing real stands between 655.00 m and there."""


def read_rgb(path: Path) -> UInt8Array:
    """uint8 [H, W, 3] RGB of any 8-bit image file, turned upright as its EXIF says.

    16-bit files are refused, as the node does: how many of their bits carry the picture (10, 12,
    16) is not in the file, and a 12-bit picture would come out black.
    """
    image = _decode(path, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    if image.dtype != np.uint8:
        raise ReaderError(
            f"{path} has {image.dtype} pixels (how many of the bits carry the picture is not in "
            "the file); convert it to 8 bit"
        )
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def read_gray(path: Path) -> UInt8Array:
    """uint8 [H, W] of a single-channel 8-bit file, e.g. a label image.

    A palette PNG whose colours are all grey holds those greys (an optimiser made it one).
    """
    data = read_bytes(path)
    image = _decode(path, cv2.IMREAD_UNCHANGED, data)
    if png_color_type(memoryview(data)) == 3 and image.dtype == np.uint8 and image.ndim == 3:
        blue, green, red = (image[..., c] for c in range(3))
        if not (np.array_equal(blue, green) and np.array_equal(green, red)):
            raise ReaderError(
                f"{path} is a palette PNG: whether its class ids are the palette's indices or its "
                "colours is not in the file; store the ids as 8-bit grey"
            )
        image = np.ascontiguousarray(blue)
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
    """float32 [H, W] metres of a Virtual KITTI depth PNG (centimetres; sky -> +Inf)."""
    counts = read_uint16(path)
    depth_m = counts.astype(np.float32) / np.float32(VKITTI_COUNTS_PER_METRE)
    depth_m[counts >= VKITTI_FAR] = np.inf
    return depth_m


def read_text(path: Path) -> str:
    """Contents of a small text file; a byte-order mark is no damage."""
    try:
        return read_bytes(path).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as e:
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
    """Image files directly in ``folder``, sorted by name; [] where there is no such folder.

    Folders are none, nor are hidden files (``._a.png``, which macOS leaves on foreign disks).
    """
    if not folder.is_dir():
        return []
    return sorted(
        p
        for p in folder.iterdir()
        if p.suffix.lower() in IMAGE_SUFFIXES and not p.name.startswith(".") and not p.is_dir()
    )


def read_bytes(path: Path) -> bytes:
    """Contents of a file; ReaderError where it is missing, no plain file (a pipe would be waited
    for without end), or cannot be read."""
    try:
        if path.exists() and not path.is_file():
            raise ReaderError(f"{path} is not a file (a folder, pipe or device); give a file")
        return path.read_bytes()
    except FileNotFoundError:
        raise ReaderError(f"{path} is missing; is the data set complete?") from None
    except OSError as e:
        raise ReaderError(f"{path} cannot be read ({system_reason(e)})") from e


def _decode(path: Path, flags: int, data: bytes | None = None) -> npt.NDArray[Any]:
    try:
        return decode(read_bytes(path) if data is None else data, flags)
    except FrameError as e:
        raise ReaderError(f"{path} {e}; fetch it again, or convert it") from e
