"""Contact shadows: how much nearby things hide of the half space above each surface.

Worked out on screen at half resolution from depth and the visible triangles' planes (a variant of
McGuire et al., "The Alchemy Screen-Space Ambient Obscurance Algorithm", HPG 2011). It darkens
corners, kerbs, the road under a car; the wide shadows come from the baked sky visibility.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.render.jit import Workers, color_kernel
from depth_seg_ros.virtual_world.render.project import Pinhole

_RADIUS_M = 0.9
_TAPS = 6
_FAR_M = 90.0
"""Beyond this a contact shadow is thinner than a pixel."""
_STRENGTH = 1.5


def contact_occlusion(
    depth: NDArray[np.float32],
    winner: NDArray[np.int32],
    plane: NDArray[np.void],
    camera: Pinhole,
    workers: Workers,
) -> NDArray[np.float32]:
    """Light left over, f4 [ceil(H/2), ceil(W/2)], 1 = open."""
    height, width = (camera.height + 1) // 2, (camera.width + 1) // 2
    raw = np.empty((height, width), np.float32)
    smooth = np.empty_like(raw)
    workers.run(height, lambda a, b: _gather(depth, winner, plane, camera, a, b, raw))
    workers.run(height, lambda a, b: _blur(depth, raw, a, b, smooth))
    return smooth


@color_kernel
def _gather(depth, winner, plane, camera, row_begin, row_end, raw):  # type: ignore[no-untyped-def]
    height, width = depth.shape
    turn_cos, turn_sin = np.empty(16, np.float32), np.empty(16, np.float32)
    for k in range(16):
        turn_cos[k] = np.cos(k * 2.39996)
        turn_sin[k] = np.sin(k * 2.39996)
    step_cos, step_sin = np.float32(np.cos(2.39996)), np.float32(np.sin(2.39996))
    reach2 = np.float32(1 / (_RADIUS_M * _RADIUS_M))
    cx, cy = np.float32(camera.cx), np.float32(camera.cy)
    per_fx, per_fy = np.float32(1 / camera.fx), np.float32(1 / camera.fy)
    one, zero, small = np.float32(1), np.float32(0), np.float32(1e-4)
    lift, step = np.float32(0.12), np.float32(1 / _TAPS)
    radius_px = np.float32(_RADIUS_M * camera.fx)
    for j in range(row_begin, row_end):
        y = 2 * j
        for i in range(raw.shape[1]):
            x = 2 * i
            raw[j, i] = 1
            z = depth[y, x]
            if z > _FAR_M:
                continue
            o = plane[winner[2 * y + 1, x]]
            # The triangle's plane in camera axes (y up), turned to face the camera.
            nx = np.float32(-o.qx * camera.fx)
            ny = np.float32(o.qy * camera.fy)
            nz = np.float32(-(o.qx * camera.cx + o.qy * camera.cy + o.q0))
            scale = one / np.sqrt(nx * nx + ny * ny + nz * nz)
            nx, ny, nz = nx * scale, ny * scale, nz * scale
            fx, fy = np.float32(x), np.float32(y)
            px, py = (fx - cx) * per_fx * z, (cy - fy) * per_fy * z
            pixels = min(max(radius_px / z, np.float32(3)), np.float32(90)) * step
            pattern = (x // 2 + 4 * (y // 2) + 7 * ((x // 8) & 1)) & 15
            c, s = turn_cos[pattern], turn_sin[pattern]
            hidden, radius = zero, pixels * np.float32(0.6)
            for _ in range(_TAPS):
                tx, ty = int(fx + radius * c), int(fy + radius * s)
                radius += pixels
                c, s = c * step_cos - s * step_sin, s * step_cos + c * step_sin
                if tx < 0 or ty < 0 or tx >= width or ty >= height:
                    continue
                d = depth[ty, tx]
                if d > _FAR_M:
                    continue
                vx = (np.float32(tx) - cx) * per_fx * d - px
                vy = (cy - np.float32(ty)) * per_fy * d - py
                vz = d - z
                far2 = vx * vx + vy * vy + vz * vz
                near = one - far2 * reach2
                if near <= 0:
                    continue
                rise = (vx * nx + vy * ny + vz * nz) / np.sqrt(far2 + small)
                hidden += max(rise - lift, zero) * near
            raw[j, i] = max(one - hidden * np.float32(_STRENGTH / _TAPS * 1.6), lift)


@color_kernel
def _blur(depth, raw, row_begin, row_end, smooth):  # type: ignore[no-untyped-def]
    """Mean over the 4x4 sampling pattern, of neighbours at about the same depth."""
    height, width = raw.shape
    for j in range(row_begin, row_end):
        for i in range(width):
            z = depth[2 * j, 2 * i]
            if z > _FAR_M:
                smooth[j, i] = 1
                continue
            tolerance = np.float32(0.06) * z + np.float32(0.1)
            total, weight = np.float32(0), np.float32(0)
            for b in range(max(j - 2, 0), min(j + 2, height)):
                for a in range(max(i - 2, 0), min(i + 2, width)):
                    if abs(depth[2 * b, 2 * a] - z) < tolerance:
                        total += raw[b, a]
                        weight += 1
            smooth[j, i] = total / weight if weight > 0 else raw[j, i]
