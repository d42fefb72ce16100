"""A scene in motion: which mesh of which actor stands where at a time, and where the camera is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.cameras import Rig
from depth_seg_ros.virtual_world.geometry.mesh import Mesh
from depth_seg_ros.virtual_world.render.renderer import CameraPose, Placement
from depth_seg_ros.virtual_world.scene import Scene
from depth_seg_ros.virtual_world.traffic.actors import Actor, meets
from depth_seg_ros.virtual_world.ways import Way

_PHASES_PER_SECOND = 16.0


class Stage:
    """All meshes the actors of a scene ever show, each once, and the placements of a time."""

    def __init__(self, scene: Scene, way: Way | None = None) -> None:
        """``way``: the camera's, where it is not the ego vehicle's; nobody else is on it then."""
        self._scene, self._way = scene, way
        self._actors = [
            (number, actor)
            for number, actor in enumerate(scene.actors)
            if way is None or not meets(actor, way)
        ]
        self.meshes: list[Mesh] = []
        self._index: dict[tuple[int, int], int] = {}  # (actor, mesh) -> index in meshes
        for number, actor in self._actors:
            for mesh in _phases(actor, scene.duration_s):
                self._index[number, id(mesh)] = len(self.meshes)
                self.meshes.append(mesh)

    def placements(self, t_s: float) -> list[Placement]:
        """Every actor that is there at a time."""
        placements = []
        for number, actor in self._actors:
            rotation, position = actor.pose(t_s)
            index = self._index[number, id(actor.mesh_at(t_s))]
            placements.append(Placement(index, rotation, position))
        return placements

    def camera_path(self, t_s: float) -> tuple[NDArray[Any], float]:
        """(point [3] on the ground below the camera, heading) at a time."""
        return self._scene.camera_path(t_s) if self._way is None else self._way.at(t_s)

    def place_at(self, t_s: float) -> str:
        """The kind of place the camera is in at a time."""
        if self._way is None:
            return self._scene.place_at(t_s)
        return self._scene.course.at(self._way.s_at(t_s)).parameters.place

    def camera_pose(self, rig: Rig, t_s: float, yaw: float = 0.0) -> CameraPose:
        """The rig carried along the scene's camera path; it tilts with the road's slope."""
        here, heading = self.camera_path(t_s)
        ahead, _ = self.camera_path(t_s + 0.25)
        position = np.array(here, np.float64)
        pitch = rig.pitch + _slope(position, np.asarray(ahead, np.float64))
        position += rig.lateral_m * np.array([np.cos(heading), 0.0, -np.sin(heading)])
        position[1] += rig.height_m
        return CameraPose.looking(position, float(heading) + rig.yaw + yaw, pitch, rig.roll)


def _slope(here: NDArray[np.float64], ahead: NDArray[np.float64]) -> float:
    """Angle of climb between two path points; 0 where the path stands still."""
    step = ahead - here
    run = float(np.hypot(step[0], step[2]))
    return float(np.arctan2(step[1], run)) if run > 0.05 else 0.0


def _phases(actor: Actor, duration_s: float) -> list[Mesh]:
    """Every mesh an actor shows during the scene."""
    times = np.arange(0.0, duration_s + 1.0, 1 / _PHASES_PER_SECOND)
    meshes = {id(m): m for m in (actor.mesh_at(float(t)) for t in times)}
    return list(meshes.values())
