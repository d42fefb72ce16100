"""A whole scene from a seed: static world, textures, actors, and the ego vehicle's path."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from depth_seg_ros.virtual_world import places
from depth_seg_ros.virtual_world.course import Course, Mix, draw_legs
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Float32, Mesh
from depth_seg_ros.virtual_world.land.arms import furnish_arms
from depth_seg_ros.virtual_world.land.clutter import build_clutter, odd_materials
from depth_seg_ros.virtual_world.land.fleet import Fleet
from depth_seg_ros.virtual_world.land.greenery import build_greenery
from depth_seg_ros.virtual_world.land.plots import build_plots
from depth_seg_ros.virtual_world.land.site import PlantStock, Site
from depth_seg_ros.virtual_world.land.terrain import Ground, build_backstop, build_terrain
from depth_seg_ros.virtual_world.plan.axis import RoadAxis
from depth_seg_ros.virtual_world.street.borders import build_border
from depth_seg_ros.virtual_world.street.furniture import build_furniture
from depth_seg_ros.virtual_world.street.markings import build_markings
from depth_seg_ros.virtual_world.street.roads import build_roads
from depth_seg_ros.virtual_world.textures.palette import Palette
from depth_seg_ros.virtual_world.textures.texture_set import TextureLibrary, TextureSet
from depth_seg_ros.virtual_world.textures.wardrobe import dress_scene
from depth_seg_ros.virtual_world.traffic.actors import Actor
from depth_seg_ros.virtual_world.traffic.cast import Cast
from depth_seg_ros.virtual_world.traffic.manoeuvres import draw_turn, ego_way
from depth_seg_ros.virtual_world.traffic.rails import rail_actors
from depth_seg_ros.virtual_world.traffic.simulation import Traffic, simulate
from depth_seg_ros.virtual_world.ways import Way

CLUTTER = 0.35
"""Share of places with randomised geometry, unless somebody asks for another."""


@dataclass(frozen=True)
class Scene:
    """Everything a renderer needs, in world axes (x right, y up, z forward, metres)."""

    course: Course
    static: Mesh
    textures: TextureSet
    actors: tuple[Actor, ...]
    traffic: Traffic
    way: Way  # of the ego vehicle

    @property
    def axis(self) -> RoadAxis:
        """The main road's centre line."""
        return self.course.axis

    @property
    def places(self) -> tuple[str, ...]:
        """The kinds of place on the way, in order."""
        return tuple(layout.parameters.place for layout in self.course.layouts)

    def place_at(self, t_s: float) -> str:
        """The kind of place the camera is in at a time."""
        return self.course.at(self.way.s_at(t_s)).parameters.place

    @property
    def duration_s(self) -> float:
        """Length of the drive; later times show its last moment."""
        return self.course.parameters.duration_s

    @property
    def bounds(self) -> tuple[Float32, Float32]:
        """Lowest and highest corner of the static world."""
        return self.static.bounds()

    def camera_path(self, t_s: float) -> tuple[Float32, float]:
        """(point [3] on the surface below the ego vehicle's camera, heading in radians from +z)."""
        point, heading = self.way.at(t_s)
        return point.astype(np.float32), heading

    def ego_speed(self, t_s: float) -> float:
        """Speed of the ego vehicle in metres per second."""
        times, path = self.traffic.times, self.traffic.ego_s
        return float(np.interp(t_s, times, np.gradient(path, times)))


def build_scene(
    seed: int, mix: Mix | None = None, clutter: float = CLUTTER, queues: float = 0.0
) -> Scene:
    """The scene of a seed, the same on every run (on another kind of processor up to rounding);
    ``mix`` weighs the places it may lead through (default: all of them), ``clutter`` is the share
    of places with solids of any shape and odd materials, ``queues`` that of drives that are put
    into a jam beyond those that their places draw."""
    course = Course(draw_legs(seed, mix, queues))
    parameters = course.parameters
    library = TextureLibrary()
    dress_scene(library, parameters.rng("textures"))
    palette = Palette(library, parameters.rng("wash"))
    season = np.asarray(parameters.surroundings.season_tint)
    stock = PlantStock(palette, parameters.rng("plants"), season)
    builder, ground = MeshBuilder(), Ground(course.layouts)
    fleet = Fleet(palette, parameters.rng("models"))
    sites = tuple(Site(builder, a, ground, palette, stock, fleet) for a in course.layouts)
    dice = parameters.rng("odd")
    if dice.random() < clutter:
        palette.odd = odd_materials(dice)
    for site in sites:
        _build(site)
        if dice.random() < clutter:
            build_clutter(site)
    build_backstop(builder, course.layouts, ground, palette)
    for before, after in pairwise(course.layouts):
        build_border(builder, ground, palette, before, after)
    dice = parameters.rng("manoeuvre")
    lane = course.layouts[0].section.forward()[parameters.traffic.ego_lane]
    turn = draw_turn(course, lane, dice)
    traffic = simulate(course, None if turn is None else (turn.start_m, turn.start_m + 30.0))
    way = ego_way(course, traffic, turn, dice)
    actors = Cast(sites, traffic).fill()
    runs = [run for site in sites for run in site.runs]
    trains = rail_actors(runs, traffic, way, fleet.next_instance)
    actors = (*actors, *trains)
    return Scene(course, builder.build(), library.build(), actors, traffic, way)


def _build(site: Site) -> None:
    """Everything of one place that stands still."""
    layout, palette = site.layout, site.palette
    build_roads(site.builder, layout, palette)
    build_markings(site.builder, layout, palette)
    build_terrain(site.builder, layout, site.ground, palette)
    own = places.find(layout.parameters.place).build
    if own is not None:
        own(site)
    build_plots(site)
    build_furniture(site)
    furnish_arms(site)
    build_greenery(site)


__all__ = ["Scene", "build_scene"]
