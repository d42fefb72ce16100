"""Where a frame was in another one at a time: transforms as they come on /tf and /tf_static.

Convention as in :mod:`.transforms`: ``T_a_b`` takes points of frame b into frame a. Between two
transforms of a moving frame the pose is interpolated; a little after the newest one it is taken as
it was (tf comes a few milliseconds after the image it belongs to, at best).
"""

from __future__ import annotations

import bisect
import threading
from typing import Any

import numpy as np

from depth_seg_ros.errors import FrameError
from depth_seg_ros.messages.payloads import unchecked_stamp_ns
from depth_seg_ros.messages.transforms import Matrix, Transform, quaternion, rotation_matrix

KEPT_NS = 10_000_000_000
LATE_NS = 200_000_000
"""So much later than the newest transform an image may be."""


class _Track:
    """The poses of one frame in its parent, by time; one pose of a static frame."""

    def __init__(self, parent: str, static: bool) -> None:
        self.parent, self.static = parent, static
        self.stamps: list[int] = []
        self.poses: list[Matrix] = []

    def add(self, stamp_ns: int, pose: Matrix, kept_ns: int | None) -> None:
        if self.static:
            self.stamps, self.poses = [stamp_ns], [pose]
            return
        place = bisect.bisect_right(self.stamps, stamp_ns)
        self.stamps.insert(place, stamp_ns)
        self.poses.insert(place, pose)
        if kept_ns is not None and stamp_ns - self.stamps[0] > 2 * kept_ns:
            first = bisect.bisect_left(self.stamps, stamp_ns - kept_ns)
            del self.stamps[:first], self.poses[:first]

    def at(self, stamp_ns: int, child: str) -> Matrix:
        if self.static:
            return self.poses[0]
        place = bisect.bisect_left(self.stamps, stamp_ns)
        if place == len(self.stamps):
            late_s = (stamp_ns - self.stamps[-1]) / 1e9
            if stamp_ns - self.stamps[-1] > LATE_NS:
                raise FrameError(
                    f"the newest tf of {child!r} is {late_s:.1f} s older than the image"
                )
            return self.poses[-1]
        if self.stamps[place] == stamp_ns:
            return self.poses[place]
        if place == 0:
            early_s = (self.stamps[0] - stamp_ns) / 1e9
            raise FrameError(f"the oldest tf of {child!r} is {early_s:.1f} s newer than the image")
        before, after = self.stamps[place - 1], self.stamps[place]
        return _between(
            self.poses[place - 1], self.poses[place], (stamp_ns - before) / (after - before)
        )


class TfTree:
    """Filled by one thread, asked by another."""

    def __init__(self, kept_ns: int | None = KEPT_NS) -> None:
        """kept_ns: how far back moving frames are remembered; None: for ever (a recording)."""
        self._kept_ns = kept_ns
        self._tracks: dict[str, _Track] = {}
        self._lock = threading.Lock()

    def add(self, transform: Transform, static: bool) -> None:
        """Take one transform; the last parent of a frame counts."""
        parent, child = transform.parent.lstrip("/"), transform.child.lstrip("/")
        if not np.isfinite(transform.matrix).all() or child == parent:
            return
        with self._lock:
            track = self._tracks.get(child)
            if track is None or track.parent != parent or track.static != static:
                track = self._tracks[child] = _Track(parent, static)
            track.add(transform.stamp_ns, transform.matrix, self._kept_ns)

    def add_message(self, message: Any, static: bool) -> None:
        """Take a tf2_msgs/TFMessage."""
        for stamped in message.transforms:
            self.add(transform_of(stamped), static)

    def between(self, target: str, source: str, stamp_ns: int) -> Matrix:
        """T_target_source at a time; FrameError saying why it is not known."""
        target, source = target.lstrip("/"), source.lstrip("/")
        with self._lock:
            to_root = dict(self._chain(target, stamp_ns))
            for frame, pose in self._chain(source, stamp_ns):
                if frame in to_root:
                    return np.asarray(np.linalg.inv(to_root[frame]) @ pose)
            known = ", ".join(sorted({*self._tracks, *(t.parent for t in self._tracks.values())}))
        raise FrameError(
            f"tf does not connect {target!r} and {source!r} (frames: {known or 'none yet'})"
        )

    def _chain(self, frame: str, stamp_ns: int) -> list[tuple[str, Matrix]]:
        """(ancestor, T_ancestor_frame), the frame itself first."""
        pose: Matrix = np.eye(4)
        chain = [(frame, pose)]
        seen = {frame}
        while (track := self._tracks.get(frame)) and track.parent not in seen:
            pose = track.at(stamp_ns, frame) @ pose
            frame = track.parent
            seen.add(frame)
            chain.append((frame, pose))
        return chain


def transform_of(stamped: Any) -> Transform:
    """A geometry_msgs/TransformStamped; a rotation of length 0 becomes NaN."""
    r, t = stamped.transform.rotation, stamped.transform.translation
    matrix = np.eye(4)
    with np.errstate(invalid="ignore"):
        matrix[:3, :3] = rotation_matrix(r.x, r.y, r.z, r.w)
    matrix[:3, 3] = t.x, t.y, t.z
    header = stamped.header
    return Transform(
        unchecked_stamp_ns(header.stamp), header.frame_id, stamped.child_frame_id, matrix
    )


def _between(a: Matrix, b: Matrix, share: float) -> Matrix:
    """The pose ``share`` of the way from a to b, on the shorter way round."""
    qa, qb = np.array(quaternion(a[:3, :3])), np.array(quaternion(b[:3, :3]))
    mixed = (1 - share) * qa + share * (qb if qa @ qb >= 0 else -qb)
    pose = np.eye(4)
    pose[:3, :3] = rotation_matrix(*mixed.tolist())
    pose[:3, 3] = (1 - share) * a[:3, 3] + share * b[:3, 3]
    return pose
