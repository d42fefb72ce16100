"""How the parts of vehicles look: one table of slots, filled in per instance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world.assets.livery_textures import LIVERIES, MIRROR
from depth_seg_ros.virtual_world.assets.paints import Rgb, vary
from depth_seg_ros.virtual_world.geometry.dress import Look
from depth_seg_ros.virtual_world.geometry.mesh import Surface

CAR_ID, TRUCK_ID, BUS_ID = (CITYSCAPES.id(name) for name in ("car", "truck", "bus"))
_GLASS = Surface.GLASS | Surface.GLOSSY
_INSET = 0.004  # keeps filtering from fetching the neighbour's texels


def tile(column: int, row: int, columns: int, rows: int) -> tuple[float, float, float, float]:
    """One cell of an atlas, (0, 0) at the lower left."""
    w, h = 1 / columns, 1 / rows
    return (column * w + _INSET, row * h + _INSET, w - 2 * _INSET, h - 2 * _INSET)


class _Looks(NamedTuple):
    """Makes looks of one class."""

    class_id: int

    def __call__(
        self,
        layer: str,
        tint: Rgb = (1.0, 1.0, 1.0),
        flags: Surface = Surface.PLAIN,
        part: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0),
    ) -> Look:
        return Look(layer, self.class_id, tint, flags, part)


def vehicle_looks(
    rng: np.random.Generator,
    class_id: int,
    paint: Rgb,
    *,
    brake: bool,
    headlights: bool,
    tidy: float = 1.0,
    driven: bool = False,
) -> dict[str, Look]:
    """Looks of every slot that cars, vans, lorries and buses share.

    ``tidy`` < 1 darkens and yellows the paint as dirt does. ``driven`` ones have their lamps on
    after dark.
    """
    glossy, plain = Surface.GLOSSY, Surface.PLAIN
    after_dark = Surface.LAMP if driven else plain
    body = _dusty(paint, 1 - tidy)
    lamp = int(rng.integers(8))
    head = tile(lamp % 4, 2 + lamp // 4, 4, 4)
    lamp = int(rng.integers(8))
    tail = tile(lamp % 4, lamp // 4, 4, 4)
    grille = int(rng.integers(4))
    plate = int(rng.integers(12))
    yellow = rng.random() < 0.15
    metal = float(rng.choice([0.60, 0.45, 0.28, 0.10]))
    rim = int(rng.choice(4, p=[0.32, 0.26, 0.24, 0.18]))
    grille_tint = (1.0, 1.0, 1.0) if rng.random() < 0.6 else (0.25, 0.25, 0.25)

    look = _Looks(class_id)
    return {
        "body": look("paint", body, glossy),
        "body_side": look("car_side", body, glossy),
        "body_end": look("car_end", body, glossy),
        "body_top": look("car_top", body, glossy),
        "plastic": look("paint", vary(rng, (0.022, 0.022, 0.024))),
        "trim": look("paint", (0.010, 0.010, 0.011), glossy),
        "dark": look("paint", (0.006, 0.006, 0.006)),
        "rail": look(
            "paint", (0.42, 0.43, 0.44) if rng.random() < 0.6 else (0.02, 0.02, 0.02), glossy
        ),
        "glass_front": look("car_glass", (1, 1, 1), _GLASS, (0.0, 0.0, 0.5, 0.5)),
        "glass_side": look("car_glass", (1, 1, 1), _GLASS, (0.0, 0.5, 1.0, 0.5)),
        "glass_rear": look("car_glass", (1, 1, 1), _GLASS, (0.5, 0.0, 0.5, 0.5)),
        "mirror_glass": look("paint", (0.16, 0.18, 0.20), _GLASS),
        "headlamp": look(
            "lamps",
            (0.55, 0.55, 0.52) if headlights else (0.9, 0.9, 0.9),
            glossy | after_dark | (Surface.EMISSIVE if headlights else plain),
            head,
        ),
        "tail_lamp": look(
            "lamps",
            (0.50, 0.30, 0.25) if brake else (0.9, 0.9, 0.9),
            glossy | after_dark | (Surface.EMISSIVE if brake else plain),
            tail,
        ),
        "brake_lamp": look(
            "paint",
            (0.40, 0.015, 0.015) if brake else (0.10, 0.008, 0.008),
            glossy | (Surface.EMISSIVE if brake else plain),
        ),
        "fog_lamp": look("paint", (0.30, 0.31, 0.32), glossy),
        "reflector": look("paint", (0.30, 0.012, 0.012), glossy),
        "grille": look("grilles", grille_tint, plain, tile(grille % 2, grille // 2, 2, 2)),
        "intake": look("grilles", (0.35, 0.35, 0.35), plain, (0.52, 0.02, 0.40, 0.2)),
        "plate_front": look("plates", part=tile(plate % 2, plate // 2, 2, 8)),
        "plate_rear": look(
            "plates", part=tile(plate % 2, 6 + plate // 2 % 2 if yellow else plate // 2, 2, 8)
        ),
        "tyre": look("tyre", (0.9, 0.9, 0.9)),
        "tread": look("tyre", (0.8, 0.8, 0.8)),
        "rim": look("rims", (metal, metal, metal * 1.01), glossy, tile(rim % 2, rim // 2, 2, 2)),
    }


def _dusty(paint: Rgb, dust: float) -> Rgb:
    """Paint under a film of road dust."""
    c = np.asarray(paint) * (1 - 0.45 * dust) * (1 - dust) + dust * np.array([0.13, 0.11, 0.08])
    return float(c[0]), float(c[1]), float(c[2])


def heavy_looks(rng: np.random.Generator, class_id: int, paint: Rgb) -> dict[str, Look]:
    """Looks of the slots that only lorries and buses have."""
    glossy, plain = Surface.GLOSSY, Surface.PLAIN
    white = rng.random() < 0.55
    load = vary(rng, (0.72, 0.72, 0.71), 0.08) if white else vary(rng, paint, 0.2)
    tarp = [
        (0.62, 0.62, 0.60),
        (0.05, 0.11, 0.34),
        (0.34, 0.03, 0.03),
        (0.05, 0.20, 0.12),
        (0.55, 0.38, 0.05),
        (0.10, 0.10, 0.11),
    ][int(rng.integers(6))]
    strip = 0.5 * float(rng.integers(2))
    row = int(rng.integers(8))
    edge = (0.40, 0.41, 0.42) if rng.random() < 0.6 else (0.03, 0.03, 0.03)

    look = _Looks(class_id)
    looks = {
        "cargo_side": look("cargo", load, plain, (0.002, strip + 0.004, 0.996, 0.492)),
        "cargo_plain": look("panel", load),
        "cargo_rear": look("cargo_rear", load),
        "curtain": look("curtain", vary(rng, tarp)),
        "tipper": look("panel", vary(rng, tarp)),
        "tank": look("paint", (0.50, 0.51, 0.52) if white else vary(rng, tarp), glossy),
        "edge": look("paint", edge, glossy),
        "metal": look("paint", (0.33, 0.34, 0.35), glossy),
        "amber": look("paint", (0.75, 0.25, 0.02)),
        "stripes": look("paint", (0.35, 0.35, 0.35)),
        "bus_glass": look("bus_glass", (1, 1, 1), _GLASS),
        "bus_door": look("bus_door", (1, 1, 1), _GLASS),
        "body_panel": look("bus_panel", paint, glossy),
        "display": look(
            "signs_dynamic", (0.5, 0.5, 0.5), Surface.EMISSIVE, (0.0, row / 8 + 0.004, 1.0, 0.117)
        ),
    }
    return looks | _livery(rng, look)


_PRINTED = ("cargo_side", "curtain", "tank", "tipper", "cargo_rear", "cargo_plain", "body_panel")


def _livery(rng: np.random.Generator, look: _Looks) -> dict[str, Look]:
    """What most lorries wear instead: prints of their own, polished steel on tanks."""
    tint = vary(rng, (0.62, 0.62, 0.61), 0.12)
    worn = {
        slot: look(LIVERIES[int(rng.integers(len(LIVERIES)))], tint)
        for slot in _PRINTED
        if rng.random() < 0.5
    }
    if rng.random() < 0.35:
        worn["tank"] = look(MIRROR, tint, Surface.GLOSSY)
    return worn
