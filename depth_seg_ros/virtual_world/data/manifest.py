"""What a data set is and what is in it: the manifest beside the data.

``manifest.json`` holds the settings and is written first: a folder made with other settings is
refused. ``scenes/<world>.json`` marks a finished scene and holds its histograms;
``statistics.json`` is their sum over all finished scenes, whichever machine made them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_seg_ros import __version__
from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.system.atomic import create_text, write_text
from depth_seg_ros.types import Float32Array, UInt8Array

FORMAT = 6
"""Of the pictures too: raised whenever the same seed gives another world."""
DEPTH_EDGES_M = (0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40, 60, 80, 120, 200, 400, 700)


@dataclass(frozen=True)
class Settings:
    """Everything that decides the content of a data set."""

    seed: int
    scenes: int
    frames: int
    camera: Mapping[str, Any]  # name, intrinsics, mount
    variations: tuple[str, ...]
    places: str | None  # the mix, None: every place
    rate_hz: float | None  # None: the frames are spread over the whole drive
    clutter: float  # share of places with randomised geometry
    queues: float  # share of drives put into a jam
    version: str = __version__

    def to_json(self) -> dict[str, Any]:
        """As stored; survives a round trip through JSON unchanged."""
        data: dict[str, Any] = json.loads(json.dumps({"format": FORMAT, **asdict(self)}))
        return data


def claim_folder(root: Path, settings: Settings) -> None:
    """Make the folder this data set's, or see that it already is.

    VirtualWorldError, and nothing written, for a folder with other content or other settings. Of
    runs that start at the same moment, on any machines, one is the first; the others compare.
    """
    path = root / "manifest.json"
    wanted = settings.to_json()
    if not path.is_file():
        _check_empty(root)
        if create_text(path, json.dumps(wanted, indent=1, sort_keys=True) + "\n"):
            return
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as e:
        raise VirtualWorldError(f"{path} is not readable ({e}); choose another folder") from e
    if not isinstance(found, dict):
        raise VirtualWorldError(f"{path} is no manifest of a data set; choose another folder")
    check_same(found, wanted, root)


def check_same(found: Mapping[str, Any], wanted: Mapping[str, Any], root: object) -> None:
    """VirtualWorldError naming the first setting in which two manifests differ."""
    differing = [k for k in sorted({*wanted, *found}) if wanted.get(k) != found.get(k)]
    if differing:
        k = differing[0]
        raise VirtualWorldError(
            f"{root} holds a data set made with {k}={found.get(k)!r}, not {wanted.get(k)!r}; "
            "continue with its settings or choose another folder"
        )


def _check_empty(root: Path) -> None:
    """Make the folder; VirtualWorldError where something is in it but no data set of ours."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        strangers = [p.name for p in root.iterdir() if not p.name.startswith(".manifest.json.")]
    except OSError as e:
        raise VirtualWorldError(f"cannot write to {root} ({e.strerror})") from e
    # Looked for once more: a run that started at the same moment may have filled the folder.
    if strangers and not (root / "manifest.json").is_file():
        raise VirtualWorldError(
            f"{root} is not empty ({strangers[0]}) and has no manifest.json; choose another folder"
        )


class Histogram:
    """Pixels by class and by depth, summed over frames."""

    def __init__(self) -> None:
        self.frames = 0
        self.classes: NDArray[np.int64] = np.zeros(256, np.int64)
        self.depth: NDArray[np.int64] = np.zeros(len(DEPTH_EDGES_M) - 1, np.int64)
        self.sky = 0

    def add(self, depth_m: Float32Array, class_id: UInt8Array) -> None:
        """Count one frame."""
        self.frames += 1
        self.classes += np.bincount(class_id.ravel(), minlength=256)
        finite = depth_m[np.isfinite(depth_m)]
        self.depth += np.histogram(finite, DEPTH_EDGES_M)[0]
        self.sky += depth_m.size - finite.size

    def add_json(self, data: Mapping[str, Any]) -> None:
        """Count what another process counted."""
        self.frames += int(data["frames"])
        self.sky += int(data["sky_pixels"])
        self.depth += np.asarray(data["depth_pixels"], np.int64)
        for name, pixels in data["class_pixels"].items():
            self.classes[0 if name == "unlabeled" else CITYSCAPES.id(name)] += int(pixels)

    def to_json(self) -> dict[str, Any]:
        """Counts by name; depth_pixels[i] lies in depth_edges_m[i] .. [i + 1]."""
        by_name: dict[str, int] = {}
        for class_id in np.flatnonzero(self.classes):
            name = CITYSCAPES.name(int(class_id))
            by_name[name] = by_name.get(name, 0) + int(self.classes[class_id])
        return {
            "frames": self.frames,
            "class_pixels": by_name,
            "depth_edges_m": list(DEPTH_EDGES_M),
            "depth_pixels": self.depth.tolist(),
            "sky_pixels": int(self.sky),
        }


class PlaceHistogram:
    """A histogram for every kind of place."""

    def __init__(self) -> None:
        self._places: dict[str, Histogram] = {}

    def of(self, place: str) -> Histogram:
        """The one of a place, to count its frames in."""
        return self._places.setdefault(place, Histogram())

    def add_json(self, data: Mapping[str, Any]) -> None:
        """Count what another process counted."""
        for place, counts in data["by_place"].items():
            self.of(place).add_json(counts)

    def total(self) -> Histogram:
        """All places together."""
        total = Histogram()
        for one in self._places.values():
            total.add_json(one.to_json())
        return total

    def to_json(self) -> dict[str, Any]:
        """The total's counts, and every place's."""
        by_place = {name: one.to_json() for name, one in sorted(self._places.items())}
        return {**self.total().to_json(), "by_place": by_place}


def scene_file(root: Path, world: str) -> Path:
    """Exists once a scene is complete."""
    return root / "scenes" / f"{world}.json"


def write_statistics(root: Path) -> Histogram:
    """Sum the finished scenes into ``statistics.json``."""
    text, total = statistics(p.read_text("utf-8") for p in sorted((root / "scenes").glob("*.json")))
    write_text(root / "statistics.json", text)
    return total


def statistics(scenes: Iterable[str]) -> tuple[str, Histogram]:
    """(``statistics.json``, the total) of the texts of finished scenes."""
    total, count = PlaceHistogram(), 0
    for text in scenes:
        total.add_json(json.loads(text))
        count += 1
    return json.dumps({"scenes": count, **total.to_json()}, indent=1) + "\n", total.total()


def versions() -> dict[str, str]:
    """Of what drew the pixels; stored a scene, since machines may differ."""
    import cv2
    import numba

    return {
        "depth_seg_ros": __version__,
        "numpy": np.__version__,
        "numba": numba.__version__,
        "opencv": cv2.__version__,
    }
