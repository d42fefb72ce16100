"""Light on a row of samples: sky, wear, sun and shadow, ambient light, mirroring, wetness, haze."""

from __future__ import annotations

import numpy as np

from depth_seg_ros.virtual_world.geometry.mesh import Surface
from depth_seg_ros.virtual_world.light.sky import look_up, sample_noise
from depth_seg_ros.virtual_world.render.jit import color_kernel
from depth_seg_ros.virtual_world.render.raster import EMPTY

MAX_RADIANCE = np.float32(24)
"""A glint brighter than this cannot fill a pixel beyond white however dark the exposure."""

_GLOSSY, _FOLIAGE = int(Surface.GLOSSY), int(Surface.FOLIAGE)
_EMISSIVE, _ROAD = int(Surface.EMISSIVE), int(Surface.ROAD)
_WINDOWS, _GLASS = int(Surface.WINDOW_MASK), int(Surface.GLASS)
_ZERO, _HALF, _ONE = np.float32(0), np.float32(0.5), np.float32(1)


@color_kernel
def sky_row(row, count, light):  # type: ignore[no-untyped-def]
    """Samples that see no triangle see the sky; they take no further part."""
    sky = light.sky
    screen, dx, dy, dz, red = row.screen, row.dx, row.dy, row.dz, row.red
    green, blue = row.green, row.blue
    for k in range(count):
        if screen[k] == EMPTY:
            r, g, b = look_up(sky, dx[k], dy[k], dz[k])
            red[k], green[k] = min(r, MAX_RADIANCE), min(g, MAX_RADIANCE)
            blue[k] = min(b, MAX_RADIANCE)


@color_kernel
def wear_row(row, count, light):  # type: ignore[no-untyped-def]
    """Wear and soil: no two places of a ground look alike."""
    noise = light.noise
    screen, ny, flags, px, pz = row.screen, row.ny, row.flags, row.px, row.pz
    red, green, blue, depth = row.red, row.green, row.blue, row.depth
    for k in range(count):
        if screen[k] == EMPTY or ny[k] < np.float32(0.6) or flags[k] & _FOLIAGE:
            continue
        x, z = px[k], pz[k]
        coarse = sample_noise(noise, x * np.float32(3), z * np.float32(3))
        fine = sample_noise(noise, z * np.float32(17), x * np.float32(17))
        wear = np.float32(0.80) + np.float32(0.20) * (coarse + fine)
        if depth[k] < np.float32(6):  # nearer than the texture has detail for
            grain = sample_noise(noise, x * np.float32(151) + z, z * np.float32(151) - x)
            near = _ONE - depth[k] * np.float32(1 / 6)
            wear *= _ONE + (grain - _HALF) * np.float32(0.5) * near
        red[k] *= wear
        green[k] *= wear
        blue[k] *= wear


@color_kernel
def shadow_row(row, count, light, still, moving):  # type: ignore[no-untyped-def]
    """Share of the sun each sample sees; left at 0 where the surface faces away."""
    sun, still_depth, moving_depth = light.sun_direction, still.depth, moving.depth
    shining = light.sun_color[0] > 0
    still_map, moving_map = still.to_map, moving.to_map
    still_bias = np.float32(0.03 + 0.5 * still.texel_m)
    moving_bias = np.float32(0.03 + 0.5 * moving.texel_m)
    still_texel, moving_texel = np.float32(still.texel_m), np.float32(moving.texel_m)
    suns, screen, nx, ny, nz = row.sun, row.screen, row.nx, row.ny, row.nz
    flags, depth, px, py, pz = row.flags, row.depth, row.px, row.py, row.pz
    for k in range(count):
        suns[k] = _ZERO
        if screen[k] == EMPTY or not shining:
            continue
        cosine = nx[k] * sun[0] + ny[k] * sun[1] + nz[k] * sun[2]
        side = _ONE if cosine > 0 else -_ONE
        if cosine <= 0 and flags[k] & _FOLIAGE == 0:
            continue
        off = np.float32(0.02) + np.float32(0.0006) * depth[k]
        # The more the sun grazes, the farther off the surface: a map's texels are steps there.
        slant = np.sqrt(max(_ONE - cosine * cosine, _ZERO))
        away = side * (off + slant * still_texel)
        x, y, z = px[k] + nx[k] * away, py[k] + ny[k] * away, pz[k] + nz[k] * away
        share = _sun_share(still_depth, still_map, still_bias, x, y, z)
        if share > 0:
            away = side * (off + slant * moving_texel)
            x, y, z = px[k] + nx[k] * away, py[k] + ny[k] * away, pz[k] + nz[k] * away
            share *= _sun_share(moving_depth, moving_map, moving_bias, x, y, z)
        suns[k] = share


