"""What a loose texture layer is: how to draw it, how large it is, how it is drawn on screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from depth_seg_ros.virtual_world.geometry.mesh import Surface
from depth_seg_ros.virtual_world.textures.bank import Float, NoiseBank


@dataclass(frozen=True)
class LooseLayer:
    """``draw`` gives sRGB 0..1 [n, n, 3 or 4]; one repeat covers ``repeat_m`` metres."""

    draw: Callable[[NoiseBank, np.random.Generator], Float]
    repeat_m: float
    flags: Surface = Surface.PLAIN
