"""A whole scene from a seed: static world, textures, actors, and the ego vehicle's path."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Float32, Mesh
from depth_seg_ros.virtual_world.places.greenery import build_greenery
from depth_seg_ros.virtual_world.places.layout import Layout
from depth_seg_ros.virtual_world.places.parameters import STYLES, SceneParameters
from depth_seg_ros.virtual_world.places.plots import PlantStock, Site, build_plots
from depth_seg_ros.virtual_world.places.terrain import Ground, build_terrain
from depth_seg_ros.virtual_world.street.axis import RoadAxis
from depth_seg_ros.virtual_world.street.furniture import build_furniture
from depth_seg_ros.virtual_world.street.markings import build_markings
from depth_seg_ros.virtual_world.street.roads import build_roads
from depth_seg_ros.virtual_world.textures.palette import Palette
from depth_seg_ros.virtual_world.textures.texture_set import TextureLibrary, TextureSet
from depth_seg_ros.virtual_world.textures.wardrobe import dress_scene
from depth_seg_ros.virtual_world.traffic.actors import Actor
from depth_seg_ros.virtual_world.traffic.cast import Cast
from depth_seg_ros.virtual_world.traffic.simulation import Traffic, simulate


@dataclass(frozen=True)
class Scene:
    """Everything a renderer needs, in world axes (x right, y up, z forward, metres)."""

    parameters: SceneParameters
    static: Mesh
    textures: TextureSet
    actors: tuple[Actor, ...]
    axis: RoadAxis
    traffic: Traffic

    @property
    def style(self) -> str:
        """city, suburb, country or highway."""
        return self.parameters.style

    @property
    def duration_s(self) -> float:
        """Length of the drive; later times show its last moment."""
        return self.parameters.duration_s

    @property
    def bounds(self) -> tuple[Float32, Float32]:
        """Lowest and highest corner of the static world."""
        return self.static.bounds()

    def camera_path(self, t_s: float) -> tuple[Float32, float]:
        """(point [3] on the ego lane's surface below the camera, heading in radians from +z)."""
        s = float(np.interp(t_s, self.traffic.times, self.traffic.ego_s))
        point = self.axis.at(s, self.traffic.ego_lane.center_m)
        return point.astype(np.float32), float(self.axis.heading_at(s))

    def ego_speed(self, t_s: float) -> float:
        """Speed of the ego vehicle in metres per second."""
        times, path = self.traffic.times, self.traffic.ego_s
        return float(np.interp(t_s, times, np.gradient(path, times)))


def build_scene(seed: int, style: str | None = None) -> Scene:
    """The scene of a seed, the same on every run (on another kind of processor up to rounding);
    raises VirtualWorldError for an unknown style (any of STYLES, or None: the seed chooses)."""
    parameters = SceneParameters.of_seed(seed, style)
    library = TextureLibrary()
    dress_scene(library, parameters.rng("textures"))
    palette = Palette(library, parameters.rng("wash"))
    layout = Layout(parameters)
    season = np.asarray(parameters.surroundings.season_tint)
    stock = PlantStock(palette, parameters.rng("plants"), season)
    site = Site(MeshBuilder(), layout, Ground(layout), palette, stock)
    build_roads(site.builder, layout, palette)
    build_markings(site.builder, layout, palette)
    build_terrain(site.builder, layout, site.ground, palette)
    build_plots(site)
    build_furniture(site)
    build_greenery(site)
    traffic = simulate(layout)
    actors = Cast(site, traffic).fill()
    return Scene(parameters, site.builder.build(), library.build(), actors, layout.axis, traffic)


__all__ = ["STYLES", "Scene", "build_scene"]
