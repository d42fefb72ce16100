"""Buildings of many kinds, each from a drawn description; see :mod:`.house`."""

from depth_seg_ros.virtual_world.buildings.house import BuildingSpec, build_building, draw_spec

__all__ = ["BuildingSpec", "build_building", "draw_spec"]
