"""Static transforms of a bag, and the one between any two frames.

Convention: ``T_a_b`` takes points of frame b into frame a; a tf message from ``header.frame_id`` a
to ``child_frame_id`` b holds T_a_b.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from depth_seg_ros.bags.bag_file import BagFile
from depth_seg_ros.errors import ReaderError
from depth_seg_ros.messages.tf_tree import TfTree, transform_of
from depth_seg_ros.messages.transforms import Matrix
from depth_seg_ros.messages.type_names import TF_MESSAGE


class StaticTransforms:
    """A graph of frames; the last transform of a pair counts."""

    def __init__(self) -> None:
        self._edges: dict[str, dict[str, Matrix]] = {}

    def add(self, parent: str, child: str, T_parent_child: Matrix) -> None:
        parent, child = parent.lstrip("/"), child.lstrip("/")
        self._edges.setdefault(parent, {})[child] = T_parent_child
        self._edges.setdefault(child, {})[parent] = np.asarray(
            np.linalg.inv(T_parent_child), np.float64
        )

    def between(self, target: str, source: str) -> Matrix:
        """T_target_source along the shortest chain; ReaderError naming the frames there are."""
        target, source = target.lstrip("/"), source.lstrip("/")
        queue = deque([(target, np.eye(4))])
        seen = {target}
        while queue:
            frame, T_target_frame = queue.popleft()
            if frame == source:
                return T_target_frame
            for neighbour, step in self._edges.get(frame, {}).items():
                if neighbour not in seen:
                    seen.add(neighbour)
                    queue.append((neighbour, T_target_frame @ step))
        known = ", ".join(sorted(self._edges)) or "none"
        raise ReaderError(
            f"no static transform between {target!r} and {source!r} (frames in /tf_static: "
            f"{known}); give the KITTI calibration folder instead (--calibration)"
        )


def read_transforms(bag: BagFile) -> TfTree:
    """Everything on ``/tf`` and ``/tf_static``, for every time of the recording."""
    tree = TfTree(kept_ns=None)
    for topic, static in (("/tf_static", True), ("/tf", False)):
        if bag.topics.get(topic) == TF_MESSAGE:
            for message in bag.messages(topic):
                tree.add_message(message, static)
    return tree


def read_static_transforms(bag: BagFile) -> StaticTransforms:
    """Everything on ``/tf_static``; empty where the bag has none."""
    found = StaticTransforms()
    if bag.topics.get("/tf_static") == TF_MESSAGE:
        for message in bag.messages("/tf_static"):
            for stamped in message.transforms:
                told, r = transform_of(stamped), stamped.transform.rotation
                if not np.isfinite(told.matrix).all():
                    raise ReaderError(
                        f"{bag.path}: /tf_static has no pose of {told.child!r} in {told.parent!r} "
                        f"(its quaternion is {r.x:g} {r.y:g} {r.z:g} {r.w:g}); mend it, or give "
                        "the KITTI calibration folder (--calibration)"
                    )
                found.add(told.parent, told.child, told.matrix)
    return found
