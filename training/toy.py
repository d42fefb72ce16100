"""A made-up data set in the Virtual KITTI 1.3.1 layout: a road, boxes and sky, by ray casting.

For trying the loop and for tests, not for learning anything about roads: ``python -m training.toy
--out data/toy`` writes a few hundred frames in seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from depth_seg_ros.system.atomic import write_bytes, write_text
from depth_seg_ros.system.command import command_parser, ranged, run
from depth_seg_ros.types import VIRTUAL_KITTI
from training.errors import DatasetError

CAMERA_HEIGHT_M = 1.6
CATEGORIES = {
    "Sky": (90, 200, 255),
    "Road": (100, 60, 100),
    "Terrain": (210, 0, 200),
    "Building": (140, 140, 140),
    "Tree": (0, 199, 0),
    "Car": (200, 200, 200),
    "Pole": (255, 130, 0),
}
COLORS = {
    "Sky": (170, 200, 235), "Road": (95, 95, 100), "Terrain": (110, 140, 70),
    "Building": (165, 130, 110), "Tree": (50, 90, 40), "Car": (150, 30, 40),
    "Pole": (120, 120, 125),
}  # fmt: skip
NAMES = list(CATEGORIES)
SIZES_M = {
    "Building": (12, 9, 12),
    "Tree": (3, 6, 3),
    "Car": (1.8, 1.5, 4.2),
    "Pole": (0.3, 6, 0.3),
}

Array = npt.NDArray[np.float64]


def write(root: Path, worlds: Sequence[str], frames: int, width: int, height: int) -> None:
    """``frames`` frames of each world in one variation, ``clone``; reproducible per world name."""
    camera = VIRTUAL_KITTI.resized(width, height)
    for world in worlds:
        video = f"{world}/clone"
        rng = np.random.default_rng([ord(c) for c in world])
        for part in ("rgb", "depthgt", "scenegt"):
            (root / f"vkitti_1.3.1_{part}" / video).mkdir(parents=True, exist_ok=True)
        for number in range(frames):
            image, depth_m, ids = _render(rng, camera.matrix(), width, height)
            colors = np.array(list(CATEGORIES.values()), np.uint8)[ids]
            centimetres = np.clip(np.rint(depth_m * 100), 0, 65535).astype(np.uint16)
            for part, pixels in (("rgb", image), ("scenegt", colors), ("depthgt", centimetres)):
                path = root / f"vkitti_1.3.1_{part}" / video / f"{number:05d}.png"
                done, data = cv2.imencode(".png", pixels[..., ::-1] if pixels.ndim == 3 else pixels)
                if not done:
                    raise DatasetError(f"{path} could not be encoded")
                write_bytes(path, data.tobytes())
        _write_tables(root, world, frames, (camera.fx, camera.fy, camera.cx, camera.cy))


def _write_tables(root: Path, world: str, frames: int, k: tuple[float, ...]) -> None:
    rows = [f"{name} {r} {g} {b}" for name, (r, g, b) in CATEGORIES.items()]
    encoding = root / "vkitti_1.3.1_scenegt" / f"{world}_clone_scenegt_rgb_encoding.txt"
    write_text(encoding, "\n".join(["Category(:id) r g b", *rows]) + "\n")
    intrinsics = root / "vkitti_1.3.1_intrinsicgt" / f"{world}_clone.txt"
    intrinsics.parent.mkdir(exist_ok=True)
    lines = [" ".join(map(str, (n, *k))) for n in range(frames)]
    write_text(intrinsics, "\n".join(["frame K[0,0] K[1,1] K[0,2] K[1,2]", *lines]) + "\n")


def _render(
    rng: np.random.Generator, k: Array, width: int, height: int
) -> tuple[npt.NDArray[np.uint8], Array, npt.NDArray[np.int64]]:
    """Image, depth [m] (inf = sky) and category numbers of one random scene."""
    x = ((np.arange(width) - k[0, 2]) / k[0, 0])[None, :].repeat(height, 0)
    y = ((np.arange(height) - k[1, 2]) / k[1, 1])[:, None].repeat(width, 1)
    with np.errstate(divide="ignore"):
        depth: Array = np.where(y > 1e-6, CAMERA_HEIGHT_M / np.maximum(y, 1e-6), np.inf)
    depth[depth > 300] = np.inf
    sideways = np.where(np.isfinite(depth), x * np.where(np.isfinite(depth), depth, 0), 0)
    road = np.where(np.abs(sideways) < 5, NAMES.index("Road"), NAMES.index("Terrain"))
    ids = np.where(np.isfinite(depth), road, NAMES.index("Sky"))
    light: Array = np.ones((height, width))
    for _ in range(int(rng.integers(8, 16))):
        name = ("Building", "Tree", "Car", "Pole")[int(rng.integers(4))]
        side = rng.choice([-1, 1]) * (rng.uniform(0, 4) if name == "Car" else rng.uniform(8, 20))
        centre = np.array([side, 0.0, rng.uniform(7, 70)])
        hit, brightness = _box(x, y, centre, np.array(SIZES_M[name]) * rng.uniform(0.8, 1.2))
        nearer = hit < depth
        depth[nearer] = hit[nearer]
        ids = np.where(nearer, NAMES.index(name), ids)
        light[nearer] = brightness[nearer]
    table = np.array([COLORS[n] for n in NAMES]) * rng.uniform(0.7, 1.3, (len(NAMES), 3))
    grain = rng.normal(1, 0.05, (height, width))
    image = table[ids] * (light * grain * rng.uniform(0.7, 1.2))[..., None]
    return np.clip(image, 0, 255).astype(np.uint8), depth, ids


def _box(x: Array, y: Array, centre: Array, size: Array) -> tuple[Array, Array]:
    """Depth of the first hit of an upright box on the ground (inf = none), and its brightness."""
    low = np.array([centre[0] - size[0] / 2, CAMERA_HEIGHT_M - size[1], centre[2] - size[2] / 2])
    high = np.array([centre[0] + size[0] / 2, CAMERA_HEIGHT_M, centre[2] + size[2] / 2])
    near, far = np.full(x.shape, low[2]), np.full(x.shape, high[2])
    side = np.zeros(x.shape, bool)
    for direction, a, b in ((x, low[0], high[0]), (y, low[1], high[1])):
        safe = np.where(np.abs(direction) < 1e-9, 1e-9, direction)
        first, second = np.minimum(a / safe, b / safe), np.maximum(a / safe, b / safe)
        side |= first > near
        near, far = np.maximum(near, first), np.minimum(far, second)
    hit = np.where((near <= far) & (near > 0.5), near, np.inf)
    return hit, np.where(side, 0.7, 1.0)


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("python -m training.toy", __doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--frames", type=ranged("frames"), default=50, help="of each world")
    parser.add_argument("--width", type=ranged("width"), default=414)
    parser.add_argument("--height", type=ranged("height"), default=160)
    args = parser.parse_args(argv)
    worlds = ("0001", "0002", "0006", "0018", "0020")
    return run(lambda: write(args.out, worlds, args.frames, args.width, args.height), args)


if __name__ == "__main__":
    sys.exit(main())
