"""Buildings of many kinds, each from a drawn description; see :mod:`.house`."""

from depth_seg_ros.virtual_world.buildings.house import build_building, draw_spec
from depth_seg_ros.virtual_world.buildings.spec import BuildingSpec

__all__ = ["BuildingSpec", "build_building", "draw_spec"]
