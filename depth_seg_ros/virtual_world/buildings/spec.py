"""What a building is, and what it is covered with: what its walls, parts and roof are made from."""

from __future__ import annotations

from dataclasses import dataclass

from depth_seg_ros.virtual_world.geometry.mesh import Material

FOUNDATION_M = 2.5
"""How far walls reach below the ground floor."""


@dataclass(frozen=True)
class BuildingSpec:
    """One building, complete: nothing is drawn later but what sits in single windows."""

    kind: str
    width_m: float
    depth_m: float
    storeys: int
    storey_m: float
    plinth_m: float  # ground floor above the ground
    wall: str
    wall_tint: tuple[float, float, float]
    base: str  # covering of the ground floor
    base_tint: tuple[float, float, float]
    trim_tint: tuple[float, float, float]
    roof: str  # gable, gable_front, hip, mansard, flat
    roof_pitch: float  # rise per metre
    roof_texture: str
    windows: int  # atlas
    bay_m: float
    window_share: float  # of the bay's width
    window_height: float  # share of the storey
    reveal_m: float
    surround: bool
    shutters: bool
    balconies: str  # none, railing, panel
    ground_floor: str  # windows, shop, garage, glass, blank
    ribbon: str  # per_bay, ribbon, curtain
    dormers: bool

    @property
    def height_m(self) -> float:
        """Ground floor to eaves."""
        return self.storeys * self.storey_m


@dataclass(frozen=True)
class Look:
    """The materials of one building."""

    wall: Material
    base: Material
    trim: Material
    roof: Material
    panes: Material
    dark: Material
