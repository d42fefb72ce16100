"""Images as the bytes of a file."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.errors import VirtualWorldError


def png(image: NDArray[Any], level: int = 1) -> bytes:
    """PNG of u1 [H, W, 3] (RGB), u1 or u2 [H, W]."""
    if image.ndim == 3:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    ok, data = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, level])
    if not ok:
        raise VirtualWorldError(f"PNG encoder refused an image {image.dtype} {list(image.shape)}")
    return np.asarray(data).tobytes()
