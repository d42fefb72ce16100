"""Contact sheets: what the worlds look like, on one page."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.system.atomic import write_bytes
from depth_seg_ros.types import Float32Array, UInt8Array
from depth_seg_ros.virtual_world.cameras import CameraKind
from depth_seg_ros.virtual_world.course import parse_mix
from depth_seg_ros.virtual_world.data.dataset import scene_seed
from depth_seg_ros.virtual_world.data.drive import Drive, look_of
from depth_seg_ros.virtual_world.data.writers.png import png
from depth_seg_ros.virtual_world.light.environment import MORE, RANDOM, VARIATIONS

LIGHTS = ("clone", "deep-shade", "night")
"""In which every place is shown."""
_GAP = 4
_MAX_SIDE, _MAX_PIXELS = 65_500, 100_000_000
"""Of a sheet: what a JPEG can hold, and what memory should."""


def write_sheet(
    path: Path,
    camera: CameraKind,
    *,
    what: str = "random",
    scenes: int = 12,
    columns: int = 3,
    width: int = 480,
    seed: int = 0,
    places: str | None = None,
) -> None:
    """Draw and write a sheet; the suffix chooses PNG or JPEG."""
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise VirtualWorldError(f"{path.name} is neither .png nor .jpg; choose one of them")
    columns = 3 if what in ("truth", "places") else columns
    _check_size(camera, {"variations": len(VARIATIONS) + len(MORE), "truth": 3 * scenes,
                          "places": len(LIGHTS) * len(parse_mix(places))}.get(what, scenes),
                columns, width)  # fmt: skip
    draw = {"random": _random, "variations": _variations, "truth": _truth, "places": _places}[what]
    pictures = draw(camera, scenes, seed, places)
    sheet = _arranged(pictures, columns, width)
    if path.suffix.lower() == ".png":
        write_bytes(path, png(sheet, level=9))
    else:
        ok, data = cv2.imencode(path.suffix, sheet[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])
        if not ok:
            raise VirtualWorldError(f"cannot encode {path.name}")
        write_bytes(path, data.tobytes())


def _check_size(camera: CameraKind, pictures: int, columns: int, width: int) -> None:
    """Before anything is drawn: VirtualWorldError where the sheet would be empty or too large."""
    if min(pictures, columns, width) < 1:
        raise VirtualWorldError(
            f"{pictures} pictures in {columns} columns, each {width} pixels wide, are no sheet; "
            "give 1 or more of each"
        )
    height = _height(width, camera.intrinsics.height, camera.intrinsics.width)
    size = columns * (width + _GAP), -(-pictures // columns) * (height + _GAP)
    if max(size) > _MAX_SIDE or size[0] * size[1] > _MAX_PIXELS:
        raise VirtualWorldError(
            f"a sheet of {size[0]}x{size[1]} pixels is too large (at most {_MAX_SIDE} a side, "
            f"{_MAX_PIXELS} in all); ask for fewer or narrower pictures"
        )


def _height(width: int, rows: int, columns: int) -> int:
    """Height of a picture of rows x columns pixels drawn ``width`` wide."""
    return max(round(width * rows / columns), 1)


def _random(camera: CameraKind, scenes: int, seed: int, places: str | None) -> list[UInt8Array]:
    """One moment of each of several scenes, each in its own light."""
    pictures = []
    for index in tqdm(range(scenes), unit="scene"):
        own = scene_seed(seed, index)
        with Drive(own, camera, places=places) as drive:
            look = look_of(RANDOM, own)
            t_s = drive.duration_s * float(np.random.default_rng([own, 1]).random())
            pictures.append(drive.picture(drive.look(t_s), look, own)[0])
    return pictures


def _variations(camera: CameraKind, scenes: int, seed: int, places: str | None) -> list[UInt8Array]:
    """Every variation of one moment: Virtual KITTI's ten and the others."""
    own = scene_seed(seed, 0)
    pictures = []
    with Drive(own, camera, places=places) as drive:
        for variation in tqdm((*VARIATIONS, *MORE), unit="variation"):
            look = look_of(variation, own)
            view = drive.look(drive.duration_s / 3, look.yaw)
            pictures.append(drive.picture(view, look, own)[0])
    return pictures


def _truth(camera: CameraKind, scenes: int, seed: int, places: str | None) -> list[UInt8Array]:
    """Picture, depth and labels beside each other, a scene a line."""
    pictures = []
    for index in tqdm(range(scenes), unit="scene"):
        own = scene_seed(seed, index)
        with Drive(own, camera, places=places) as drive:
            view = drive.look(drive.duration_s / 3)
            rgb, _ = drive.picture(view, look_of(RANDOM, own), own)
            pictures += [rgb, depth_picture(view.depth_m), CITYSCAPES.palette()[view.class_id]]
    return pictures


def _places(camera: CameraKind, scenes: int, seed: int, places: str | None) -> list[UInt8Array]:
    """Every kind of place in three lights, a place a line."""
    pictures = []
    for name in tqdm(sorted(parse_mix(places)), unit="place"):
        with Drive(scene_seed(seed, 0), camera, places=name) as drive:
            view = drive.look(drive.duration_s * 0.4)
            for light in LIGHTS:
                pictures.append(drive.picture(view, look_of(light, drive.seed), drive.seed)[0])
    return pictures


def depth_picture(depth_m: Float32Array) -> UInt8Array:
    """Logarithmic colours from 2 m (bright) to 120 m (dark); sky black."""
    near, far = 2.0, 120.0
    share = 1 - np.log(np.clip(depth_m, near, far) / near) / np.log(far / near)
    colored = cv2.applyColorMap((share * 255).astype(np.uint8), cv2.COLORMAP_MAGMA)
    return np.ascontiguousarray(colored[..., ::-1])


def _arranged(pictures: list[UInt8Array], columns: int, width: int) -> UInt8Array:
    """Pictures of one size in rows of ``columns``, each ``width`` pixels wide."""
    height = _height(width, *pictures[0].shape[:2])
    rows = -(-len(pictures) // columns)
    sheet: NDArray[np.uint8] = np.full(
        (rows * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP, 3), 255, np.uint8
    )
    for i, picture in enumerate(pictures):
        y, x = (i // columns) * (height + _GAP), (i % columns) * (width + _GAP)
        small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        sheet[y : y + height, x : x + width] = small
    return sheet
