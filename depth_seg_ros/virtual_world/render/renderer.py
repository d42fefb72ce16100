"""A scene, a camera and light in; picture, depth and ids out.

    renderer = Renderer(scene.static, scene.textures.mip_maps(), intrinsics, moving=[car, person])
    image = renderer.render([Placement(0, turn, place)], pose, environment)

Convention: poses are in world axes (x right, y up, z forward); depth is z in front of the camera's
plane at the exact centre of the pixel, at most ``FAR_M``, +Inf for the sky.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.types import Float32Array, Intrinsics, UInt8Array
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.light.camera_model import (
    CameraModel,
    add_glare,
    develop,
    metered_gain,
    steadied,
)
from depth_seg_ros.virtual_world.light.environment import Environment
from depth_seg_ros.virtual_world.light.lamps import (
    NO_LAMPS,
    HeadLights,
    LampField,
    beams,
    find_head_lights,
    find_lamps,
)
from depth_seg_ros.virtual_world.light.sky import Light, paint_light
from depth_seg_ros.virtual_world.render.after_dark import Extras, wants_extras
from depth_seg_ros.virtual_world.render.geometry import (
    Transforms,
    pack_geometry,
    rest_transforms,
)
from depth_seg_ros.virtual_world.render.holes import close_holes
from depth_seg_ros.virtual_world.render.jit import Workers
from depth_seg_ros.virtual_world.render.mipmaps import MipMaps
from depth_seg_ros.virtual_world.render.occlusion import contact_occlusion
from depth_seg_ros.virtual_world.render.project import Pinhole, Projected
from depth_seg_ros.virtual_world.render.rain import add_rain, add_snowfall
from depth_seg_ros.virtual_world.render.raster import resolve_truth
from depth_seg_ros.virtual_world.render.shading import View, World, shade
from depth_seg_ros.virtual_world.render.shadow import (
    LightMap,
    aim,
    bake_sky_visibility,
    draw_light_map,
)
from depth_seg_ros.virtual_world.render.visibility import draw_view

FAR_M = 655.34
"""Farthest depth a surface can have: what 16 bits of centimetres can tell from sky."""

_STILL_SHADOW_SIZE = 4096
_MOVING_SHADOW_SIZE = 1024
_MOVING_REACH_M = 70.0


@dataclass(frozen=True)
class CameraPose:
    """position f8 [3]; rotation f8 [3, 3]: columns are the camera's right, up, forward."""

    position: NDArray[np.float64]
    rotation: NDArray[np.float64]

    @staticmethod
    def looking(
        position: Sequence[float] | NDArray[np.float64],
        yaw: float,
        pitch: float = 0.0,
        roll: float = 0.0,
    ) -> CameraPose:
        """Angles in radians: yaw from +z towards +x, pitch upwards, roll clockwise."""
        cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
        forward = np.array([sy * cp, sp, cy * cp])
        right = np.array([cy, 0.0, -sy])
        up = np.cross(forward, right)
        cr, sr = np.cos(roll), np.sin(roll)
        right, up = cr * right - sr * up, sr * right + cr * up
        return CameraPose(np.asarray(position, np.float64), np.stack([right, up, forward], 1))

    def world_to_camera(self) -> NDArray[np.float64]:
        """f8 [3, 4] to camera axes right, up, forward."""
        turn = self.rotation.T
        return np.concatenate([turn, -(turn @ self.position)[:, None]], 1)


@dataclass(frozen=True)
class Placement:
    """Where a mesh (index into the renderer's ``moving``) is: world = rotation p + position."""

    index: int
    rotation: NDArray[np.floating]
    position: NDArray[np.floating]


@dataclass(frozen=True)
class Rendered:
    """rgb u1 [H, W, 3]; depth_m f4 [H, W], +Inf = sky; class_id u1; instance_id u2 (0 = none)."""

    rgb: UInt8Array
    depth_m: Float32Array
    class_id: UInt8Array
    instance_id: NDArray[np.uint16]


@dataclass(frozen=True)
class Visible:
    """What a camera sees of the geometry, before any light: ground truth and visibility buffer."""

    pose: CameraPose
    transforms: Transforms
    screen: Projected
    winner: NDArray[np.int32]
    depth_m: Float32Array
    class_id: UInt8Array
    instance_id: NDArray[np.uint16]


