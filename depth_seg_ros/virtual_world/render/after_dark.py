"""Shading beyond sun and sky: snow, turned leaves, street lamps, head lights, lit windows.

Compiled and run only where an environment asks for any of them; the plain path knows nothing of it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.geometry.mesh import Surface
from depth_seg_ros.virtual_world.light.air import Environment
from depth_seg_ros.virtual_world.light.lamps import LampField
from depth_seg_ros.virtual_world.light.sky import sample_noise
from depth_seg_ros.virtual_world.render.jit import color_kernel
from depth_seg_ros.virtual_world.render.lighting import MAX_RADIANCE
from depth_seg_ros.virtual_world.render.raster import EMPTY

_GLOSSY, _FOLIAGE, _ROAD = int(Surface.GLOSSY), int(Surface.FOLIAGE), int(Surface.ROAD)
_WINDOWS, _LAMP = int(Surface.WINDOW_MASK), int(Surface.LAMP)
_BARE = int(Surface.GLASS | Surface.EMISSIVE | Surface.WINDOW_MASK)
_ZERO, _HALF, _ONE = np.float32(0), np.float32(0.5), np.float32(1)


class Extras(NamedTuple):
    """What the further stages look at; ``beam`` f4 [S, 7] are head lights (``lamps.beams``)."""

    snow: float
    autumn: float
    lamps: float
    field: LampField
    beam: NDArray[np.float32]


def wants_extras(environment: Environment) -> bool:
    """Whether an environment needs more than sun and sky."""
    return environment.snow > 0 or environment.autumn > 0 or environment.lamps > 0


@color_kernel
def season_row(row, count, noise, snow, autumn):  # type: ignore[no-untyped-def]
    """Albedo under snow and in autumn; snow lies on what faces up under the open sky and does not
    move, roads keep wheel tracks."""
    snow, autumn = np.float32(snow), np.float32(autumn)
    screen, flag, body, ny, open_sky = row.screen, row.flags, row.body, row.ny, row.open_sky
    px, pz, red, green, blue = row.px, row.pz, row.red, row.green, row.blue
    for k in range(count):
        flags = flag[k]
        if screen[k] == EMPTY or body[k] != 0 or flags & _BARE:
            continue
        x, z = px[k], pz[k]
        if autumn > 0:
            _turn(row, k, x, z, noise, autumn)
        if snow > 0:
            patch = sample_noise(noise, x * np.float32(5), z * np.float32(5))
            up = min(max((ny[k] - np.float32(0.30)) * np.float32(3), _ZERO), _ONE)
            roof = np.float32(0.02) if flags & _FOLIAGE else np.float32(0.25)
            seen = min(max((open_sky[k] - roof) * np.float32(3), _ZERO), _ONE)
            cover = snow * up * seen
            if flags & _ROAD:
                track = sample_noise(noise, x * np.float32(1.3), z * np.float32(21))
                cover *= min(
                    max((track + patch + snow - np.float32(1.35)) * np.float32(2.5), _ZERO), _ONE
                )
            else:
                cover *= min(max((patch + snow - np.float32(0.35)) * np.float32(4), _ZERO), _ONE)
            if flags & _FOLIAGE:
                cover *= np.float32(0.75)
            rest = _ONE - cover
            grain = np.float32(0.72) + np.float32(0.16) * patch
            red[k] = red[k] * rest + cover * grain * np.float32(0.97)
            green[k] = green[k] * rest + cover * grain * np.float32(0.99)
            blue[k] = blue[k] * rest + cover * grain * np.float32(1.04)


@color_kernel
def _turn(row, k, x, z, noise, autumn):  # type: ignore[no-untyped-def]
    """Yellow, orange and red crowns, some still green; fallen leaves on the ground."""
    red, green, blue = row.red, row.green, row.blue
    flags, ny, depth = row.flags[k], row.ny[k], row.depth[k]
    hue = sample_noise(noise, x * np.float32(2.3), z * np.float32(2.3))
    if flags & _FOLIAGE:
        share = min(max((hue + autumn - np.float32(0.62)) * np.float32(3), _ZERO), _ONE)
        light = np.float32(0.3) * red[k] + np.float32(0.6) * green[k] + np.float32(0.1) * blue[k]
        warm = sample_noise(noise, z * np.float32(1.7), x * np.float32(1.7))
        red[k] += (light * (np.float32(1.7) + np.float32(0.4) * warm) - red[k]) * share
        green[k] += (light * (np.float32(1.25) - np.float32(0.65) * warm) - green[k]) * share
        blue[k] += (light * np.float32(0.22) - blue[k]) * share
    elif ny > np.float32(0.85) and depth < np.float32(45):
        leaf = sample_noise(noise, x * np.float32(610), z * np.float32(610))
        drift = sample_noise(noise, x * np.float32(6), z * np.float32(6))
        over = leaf + np.float32(0.5) * (drift + autumn) - np.float32(1.32)
        if flags & _ROAD:
            over -= np.float32(0.22)
        if over > 0:
            share = min(over * np.float32(9), _ONE) * (np.float32(0.85) - depth * np.float32(0.016))
            tone = np.float32(0.10) + np.float32(0.35) * hue
            red[k] += (tone - red[k]) * share
            green[k] += (tone * np.float32(0.58) - green[k]) * share
            blue[k] += (tone * np.float32(0.16) - blue[k]) * share


@color_kernel
def keep_row(row, count, kept):  # type: ignore[no-untyped-def]
    """Remember the albedo before light turns it into radiance."""
    red, green, blue = row.red, row.green, row.blue
    for k in range(count):
        kept[0, k], kept[1, k], kept[2, k] = red[k], green[k], blue[k]


@color_kernel
def lamp_row(row, count, kept, extras, haze_per_m, wetness):  # type: ignore[no-untyped-def]
    """Add the light of lamps, and what shines by itself after dark."""
    position, color, cell = extras.field.position, extras.field.color, extras.field.cell
    corner, beam = extras.field.corner, extras.beam
    per_cell, strength = np.float32(1 / extras.field.cell_m), np.float32(extras.lamps)
    haze, wet = np.float32(haze_per_m), np.float32(wetness)
    rows, columns, most = cell.shape
    screen, flag, nxs, nys, nzs = row.screen, row.flags, row.nx, row.ny, row.nz
    px, py, pz, red, green, blue = row.px, row.py, row.pz, row.red, row.green, row.blue
    alpha, distance, body = row.alpha, row.distance, row.body
    for k in range(count):
        if screen[k] == EMPTY:
            continue
        x, y, z = px[k], py[k], pz[k]
        nx, ny, nz, flags = nxs[k], nys[k], nzs[k], flag[k]
        wrap = np.float32(0.25) if flags & _FOLIAGE else _ZERO
        r, g, b = _ZERO, _ZERO, _ZERO
        i, j = int((x - corner[0]) * per_cell), int((z - corner[1]) * per_cell)
        if i >= 0 and j >= 0 and i < columns and j < rows:
            for n in range(most):
                lamp = cell[j, i, n]
                if lamp < 0:
                    continue
                lx, ly, lz = position[lamp, 0] - x, position[lamp, 1] - y, position[lamp, 2] - z
                square = lx * lx + ly * ly + lz * lz + np.float32(0.6)
                inverse = _ONE / np.sqrt(square)
                cosine = max((lx * nx + ly * ny + lz * nz) * inverse, wrap)
                down = max(ly * inverse, np.float32(0.06))
                e = cosine * down / square
                r += e * color[lamp, 0]
                g += e * color[lamp, 1]
                b += e * color[lamp, 2]
        for s in range(beam.shape[0]):
            source = (beam[s, 0], beam[s, 1], beam[s, 2])
            axis = (beam[s, 3], beam[s, 4], beam[s, 5])
            e = _beam(source, axis, (x, y, z), (nx, ny, nz), wrap) * beam[s, 6]
            r += e
            g += e * np.float32(0.97)
            b += e * np.float32(0.90)
        keep = strength * (_ONE - np.float32(0.35) * wet)
        cr, cg, cb = kept[0, k] * r * keep, kept[1, k] * g * keep, kept[2, k] * b * keep
        if flags & _LAMP:
            shine = strength * np.float32(7)
            cr, cg, cb = cr + kept[0, k] * shine, cg + kept[1, k] * shine, cb + kept[2, k] * shine
        if flags & _WINDOWS and alpha[k] < _HALF and body[k] == 0:
            lit = _window(x, y, z) * strength
            cr, cg, cb = cr + lit, cg + lit * np.float32(0.72), cb + lit * np.float32(0.42)
        clear = np.exp(-distance[k] * haze)
        red[k] = min(red[k] + cr * clear, MAX_RADIANCE)
        green[k] = min(green[k] + cg * clear, MAX_RADIANCE)
        blue[k] = min(blue[k] + cb * clear, MAX_RADIANCE)


@color_kernel
def _beam(source, axis, point, normal, wrap):  # type: ignore[no-untyped-def]
    """Light of a pair of dipped head lights, of intensity 1, on a point."""
    fx, fy, fz = axis
    nx, ny, nz = normal
    dx, dy, dz = point[0] - source[0], point[1] - source[1], point[2] - source[2]
    ahead = dx * fx + dy * fy + dz * fz
    if ahead < np.float32(0.4):
        return _ZERO
    square = dx * dx + dy * dy + dz * dz + np.float32(1)
    inverse = _ONE / np.sqrt(square)
    aside = (dx * fz - dz * fx) / ahead
    rise = dy / ahead
    wide = np.exp(-aside * aside * np.float32(4.5))
    if rise > np.float32(-0.008):
        tall = np.float32(0.035) + np.exp(-(rise + np.float32(0.008)) * np.float32(90))
    else:
        low = (rise + np.float32(0.008)) * np.float32(7)
        tall = _ONE / (_ONE + low * low)
    cosine = max(-(dx * nx + dy * ny + dz * nz) * inverse, wrap)
    return wide * tall * cosine / square


@color_kernel
def _window(x, y, z):  # type: ignore[no-untyped-def]
    """Brightness of the room behind a pane: dark in most, the same over one window."""
    i = int(np.floor(x * np.float32(0.42))) * 73856093
    i ^= int(np.floor(y * np.float32(0.34))) * 19349663
    i ^= int(np.floor(z * np.float32(0.42))) * 83492791
    h = (i ^ (i >> 13)) & 255
    if h > 70:
        return _ZERO
    return np.float32(0.05) + np.float32(h) * np.float32(0.006)
