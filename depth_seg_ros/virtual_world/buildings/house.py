"""How a building (`BuildingSpec`) is drawn at random, and its making.

Local frame: the street front lies in the plane z = 0 and faces -z, x runs along it, y is up;
the ground floor is at y = 0 and walls reach below it, for sloping ground.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.buildings import facade, parts, roofs
from depth_seg_ros.virtual_world.buildings.facade import Plane
from depth_seg_ros.virtual_world.buildings.spec import BuildingSpec, Look
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.textures.palette import Palette

Float = NDArray[np.floating[Any]]
Generator = np.random.Generator

PLASTER = np.array(
    [
        [0.93, 0.90, 0.82],
        [0.90, 0.80, 0.60],
        [0.86, 0.68, 0.52],
        [0.93, 0.93, 0.92],
        [0.72, 0.74, 0.76],
        [0.80, 0.84, 0.72],
        [0.76, 0.58, 0.50],
        [0.68, 0.62, 0.54],
        [0.85, 0.76, 0.70],
        [0.62, 0.66, 0.72],
        [0.96, 0.92, 0.70],
    ]
)
SHEET = np.array(
    [
        [0.75, 0.77, 0.78],
        [0.42, 0.52, 0.62],
        [0.52, 0.60, 0.50],
        [0.82, 0.78, 0.66],
        [0.55, 0.30, 0.25],
        [0.35, 0.37, 0.40],
    ]
)


def _tint(rng: Generator, colors: Float) -> tuple[float, float, float]:
    """A colour of a list, varied; sRGB-looking values become linear tints."""
    color = np.clip(colors[rng.integers(len(colors))] * rng.uniform(0.9, 1.06, 3), 0.02, 1.0)
    linear = color**1.6
    return (float(linear[0]), float(linear[1]), float(linear[2]))


def _gray(rng: Generator, low: float, high: float) -> tuple[float, float, float]:
    value = float(rng.uniform(low, high))
    return (value, value, value * 0.97)


def draw_spec(kind: str, rng: Generator, storeys: tuple[int, int]) -> BuildingSpec:
    """A random building of a kind: townhouse, shophouse, block, office, house, rowhouse, shed,
    barn."""
    u = rng.uniform
    brick = f"brick_{rng.integers(3)}"
    plaster = f"plaster_{rng.integers(3)}"
    masonry = brick if rng.random() < 0.35 else ("stone" if rng.random() < 0.12 else plaster)
    floors = int(rng.integers(storeys[0], storeys[1] + 1))
    tiles = f"roof_tile_{rng.integers(2)}"
    wall_tint = _tint(rng, PLASTER) if masonry == plaster else _gray(rng, 0.8, 1.05)
    base: dict[str, Any] = _given(
        kind=kind,
        storeys=floors,
        storey_m=float(u(2.8, 3.3)),
        plinth_m=float(u(0.05, 0.5)),
        wall=masonry,
        wall_tint=wall_tint,
        base=masonry,
        base_tint=wall_tint,
        trim_tint=_gray(rng, 0.45, 0.85),
        roof="gable",
        roof_pitch=float(u(0.55, 1.1)),
        roof_texture=tiles,
        windows=int(rng.integers(3)),
        bay_m=float(u(2.2, 3.2)),
        window_share=float(u(0.38, 0.55)),
        window_height=float(u(0.46, 0.6)),
        reveal_m=float(u(0.10, 0.24)),
        surround=bool(rng.random() < 0.35),
        shutters=bool(rng.random() < 0.12),
        balconies="none",
        ground_floor="windows",
        ribbon="per_bay",
        dormers=bool(rng.random() < 0.4),
    )
    base.update(_KINDS[kind](rng, floors))
    if base["wall"] != masonry and base["base"] == masonry:  # the kind has walls of its own
        base.update(base=base["wall"], base_tint=base["wall_tint"])
    return BuildingSpec(**base)


def _given(**values: Any) -> dict[str, Any]:
    """Field values of a BuildingSpec, by name."""
    return values


def _townhouse(rng: Generator, floors: int) -> dict[str, Any]:
    stone_base = rng.random() < 0.35
    extra = _given(base="stone", base_tint=_gray(rng, 0.7, 1.0)) if stone_base else {}
    return _given(
        width_m=float(rng.uniform(7, 17)),
        depth_m=float(rng.uniform(9, 13)),
        storey_m=float(rng.uniform(2.9, 3.7)),
        surround=bool(rng.random() < 0.55),
        roof=str(rng.choice(["gable", "gable", "mansard", "flat", "gable_front"])),
        balconies="railing" if rng.random() < 0.25 else "none",
        **extra,
    )


def _shophouse(rng: Generator, floors: int) -> dict[str, Any]:
    return _townhouse(rng, floors) | _given(
        ground_floor="shop", storeys=max(2, floors), plinth_m=float(rng.uniform(0.02, 0.12))
    )


def _block(rng: Generator, floors: int) -> dict[str, Any]:
    return _given(
        width_m=float(rng.uniform(14, 30)),
        depth_m=float(rng.uniform(11, 14)),
        storeys=max(3, floors),
        wall=str(rng.choice(["panel", "plaster_0", "plaster_1", "concrete", "brick_0"])),
        wall_tint=_tint(rng, PLASTER),
        storey_m=float(rng.uniform(2.75, 3.0)),
        roof="flat" if rng.random() < 0.75 else "hip",
        roof_pitch=0.4,
        balconies=str(rng.choice(["none", "railing", "panel", "panel"])),
        bay_m=float(rng.uniform(2.8, 4.0)),
        window_share=float(rng.uniform(0.4, 0.7)),
        surround=False,
        shutters=False,
        dormers=False,
        ground_floor=str(rng.choice(["windows", "windows", "shop", "garage"])),
    )


def _office(rng: Generator, floors: int) -> dict[str, Any]:
    return _given(
        width_m=float(rng.uniform(16, 36)),
        depth_m=float(rng.uniform(12, 16)),
        storeys=max(3, floors + 1),
        wall=str(rng.choice(["panel", "concrete", "stone"])),
        wall_tint=_gray(rng, 0.55, 1.0),
        storey_m=float(rng.uniform(3.2, 3.7)),
        roof="flat",
        balconies="none",
        ribbon=str(rng.choice(["ribbon", "curtain"])),
        bay_m=float(rng.uniform(1.8, 3.0)),
        window_share=0.9,
        window_height=0.5,
        surround=False,
        shutters=False,
        dormers=False,
        ground_floor=str(rng.choice(["glass", "shop", "windows"])),
    )


def _house(rng: Generator, floors: int) -> dict[str, Any]:
    return _given(
        width_m=float(rng.uniform(8, 13)),
        depth_m=float(rng.uniform(8, 11)),
        storeys=min(floors, 2),
        roof=str(rng.choice(["gable", "gable_front", "hip"])),
        bay_m=float(rng.uniform(2.6, 3.8)),
        window_share=float(rng.uniform(0.3, 0.5)),
        window_height=float(rng.uniform(0.38, 0.5)),
        plinth_m=float(rng.uniform(0.2, 0.8)),
        shutters=bool(rng.random() < 0.25),
        balconies="railing" if floors > 1 and rng.random() < 0.2 else "none",
    )


def _rowhouse(rng: Generator, floors: int) -> dict[str, Any]:
    return _given(
        width_m=float(rng.uniform(5.2, 7)),
        depth_m=float(rng.uniform(9, 11)),
        storeys=2,
        roof="gable",
        bay_m=float(rng.uniform(2.4, 3.2)),
    )


def _shed(rng: Generator, floors: int) -> dict[str, Any]:
    return _given(
        width_m=float(rng.uniform(20, 45)),
        depth_m=float(rng.uniform(14, 26)),
        storeys=1,
        storey_m=float(rng.uniform(5, 9)),
        wall="corrugated",
        wall_tint=_tint(rng, SHEET),
        base="concrete",
        base_tint=_gray(rng, 0.7, 1.0),
        roof=str(rng.choice(["flat", "gable_front"])),
        roof_pitch=0.15,
        roof_texture="roof_flat",
        plinth_m=0.05,
        bay_m=float(rng.uniform(5, 7)),
        ground_floor="garage",
        surround=False,
        shutters=False,
        dormers=False,
    )


def _barn(rng: Generator, floors: int) -> dict[str, Any]:
    return _given(
        width_m=float(rng.uniform(12, 24)),
        depth_m=float(rng.uniform(9, 13)),
        storeys=1,
        storey_m=float(rng.uniform(3.4, 5)),
        roof_pitch=0.8,
        wall=str(rng.choice(["wood", "brick_0", "rubble", "plaster_2"])),
        wall_tint=_tint(rng, np.array([[0.55, 0.42, 0.32], [0.75, 0.7, 0.65], [0.5, 0.27, 0.22]])),
        roof="gable",
        ground_floor="garage",
        bay_m=float(rng.uniform(4, 6)),
        surround=False,
        shutters=False,
        dormers=False,
        plinth_m=0.1,
    )


_KINDS = {
    "townhouse": _townhouse,
    "shophouse": _shophouse,
    "block": _block,
    "office": _office,
    "house": _house,
    "rowhouse": _rowhouse,
    "shed": _shed,
    "barn": _barn,
}


def _look(spec: BuildingSpec, palette: Palette) -> Look:
    return Look(
        wall=palette(spec.wall, "building", spec.wall_tint),
        base=palette(spec.base, "building", spec.base_tint),
        trim=palette("plain", "building", spec.trim_tint),
        roof=palette(spec.roof_texture, "building"),
        panes=palette(f"windows_{spec.windows}", "building"),
        dark=palette("plain", "building", 0.08),
    )


def build_building(spec: BuildingSpec, palette: Palette, rng: Generator, detail: int) -> Mesh:
    """The building in its local frame. detail: 2 = relief on front and sides, 1 = relief on the
    front only, 0 = flat windows."""
    builder = MeshBuilder()
    look = _look(spec, palette)
    half, depth = spec.width_m / 2, spec.depth_m
    walls = (
        (
            Plane(np.array([-half, 0, 0]), np.array([1.0, 0, 0]), np.array([0, 0, -1.0])),
            spec.width_m,
            detail >= 1,
            True,
        ),
        (
            Plane(np.array([half, 0, 0]), np.array([0, 0, 1.0]), np.array([1.0, 0, 0])),
            depth,
            detail >= 2,
            False,
        ),
        (
            Plane(np.array([-half, 0, depth]), np.array([0, 0, -1.0]), np.array([-1.0, 0, 0])),
            depth,
            detail >= 2,
            False,
        ),
        (
            Plane(np.array([half, 0, depth]), np.array([-1.0, 0, 0]), np.array([0, 0, 1.0])),
            spec.width_m,
            False,
            False,
        ),
    )
    for plane, width, relief, front in walls:
        parts.build_wall(
            builder, spec, look, palette, plane, width, rng, relief=relief, front=front
        )
    roofs.build_roof(builder, spec, look, palette, rng, detail)
    return builder.build()


__all__ = ["BuildingSpec", "Look", "build_building", "draw_spec", "facade"]
