"""Anisotropic texture filtering of a row of samples.

Texture coordinates are whole numbers here, in 1/65536 of a texel, and the four bytes of a texel are
weighted together inside one 64-bit number (16 bits each): twice as fast as floats.
"""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.render.jit import color_kernel
from depth_seg_ros.virtual_world.render.raster import EMPTY

MAX_TAPS = 5
_SHARPER = np.float32(2**-0.3)
"""Textures are read finer than the footprint by this: the lens blurs afterwards."""
_ZERO, _HALF, _ONE, _TINY = np.float32(0), np.float32(0.5), np.float32(1), np.float32(1e-6)
_BYTE = np.float32(8 / (255 * 256))
_EVEN, _ODD, _FIELD = np.uint64(0x00FF00FF), np.uint64(0xFF00FF00), np.uint64(0xFFFF)
_EIGHTHS = np.uint64(0x1FFF1FFF1FFF1FFF)
_FIXED = np.float32(65536)


@color_kernel
def texture_row(row, count, texels, first_texel, texture_size):  # type: ignore[no-untyped-def]
    """Multiply red, green, blue of the row with its textures; set alpha.

    Up to MAX_TAPS bilinear taps along the longer axis of the footprint, at the mip level of the
    shorter one. Texels hold square roots of linear light.
    """
    n = np.float32(texture_size)
    last_level = first_texel.shape[1] - 1
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
        finest = int(min(major * share * _SHARPER, n))
        level = 0
        while finest > 1 and level < last_level:
            finest >>= 1
            level += 1
        first = first_texel[layer[k], level]
        size, shift = texture_size >> level, last_level - level
        mask = size - 1
        scale = np.float32(size) * _FIXED
        u = int((us[k] + (_HALF * share - _HALF) * du) * scale) - 32768
        v = int((vs[k] + (_HALF * share - _HALF) * dv) * scale) - 32768
        u_step, v_step = int(du * share * scale), int(dv * share * scale)
        total = np.uint64(0)
        for _ in range(taps):
            fu, fv = np.uint64((u >> 8) & 255), np.uint64((v >> 8) & 255)
            iu, iv = u >> 16, v >> 16
            # Unsigned: a signed index costs a test for its sign.
            i0, i1 = np.uint64(iu & mask), np.uint64((iu + 1) & mask)
            j0 = np.uint64(first + ((iv & mask) << shift))
            j1 = np.uint64(first + (((iv + 1) & mask) << shift))
            w11 = (fu * fv) >> np.uint64(8)
            w10, w01 = fu - w11, fv - w11
            w00 = np.uint64(256) - fu - w01
            tap = (_spread(texels[j0 + i0]) * w00 + _spread(texels[j0 + i1]) * w10
                   + _spread(texels[j1 + i0]) * w01 + _spread(texels[j1 + i1]) * w11)  # fmt: skip
            total += (tap >> np.uint64(3)) & _EIGHTHS
            u += u_step
            v += v_step
        share *= _BYTE
        r = np.float32(total & _FIELD) * share
        g = np.float32((total >> np.uint64(32)) & _FIELD) * share
        b = np.float32((total >> np.uint64(16)) & _FIELD) * share
        red[k] *= r * r
        green[k] *= g * g
        blue[k] *= b * b
        alpha[k] = np.float32(total >> np.uint64(48)) * share


@color_kernel
def _spread(texel):  # type: ignore[no-untyped-def]
    """The bytes 0, 2, 1, 3 of a texel, 16 bits apart."""
    p = np.uint64(texel)
    return (p & _EVEN) | ((p & _ODD) << np.uint64(24))
