"""Files that appear whole or not at all, whatever kills the process."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.errors import VirtualWorldError


def write_bytes(path: Path, data: bytes) -> None:
    """Write beside the target under a hidden name of this process, then rename."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        os.replace(partial, path)
    except OSError as e:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise VirtualWorldError(f"cannot write {path} ({e.strerror}); choose another folder") from e


def write_text(path: Path, text: str) -> None:
    """A text file in UTF-8."""
    write_bytes(path, text.encode("utf-8"))


def png(image: NDArray[Any], level: int = 1) -> bytes:
    """PNG of u1 [H, W, 3] (RGB), u1 or u2 [H, W]."""
    if image.ndim == 3:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    ok, data = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, level])
    if not ok:
        raise VirtualWorldError(f"PNG encoder refused an image {image.dtype} {list(image.shape)}")
    return np.asarray(data).tobytes()
