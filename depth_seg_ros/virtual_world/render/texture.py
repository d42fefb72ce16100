"""Anisotropic texture filtering of a row of samples."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.render.jit import color_kernel
from depth_seg_ros.virtual_world.render.raster import EMPTY

MAX_TAPS = 8
_SHARPER = np.float32(0.3)
"""Levels by which textures are read finer than the footprint: the lens blurs afterwards."""
_ZERO, _HALF, _ONE, _TINY = np.float32(0), np.float32(0.5), np.float32(1), np.float32(1e-6)
_BYTE = np.float32(1 / 255)


@color_kernel
def texture_row(row, count, texels, first_texel, texture_size):  # type: ignore[no-untyped-def]
    """Multiply red, green, blue of the row with its textures; set alpha.

    Up to MAX_TAPS bilinear taps along the longer axis of the footprint, at the mip level of the
    shorter one. Texels hold square roots of linear light.
    """
    n = np.float32(texture_size)
    last_level = np.float32(first_texel.shape[1] - 1)
    screen, layer = row.screen, row.layer
    us, vs, ux, vx, uy, vy = row.u, row.v, row.ux, row.vx, row.uy, row.vy
    red, green, blue, alpha = row.red, row.green, row.blue, row.alpha
    for k in range(count):
        if screen[k] == EMPTY:
            continue
        along_x = np.sqrt(ux[k] * ux[k] + vx[k] * vx[k]) * n
        along_y = np.sqrt(uy[k] * uy[k] + vy[k] * vy[k]) * n
        if along_x > along_y:
            major, minor, du, dv = along_x, along_y, ux[k], vx[k]
        else:
            major, minor, du, dv = along_y, along_x, uy[k], vy[k]
        taps = min(MAX_TAPS, max(1, int(major / max(minor, _TINY) + _HALF)))
        share = _ONE / np.float32(taps)
        level = int(min(max(np.log2(max(major * share, _TINY)) - _SHARPER, _ZERO), last_level))
        first = first_texel[layer[k], level]
        size = texture_size >> level
        mask = size - 1
        scale = np.float32(size)
        u = (us[k] + (_HALF * share - _HALF) * du) * scale - _HALF
        v = (vs[k] + (_HALF * share - _HALF) * dv) * scale - _HALF
        du, dv = du * share * scale, dv * share * scale
        r, g, b, a = _ZERO, _ZERO, _ZERO, _ZERO
        for _ in range(taps):
            left, low = np.floor(u), np.floor(v)
            fu, fv = u - left, v - low
            iu, iv = int(left), int(low)
            i0, i1 = iu & mask, (iu + 1) & mask
            j0, j1 = first + (iv & mask) * size, first + ((iv + 1) & mask) * size
            w10, w01, w11 = fu * (_ONE - fv), (_ONE - fu) * fv, fu * fv
            w00 = _ONE - w10 - w01 - w11
            p00, p10, p01, p11 = j0 + i0, j0 + i1, j1 + i0, j1 + i1
            r += (texels[p00, 0] * w00 + texels[p10, 0] * w10
                  + texels[p01, 0] * w01 + texels[p11, 0] * w11)  # fmt: skip
            g += (texels[p00, 1] * w00 + texels[p10, 1] * w10
                  + texels[p01, 1] * w01 + texels[p11, 1] * w11)  # fmt: skip
            b += (texels[p00, 2] * w00 + texels[p10, 2] * w10
                  + texels[p01, 2] * w01 + texels[p11, 2] * w11)  # fmt: skip
            a += (texels[p00, 3] * w00 + texels[p10, 3] * w10
                  + texels[p01, 3] * w01 + texels[p11, 3] * w11)  # fmt: skip
            u += du
            v += dv
        share *= _BYTE
        r, g, b = r * share, g * share, b * share
        red[k] *= r * r
        green[k] *= g * g
        blue[k] *= b * b
        alpha[k] = a * share