@color_kernel
def _sun_share(depth, m, bias, x, y, z):  # type: ignore[no-untyped-def]
    """Share of sunlight that reaches a point, smoothed over 2x2 texels; 1 outside the map."""
    u = np.float32(m[0, 0] * x + m[0, 1] * y + m[0, 2] * z + m[0, 3])
    v = np.float32(m[1, 0] * x + m[1, 1] * y + m[1, 2] * z + m[1, 3])
    last = np.float32(depth.shape[0] - 1)
    if not (u >= 0 and v >= 0 and u < last and v < last):
        return _ONE
    d = np.float32(m[2, 0] * x + m[2, 1] * y + m[2, 2] * z + m[2, 3]) + bias
    i, j = int(u), int(v)
    a, b = u - np.float32(i), v - np.float32(j)
    total = _ZERO
    if depth[j, i] <= d:
        total += (_ONE - a) * (_ONE - b)
    if depth[j, i + 1] <= d:
        total += a * (_ONE - b)
    if depth[j + 1, i] <= d:
        total += (_ONE - a) * b
    if depth[j + 1, i + 1] <= d:
        total += a * b
    return total


@color_kernel
def light_row(row, count, light):  # type: ignore[no-untyped-def]
    """Albedo -> radiance towards the camera."""
    sun, glare = light.sun_direction, light.sun_color
    up, down = light.ambient_up, light.ambient_down
    haze, haze_glow = light.haze_color, light.haze_glow
    mirror_map, noise = light.mirror, light.noise
    wetness, haze_per_m = np.float32(light.wetness), np.float32(light.haze_per_m)
    screen, flag, nxs, nys, nzs = row.screen, row.flags, row.nx, row.ny, row.nz
    dxs, dys, dzs, red, green = row.dx, row.dy, row.dz, row.red, row.green
    blue, alpha, px, pz, suns = row.blue, row.alpha, row.px, row.pz, row.sun
    open_sky, distance = row.open_sky, row.distance
    for k in range(count):
        if screen[k] == EMPTY:
            continue
        flags = flag[k]
        nx, ny, nz = nxs[k], nys[k], nzs[k]
        dx, dy, dz = dxs[k], dys[k], dzs[k]
        r, g, b = red[k], green[k], blue[k]
        facing = min(abs(nx * dx + ny * dy + nz * dz), _ONE)
        graze = _ONE - facing
        fresnel = graze * graze
        fresnel = fresnel * fresnel * graze
        share, sharp, keep = _mirror_share(flags, alpha[k], fresnel)
        if wetness > 0 and ny > _HALF and flags & _FOLIAGE == 0:
            puddle = sample_noise(noise, px[k] * np.float32(9), pz[k] * np.float32(9))
            share, sharp, keep = _wet(flags, wetness, puddle, fresnel, share, sharp, keep)
        direct, through = _sun_on(nx * sun[0] + ny * sun[1] + nz * sun[2], flags, suns[k])
        half = (_HALF + _HALF * ny) * open_sky[k]
        rest = open_sky[k] - half
        keep_r = r * keep
        keep_g = g * keep
        keep_b = b * keep
        cr = keep_r * (direct * glare[0] + up[0] * half + down[0] * rest
                       + through * glare[0])  # fmt: skip
        cg = keep_g * (direct * glare[1] + up[1] * half + down[1] * rest
                       + through * glare[1] * np.float32(1.1))  # fmt: skip
        cb = keep_b * (direct * glare[2] + up[2] * half + down[2] * rest
                       + through * glare[2] * np.float32(0.4))  # fmt: skip
        if share > np.float32(0.002):
            along = np.float32(2) * (dx * nx + dy * ny + dz * nz)
            mx, my, mz = dx - along * nx, dy - along * ny, dz - along * nz
            sr, sg, sb = look_up(mirror_map, mx, max(my, _ZERO), mz)
            low = min(max(my * np.float32(-4), _ZERO), _ONE)  # the ground, not the sky
            seen = min(open_sky[k] * np.float32(1.2), _ONE) * share
            dim = _ONE - share
            cr = cr * dim + (sr + (down[0] - sr) * low) * seen
            cg = cg * dim + (sg + (down[1] - sg) * low) * seen
            cb = cb * dim + (sb + (down[2] - sb) * low) * seen
            peak = mx * sun[0] + my * sun[1] + mz * sun[2]
            if suns[k] > 0 and peak > np.float32(0.9):
                glint = _glint(peak, sharp) * suns[k] * max(share, np.float32(0.04))
                cr, cg, cb = cr + glint * glare[0], cg + glint * glare[1], cb + glint * glare[2]
        if flags & _EMISSIVE:
            cr, cg, cb = cr + r * np.float32(4), cg + g * np.float32(4), cb + b * np.float32(4)
        # Haze: what is behind the air fades into the light of the horizon in that direction.
        clear = np.exp(-distance[k] * haze_per_m)
        toward = max(dx * sun[0] + dy * sun[1] + dz * sun[2], _ZERO)
        toward *= toward
        toward *= toward * toward
        lost = _ONE - clear
        red[k] = min(cr * clear + (haze[0] + haze_glow[0] * toward) * lost, MAX_RADIANCE)
        green[k] = min(cg * clear + (haze[1] + haze_glow[1] * toward) * lost, MAX_RADIANCE)
        blue[k] = min(cb * clear + (haze[2] + haze_glow[2] * toward) * lost, MAX_RADIANCE)


