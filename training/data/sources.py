"""A source in a yaml -> a reader: Virtual KITTI 1.3.1, 2.0.3, or a world in the former's layout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.readers.base import Reader
from depth_seg_ros.readers.virtual_kitti import VirtualKitti1, open_virtual_kitti
from depth_seg_ros.types import Intrinsics
from training.config import DataConfig, Source
from training.errors import TrainingError
from training.geometry import at_shape, training_camera


def open_source(source: Source) -> Reader:
    """The reader of a source; names may be ranges ``a..b`` (both included, in sorted order)."""
    if not Path(source.root).is_dir():
        raise TrainingError(
            f"there is no folder {source.root}; this renders one: depth-seg virtual_world dataset "
            f"--out {source.root} --scenes 24 --frames 8"
        )
    reader = open_virtual_kitti(source.root)
    if not source.worlds and not source.variations:
        return reader
    videos = [key.split("/")[:2] for key in reader.keys]
    worlds = select(source.worlds, sorted({v[0] for v in videos}), f"{source.root}: world")
    variations = select(
        source.variations, sorted({v[1] for v in videos}), f"{source.root}: variation"
    )
    if isinstance(reader, VirtualKitti1):
        kept = {w for w, v in videos if v in variations and w in worlds}
        return VirtualKitti1(
            Path(source.root), [w for w in worlds if w in kept], _all_or(source, variations)
        )
    return open_virtual_kitti(source.root, worlds, _all_or(source, variations))


def camera_of(source: Source, data: DataConfig) -> Intrinsics:
    """The training camera that a source's frames are brought to."""
    camera = training_camera(data.width, data.height)
    if not source.width:
        return camera
    return at_shape(camera, source.width, source.height)


def select(wanted: Sequence[str], there: Sequence[str], what: str) -> list[str]:
    """Names out of ``there`` by name or ``a..b`` range; all where nothing is wanted."""
    if not wanted:
        return list(there)
    chosen: list[str] = []
    for name in wanted:
        first, dots, last = name.partition("..")
        found = [t for t in there if (first <= t <= last if dots else t in (name, f"Scene{name}"))]
        if not found:
            raise ConfigError(f"{what} {name} is not there; found: {', '.join(there)}")
        chosen += [t for t in found if t not in chosen]
    return chosen


def _all_or(source: Source, variations: list[str]) -> list[str] | None:
    return variations if source.variations else None
