"""Things that move or change: a mesh (or several phases of one) on a timed path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros.virtual_world.geometry.mesh import Float32, Mesh, yaw_rotation
from depth_seg_ros.virtual_world.ways import Way

Float = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Actor:
    """A mesh in its own frame (origin on the ground, forward = +z) and where it is when.

    ``meshes`` are the phases of a movement, passed through ``phases_per_s`` times a second each;
    with ``switch_s`` set, the second mesh simply replaces the first at that time.
    """

    meshes: tuple[Mesh, ...]
    times: Float  # [N] seconds, rising
    position: Float  # [N, 3] world metres
    heading: Float  # [N] radians from +z towards +x, without jumps
    pitch: Float  # [N] radians, nose up
    instance_id: int
    phases_per_s: float = 0.0
    switch_s: float | None = None

    @property
    def mesh(self) -> Mesh:
        """The first (or only) phase."""
        return self.meshes[0]

    def phase_at(self, t_s: float) -> int:
        """Index into ``meshes`` at a time."""
        if self.switch_s is not None:
            return int(t_s >= self.switch_s)
        return int(np.floor(t_s * self.phases_per_s)) % len(self.meshes)

    def mesh_at(self, t_s: float) -> Mesh:
        """The mesh of the phase at a time."""
        return self.meshes[self.phase_at(t_s)]

    def pose(self, t_s: float) -> tuple[Float32, Float32]:
        """(rotation [3, 3], position [3]): world = rotation p + position; held beyond the ends."""
        place = np.array([np.interp(t_s, self.times, self.position[:, k]) for k in range(3)])
        yaw = float(np.interp(t_s, self.times, self.heading))
        pitch = float(np.interp(t_s, self.times, self.pitch))
        c, s = np.cos(pitch), np.sin(pitch)
        nod = np.array([[1, 0, 0], [0, c, s], [0, -s, c]], np.float32)
        return np.asarray(yaw_rotation(yaw) @ nod, np.float32), place.astype(np.float32)


def standing(mesh: Mesh, position: Float, heading: float, instance_id: int) -> Actor:
    """An actor that stays where it is."""
    return Actor(
        (mesh,),
        np.zeros(1),
        np.asarray(position, np.float64)[None],
        np.array([heading]),
        np.zeros(1),
        instance_id,
    )


def meets(actor: Actor, way: Way) -> bool:
    """Whether an actor that moves comes within a metre of the camera's carrier."""
    if len(actor.times) == 1:
        return False
    low, high = actor.mesh.bounds()
    reach = 0.9 + min(float(high[0]), 1.3)
    for t_s in way.times[::3].tolist():
        rotation, position = actor.pose(t_s)
        away = rotation.T @ (way.at(t_s)[0] - position)
        if abs(away[1]) < 3 and abs(away[0]) < reach and low[2] - 0.9 < away[2] < high[2] + 0.9:
            return True
    return False
