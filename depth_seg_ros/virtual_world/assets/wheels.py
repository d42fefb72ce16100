"""Road wheels: tyre, rim and hub."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.shapes import Shape, ShapeBuilder

_TURN_ROUND = np.diag([-1.0, 1.0, -1.0])


def wheel(
    radius: float, width: float, *, sides: int = 15, rim: float = 0.66, dish: float = 0.25
) -> Shape:
    """A wheel about the x axis, its outer face towards +x; ``rim`` is a share of the radius,
    ``dish`` how deep the hub lies (share of the width). The slot ``rim`` has uv 0..1."""
    half, r = width / 2, radius
    b = ShapeBuilder()
    lip = r * rim
    tyre = [(-half, r), (half * 0.78, r), (half, 0.92 * r), (half - 0.004, lip)]
    b.lathe(tyre, ["tread", "tyre", "tyre"], sides=sides)
    hub = half - dish * width
    b.lathe([(half - 0.004, lip), (half - 0.025, 0.93 * lip), (hub, 0.0)], "rim", sides=sides)
    return b.build()


def far_wheel(radius: float, width: float, *, sides: int = 10, rim: float = 0.66) -> Shape:
    """A wheel for the distance: tread, sidewall and a flat rim."""
    half, lip = width / 2, radius * rim
    b = ShapeBuilder()
    b.lathe([(-0.3 * half, radius), (half, radius)], "tyre", sides=sides)
    b.lathe([(half, radius), (half, lip)], "tyre", sides=sides)
    b.lathe([(half, lip), (half - 0.03, 0.0)], "rim", sides=sides)
    return b.build()


def add_wheel(b: ShapeBuilder, shape: Shape, x: float, y: float, z: float) -> None:
    """Put a wheel at (x, y, z), its outer face away from the vehicle's middle."""
    b.add(shape.moved(np.eye(3) if x > 0 else _TURN_ROUND, (x, y, z)))
