"""Procedural assets: vehicles, people, cyclists, plants, each a Mesh from a seeded generator.

Every ``make_*`` function is deterministic for the state of the generator it is given, stands its
thing on the ground at the origin and faces +z. ``layers`` maps the names of ``asset_textures`` to
indices in the scene's TextureSet.
"""

from depth_seg_ros.virtual_world.assets.cyclist import make_bicycle, make_cyclist
from depth_seg_ros.virtual_world.assets.person import make_person
from depth_seg_ros.virtual_world.assets.textures import asset_textures
from depth_seg_ros.virtual_world.assets.tree import make_tree
from depth_seg_ros.virtual_world.assets.tree_kinds import TREES
from depth_seg_ros.virtual_world.assets.undergrowth import make_bush, make_grass, make_hedge
from depth_seg_ros.virtual_world.assets.vehicle import VEHICLE_KINDS, make_vehicle

__all__ = [
    "TREES",
    "VEHICLE_KINDS",
    "asset_textures",
    "make_bicycle",
    "make_bush",
    "make_cyclist",
    "make_grass",
    "make_hedge",
    "make_person",
    "make_tree",
    "make_vehicle",
]