class Renderer:
    """Draws one scene with one camera. Geometry is packed and baked once, here."""

    def __init__(
        self,
        static: Mesh,
        textures: MipMaps,
        camera: Intrinsics,
        moving: Sequence[Mesh] = (),
        *,
        threads: int | None = 1,
        head_lights_m: float | None = None,
    ) -> None:
        """``head_lights_m``: how high the camera hangs above a road, if its carrier has lamps."""
        self.camera = camera
        self._head_lights_m = head_lights_m
        self._pinhole = Pinhole(
            camera.width, camera.height, camera.fx, camera.fy, camera.cx, camera.cy
        )
        self._workers = Workers(threads)
        self._textures = textures
        self._geometry = pack_geometry(static, moving)
        self._bounds = _bounds(static)
        self._bake(moving)
        self._still: dict[Environment, LightMap] = {}

    def close(self) -> None:
        """End the threads."""
        self._workers.close()

    def look(self, actors: Sequence[Placement] | None, pose: CameraPose) -> Visible:
        """Depth, ids and visibility from a pose: the part that no light changes."""
        transforms = self._transforms(actors or ())
        camera = self._pinhole
        screen, samples = draw_view(
            self._geometry, transforms, pose.world_to_camera(), camera, self._textures,
            self._workers,
        )  # fmt: skip
        shape = (camera.height, camera.width)
        depth = np.empty(shape, np.float32)
        class_id, instance_id = np.empty(shape, np.uint8), np.empty(shape, np.uint16)
        sky = CITYSCAPES.id("sky")
        self._workers.run(
            camera.height,
            lambda a, b: resolve_truth(
                samples.winner, screen.plane, self._geometry.triangle, np.float32(FAR_M), sky,
                a, b, depth, class_id, instance_id,
            ),
        )  # fmt: skip
        close_holes(class_id, depth, camera.fx)
        return Visible(pose, transforms, screen, samples.winner, depth, class_id, instance_id)

    def radiance(self, view: Visible, environment: Environment) -> NDArray[np.float32]:
        """Linear light f4 [H, W, 3] of what is visible."""
        light = light_of(environment)
        contact = contact_occlusion(
            view.depth_m, view.winner, view.screen.plane, self._pinhole, self._workers
        )
        world = World(
            view.screen.plane, self._geometry.triangle, view.transforms.matrix, self._textures,
            light, self._still_shadow(environment, light), self._moving_shadow(view, light),
            contact, self._extras(view, environment),
        )  # fmt: skip
        eye = View(
            self._pinhole,
            view.pose.position.astype(np.float32),
            np.ascontiguousarray(view.pose.rotation.T, np.float32),
        )
        return shade(view.winner, eye, world, self._workers)

    def render(
        self,
        actors: Sequence[Placement] | None,
        pose: CameraPose,
        environment: Environment,
        model: CameraModel | None = None,
        seed: int = 0,
    ) -> Rendered:
        """One frame, exposed on its own."""
        view = self.look(actors, pose)
        rgb, _ = self.develop(view, environment, model or CameraModel(), seed)
        return Rendered(rgb, view.depth_m, view.class_id, view.instance_id)

    def develop(
        self,
        view: Visible,
        environment: Environment,
        model: CameraModel,
        seed: int,
        previous_gain: float | None = None,
        elapsed_s: float = 0.0,
    ) -> tuple[UInt8Array, float]:
        """(picture, exposure gain); with the gain of the frame before, exposure follows slowly."""
        light = self.radiance(view, environment)
        if environment.rain > 0:
            add_rain(light, environment.rain, self.camera.fx, seed)
        if environment.snowfall > 0:
            add_snowfall(light, environment.snowfall, self.camera.fx, seed)
        if environment.glare > 0:
            add_glare(light, environment.glare)
        metered = metered_gain(light) * 2.0**environment.exposure_ev
        gain = steadied(metered, previous_gain, elapsed_s)
        return develop(light, model, gain, seed), gain

    def _transforms(self, actors: Sequence[Placement]) -> Transforms:
        transforms = rest_transforms(self._geometry.bodies)
        for actor in actors:
            transforms.matrix[actor.index + 1, :, :3] = actor.rotation
            transforms.matrix[actor.index + 1, :, 3] = actor.position
            transforms.shown[actor.index + 1] = 1
        return transforms

    def _bake(self, moving: Sequence[Mesh]) -> None:
        """Sky visibility of the world, and of every moving mesh standing alone on a plain."""
        low, high = self._bounds
        still = rest_transforms(self._geometry.bodies)
        bake_sky_visibility(self._geometry, still, self._textures, low, high, self._workers)
        if not moving:
            return
        apart = rest_transforms(self._geometry.bodies)
        apart.shown[:] = 1
        apart.shown[0] = 0
        side = int(np.ceil(np.sqrt(len(moving))))
        pitch = 1.5 * max(_diameter(mesh) for mesh in moving)
        for k in range(len(moving)):
            apart.matrix[k + 1, :, 3] = (k % side * pitch, 0.0, k // side * pitch)
        reach = np.array([side * pitch, pitch, side * pitch])
        bake_sky_visibility(
            self._geometry, apart, self._textures, np.full(3, -pitch), reach, self._workers
        )

    @cached_property
    def _street_lamps(self) -> LampField:
        return find_lamps(self._geometry)

    @cached_property
    def _head_lights(self) -> HeadLights:
        return find_head_lights(self._geometry)

    def _extras(self, view: Visible, environment: Environment) -> Extras | None:
        """What the environment adds to sun and sky."""
        if not wants_extras(environment):
            return None
        lamps = NO_LAMPS
        beam: NDArray[np.float32] = np.zeros((0, 7), np.float32)
        if environment.lamps > 0:
            lamps = self._street_lamps
            beam = beams(
                self._head_lights, view.transforms, view.pose.position, view.pose.rotation,
                self._head_lights_m,
            )  # fmt: skip
        return Extras(environment.snow, environment.autumn, environment.lamps, lamps, beam)

    def _still_shadow(self, environment: Environment, light: Light) -> LightMap:
        if environment not in self._still:
            self._still.clear()  # one map is 64 MiB
            if light.sun_color.max() <= 0:
                self._still[environment] = _NO_SHADOW
            else:
                low, high = self._bounds
                still = aim(light.sun_direction.astype(np.float64), low, high, _STILL_SHADOW_SIZE)
                rest = rest_transforms(self._geometry.bodies)
                draw_light_map(still, self._geometry, rest, self._textures, (0, 1), self._workers)
                self._still[environment] = still
        return self._still[environment]

    def _moving_shadow(self, view: Visible, light: Light) -> LightMap:
        if light.sun_color.max() <= 0 or not view.transforms.shown[1:].any():
            return _NO_SHADOW
        center = view.pose.position + 0.7 * _MOVING_REACH_M * view.pose.rotation[:, 2]
        center[1] = view.pose.position[1]
        reach = np.array([_MOVING_REACH_M, 5.0, _MOVING_REACH_M])
        map_ = aim(
            light.sun_direction.astype(np.float64), center - reach, center + reach,
            _MOVING_SHADOW_SIZE,
        )  # fmt: skip
        draw_light_map(
            map_, self._geometry, view.transforms, self._textures,
            (1, self._geometry.bodies), self._workers,
        )  # fmt: skip
        return map_


_NO_SHADOW = LightMap(np.zeros((3, 4)), np.zeros((1, 1), np.float32), 0.0)


@lru_cache(maxsize=4)
def light_of(environment: Environment) -> Light:
    """Painted once an environment."""
    return paint_light(environment)


def _bounds(mesh: Mesh) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Box that matters for light: all of the mesh but its farthest outliers (distant hills)."""
    if not len(mesh):
        return np.full(3, -1.0), np.full(3, 1.0)
    corners = mesh.position.reshape(-1, 3)
    low, high = np.quantile(corners, [0.002, 0.998], axis=0)
    return low.astype(np.float64) - 1.0, high.astype(np.float64) + 1.0


def _diameter(mesh: Mesh) -> float:
    low, high = mesh.bounds()
    return float(2 * np.abs([low, high]).max()) + 1.0
