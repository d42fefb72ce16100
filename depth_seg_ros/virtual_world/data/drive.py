"""A drive through a scene over time: scene, traffic, camera rig, light -> frames with truth.

    with Drive(seed=7, camera=open_camera("car")) as drive:
        for moment in drive.frames(rate_hz=10):
            moment.frame, moment.truth, moment.instance_id, moment.pose

Picture and truth of a moment come from one look at one geometry: they cannot be out of step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros import types
from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.types import Frame, GroundTruth, UInt8Array
from depth_seg_ros.virtual_world.cameras import CameraKind, Rig
from depth_seg_ros.virtual_world.clearance import LOW_M, clear_height, flight
from depth_seg_ros.virtual_world.course import parse_mix
from depth_seg_ros.virtual_world.light.camera_model import CameraModel, random_camera_model
from depth_seg_ros.virtual_world.light.environment import (
    RANDOM,
    Environment,
    variation_environment,
    variation_yaw,
)
from depth_seg_ros.virtual_world.render.renderer import CameraPose, Placement, Renderer, Visible
from depth_seg_ros.virtual_world.scene import CLUTTER, Scene, build_scene
from depth_seg_ros.virtual_world.sidewalk import pavement_way
from depth_seg_ros.virtual_world.stage import Stage
from depth_seg_ros.virtual_world.ways import Way

FRAME_ID = "camera_optical"
_CAR = CITYSCAPES.id("car")
_LAMPS_BELOW_M = 2.6
"""A camera that hangs higher than this is carried by nothing with head lights."""


@dataclass(frozen=True)
class Look:
    """How a variation shows the world: light, camera, extra turn of the camera [rad]."""

    environment: Environment
    camera_model: CameraModel
    yaw: float


@dataclass(frozen=True)
class Moment:
    """One frame, its truth, which thing each pixel shows (0 = none), and from where; mounted: how
    its carrier holds the camera."""

    frame: Frame
    truth: GroundTruth
    instance_id: NDArray[np.uint16]
    pose: CameraPose
    mounted: types.Rig


def look_of(variation: str, seed: int) -> Look:
    """Light and camera of a variation. RANDOM draws a camera model too; the ten official
    variations of a seed share a good one, as Virtual KITTI's do."""
    environment = variation_environment(variation, seed)
    model = CameraModel()
    if variation == RANDOM:
        model = random_camera_model(np.random.default_rng([seed, 0xCA3]))
    return Look(environment, model, variation_yaw(variation))


PAVEMENT_SHARE = 0.6
"""Of a robot's drives that follow a pavement, where there is one."""


def _carried(
    scene: Scene, camera: CameraKind, dice: np.random.Generator, exact: bool
) -> tuple[Rig, Way | None]:
    """The rig of a drive, and the way it takes (None: the ego vehicle's)."""
    rig: Rig = camera.rig(dice, exact)
    carrier = camera.mount.carrier
    if carrier == "robot" and dice.random() < PAVEMENT_SHARE:
        way = pavement_way(scene, dice)
        if way is not None:
            return replace(rig, lateral_m=0.0), way
    if rig.height_m <= LOW_M:
        return rig, None
    way = flight(scene, rig.height_m, dice) if carrier == "drone" else scene.way
    height = clear_height(scene, way, rig.height_m, rig.lateral_m)
    return replace(rig, height_m=height), way