@color_kernel
def _sun_on(cosine, flags, sun):  # type: ignore[no-untyped-def]
    """(light from the front, light that shines through a leaf)."""
    if flags & _FOLIAGE:  # light wraps round the crown
        front = max(np.float32(0.22) + np.float32(0.78) * cosine, _ZERO)
        return front * sun, max(-cosine, _ZERO) * np.float32(0.35) * sun
    return max(cosine, _ZERO) * sun, _ZERO


@color_kernel
def _mirror_share(flags, alpha, fresnel):  # type: ignore[no-untyped-def]
    """(share mirrored, sharpness of the highlight, share of the albedo that is left)."""
    if flags & _GLASS:
        return np.float32(0.09) + np.float32(0.91) * fresnel, _ONE, np.float32(0.6)
    if flags & _GLOSSY:
        return np.float32(0.045) + np.float32(0.75) * fresnel, _ONE, _ONE
    if flags & _WINDOWS:
        return (np.float32(0.12) + np.float32(0.88) * fresnel) * (_ONE - alpha), _ONE, _ONE
    return _ZERO, _ONE, _ONE


@color_kernel
def _wet(flags, wetness, puddle, fresnel, share, sharp, keep):  # type: ignore[no-untyped-def]
    """The same under water: darker; roads mirror, puddles most."""
    wet = wetness if flags & _ROAD else wetness * np.float32(0.45)
    keep *= _ONE - np.float32(0.45) * wet
    if flags & _ROAD == 0:
        return share, sharp, keep
    pool = min(max((puddle - np.float32(0.55)) * np.float32(6), _ZERO), _ONE)
    film = (np.float32(0.35) + np.float32(0.65) * pool) * wet
    return (np.float32(0.02) + np.float32(0.98) * fresnel) * film, pool, keep


@color_kernel
def _glint(peak, sharp):  # type: ignore[no-untyped-def]
    """Highlight of the sun: a sharp core (peak^256) in a soft lobe (peak^32)."""
    p2 = peak * peak
    p4 = p2 * p2
    p8 = p4 * p4
    p32 = p8 * p8 * p8 * p8
    p64 = p32 * p32
    p256 = p64 * p64 * p64 * p64
    return p256 * np.float32(60) * sharp + p32