class Drive:
    """One scene on its stage with one rig; looks are per variation."""

    def __init__(
        self,
        seed: int,
        camera: CameraKind,
        *,
        places: str | None = None,
        clutter: float = CLUTTER,
        queues: float = 0.0,
        exact_rig: bool = False,
        threads: int | None = 1,
        scene: Scene | None = None,
    ) -> None:
        self.seed = seed
        self.scene = scene or build_scene(seed, parse_mix(places), clutter, queues)
        dice = np.random.default_rng([seed, 0x216])
        self.rig, way = _carried(self.scene, camera, dice, exact_rig)
        self._stage = Stage(self.scene, way)
        self._renderer = Renderer(
            self.scene.static,
            self.scene.textures.mip_maps(),
            self.rig.intrinsics,
            self._stage.meshes,
            threads=threads,
            head_lights_m=self.rig.height_m if self.rig.height_m < _LAMPS_BELOW_M else None,
        )

    def __enter__(self) -> Drive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the renderer's threads."""
        self._renderer.close()

    @property
    def duration_s(self) -> float:
        return float(self.scene.duration_s)

    @property
    def triangles(self) -> int:
        """Of the static world and all moving meshes."""
        return len(self.scene.static) + sum(len(mesh) for mesh in self._stage.meshes)

    def place_at(self, t_s: float) -> str:
        """The kind of place the camera is in at a time."""
        return self._stage.place_at(t_s)

    def car_instances(self) -> list[int]:
        """Instance ids of every car, parked or moving."""
        found: set[int] = set()
        for mesh in (self.scene.static, *self._stage.meshes):
            found.update(np.unique(mesh.instance_id[mesh.class_id == _CAR]).tolist())
        return sorted(found)

    def pose(self, t_s: float, yaw: float = 0.0) -> CameraPose:
        """Where the camera is at a time, turned by ``yaw`` to the right."""
        return self._stage.camera_pose(self.rig, t_s, yaw)

    def look(self, t_s: float, yaw: float = 0.0) -> Visible:
        """Ground truth and visibility at a time: what no light changes."""
        actors: list[Placement] = self._stage.placements(t_s)
        return self._renderer.look(actors, self.pose(t_s, yaw))

    def picture(
        self,
        view: Visible,
        look: Look,
        seed: int,
        previous_gain: float | None = None,
        elapsed_s: float = 0.0,
    ) -> tuple[UInt8Array, float]:
        """(RGB picture, exposure gain) of a view under a look."""
        return self._renderer.develop(
            view, look.environment, look.camera_model, seed, previous_gain, elapsed_s
        )

    def frames(
        self,
        rate_hz: float = 10.0,
        variation: str = "clone",
        start_s: float = 0.0,
        seconds: float | None = None,
        first_stamp_ns: int = 0,
    ) -> Iterator[Moment]:
        """Moments every 1 / rate_hz, stamps counted from ``first_stamp_ns``; exposure follows the
        light as a camera's does. Each frame tells how its camera is mounted."""
        look = look_of(variation, self.seed)
        end = self.duration_s if seconds is None else min(start_s + seconds, self.duration_s)
        mounted = types.Rig(self.rig.height_m, self.rig.pitch, self.rig.roll)
        gain: float | None = None
        for index in range(max(int(np.ceil((end - start_s) * rate_hz - 1e-9)), 0)):
            t_s = start_s + index / rate_hz
            view = self.look(t_s, look.yaw)
            rgb, gain = self.picture(view, look, _noise_seed(self.seed, index), gain, 1 / rate_hz)
            stamp = first_stamp_ns + round(index * 1e9 / rate_hz)
            yield Moment(
                Frame(stamp, FRAME_ID, rgb, self.rig.intrinsics, mounted),
                GroundTruth(stamp, view.depth_m, view.class_id),
                view.instance_id,
                view.pose,
                mounted,
            )


def open_live(
    seed: int,
    camera: CameraKind,
    rate_hz: float = 10.0,
    *,
    variation: str = "clone",
    threads: int | None = None,
    endless: bool = True,
) -> Iterator[Moment]:
    """Moments for a virtual camera node, one a call of ``next``; pacing is the caller's.

    Drives through scene after scene (seed, seed + 1, ...) with stamps that run on.
    """
    stamp = 0
    while True:
        with Drive(seed, camera, threads=threads) as drive:
            for moment in drive.frames(rate_hz, variation, first_stamp_ns=stamp):
                yield moment
                stamp = moment.frame.stamp_ns
        stamp += round(1e9 / rate_hz)
        seed += 1
        if not endless:
            return


def _noise_seed(seed: int, index: int) -> int:
    """Seed of a frame's noise and rain: the same for all variations, another for every frame."""
    return (seed * 1_000_003 + index * 7919) & 0x7FFFFFFF
