"""Class tables: id, name and colour of every class, and the Cityscapes one we train with.

Label images hold Cityscapes label ids 0..33 (Cordts et al., CVPR 2016; the official
``helpers/labels.py``); the published semantic decoder has 30 channels, ids 0..29. Ids a data set
never shows keep their channel: the network learns not to use them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.types import UInt8Array

UNLABELED = 255
"""Label of a pixel nobody labelled (and Nav2's "UNLABELED" in an 8-bit mask)."""


@dataclass(frozen=True)
class LabelClass:
    """One class: id in label images, name, colour (R, G, B), and whether it is scored."""

    id: int
    name: str
    color: tuple[int, int, int]
    evaluated: bool = True


class ClassTable:
    """An ordered, immutable set of classes with unique ids and names."""

    def __init__(self, classes: Iterable[LabelClass]) -> None:
        self._classes = tuple(classes)
        self._by_id = {c.id: c for c in self._classes}
        self._by_name = {c.name: c for c in self._classes}
        if len(self._by_id) != len(self._classes) or len(self._by_name) != len(self._classes):
            raise ConfigError("class table has an id or a name twice; make them unique")
        if any(not 0 <= c.id < UNLABELED for c in self._classes):
            raise ConfigError(f"class ids must be 0..{UNLABELED - 1} ({UNLABELED} = unlabelled)")

    def __iter__(self) -> Iterator[LabelClass]:
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClassTable) and self._classes == other._classes

    def __hash__(self) -> int:
        return hash(self._classes)

    def id(self, name: str) -> int:
        """Id of a class name; raises ConfigError naming the known ones."""
        try:
            return self._by_name[name].id
        except KeyError:
            known = ", ".join(self._by_name)
            raise ConfigError(f"no class is named {name!r}; known: {known}") from None

    def name(self, class_id: int) -> str:
        """Name of an id, or ``"unlabeled"`` for 255 and unknown ids."""
        found = self._by_id.get(class_id)
        return found.name if found else "unlabeled"

    def ids(self, names: Iterable[str]) -> list[int]:
        """Ids of those of ``names`` that the table has."""
        return [self._by_name[n].id for n in names if n in self._by_name]

    def evaluated_ids(self) -> list[int]:
        """Ids that count in a semantic score (Cityscapes' void classes do not)."""
        return [c.id for c in self._classes if c.evaluated]

    def palette(self) -> UInt8Array:
        """uint8 [256, 3] RGB: the colour of each id, black where there is none."""
        table = np.zeros((256, 3), np.uint8)
        for c in self._classes:
            table[c.id] = c.color
        return table


def _cityscapes() -> ClassTable:
    void, scored = False, True
    rows = [
        (0, "unlabeled", (0, 0, 0), void),
        (1, "ego vehicle", (0, 0, 0), void),
        (2, "rectification border", (0, 0, 0), void),
        (3, "out of roi", (0, 0, 0), void),
        (4, "static", (0, 0, 0), void),
        (5, "dynamic", (111, 74, 0), void),
        (6, "ground", (81, 0, 81), void),
        (7, "road", (128, 64, 128), scored),
        (8, "sidewalk", (244, 35, 232), scored),
        (9, "parking", (250, 170, 160), void),
        (10, "rail track", (230, 150, 140), void),
        (11, "building", (70, 70, 70), scored),
        (12, "wall", (102, 102, 156), scored),
        (13, "fence", (190, 153, 153), scored),
        (14, "guard rail", (180, 165, 180), scored),
        (15, "bridge", (150, 100, 100), void),
        (16, "tunnel", (150, 120, 90), void),
        (17, "pole", (153, 153, 153), scored),
        (18, "polegroup", (153, 153, 153), void),
        (19, "traffic light", (250, 170, 30), scored),
        (20, "traffic sign", (220, 220, 0), scored),
        (21, "vegetation", (107, 142, 35), scored),
        (22, "terrain", (152, 251, 152), scored),
        (23, "sky", (70, 130, 180), scored),
        (24, "person", (220, 20, 60), scored),
        (25, "rider", (255, 0, 0), scored),
        (26, "car", (0, 0, 142), scored),
        (27, "truck", (0, 0, 70), scored),
        (28, "bus", (0, 60, 100), scored),
        (29, "caravan", (0, 0, 90), void),
        (30, "trailer", (0, 0, 110), void),
        (31, "train", (0, 80, 100), scored),
        (32, "motorcycle", (0, 0, 230), scored),
        (33, "bicycle", (119, 11, 32), scored),
    ]
    return ClassTable(LabelClass(i, n, c, e) for i, n, c, e in rows)


CITYSCAPES = _cityscapes()
"""All ids a label image may hold. Guard rail is void in Cityscapes but labelled in Virtual KITTI,
so it is scored here; KITTI's semantic protocol names its own list of classes."""

GROUND_NAMES = ("road", "sidewalk", "terrain", "ground", "parking")
"""Classes that lie on the ground, whatever table they are in."""

NUM_CHANNELS = 30
"""Channels of the published semantic decoder: ids 0..29."""

NETWORK_CLASSES = ClassTable(c for c in CITYSCAPES if c.id < NUM_CHANNELS)
"""What the published networks can say."""


FOLDED = {"trailer": "truck", "train": "bus", "motorcycle": "rider", "bicycle": "rider"}
"""Classes beyond the 30 channels -> what they are taught and scored as."""


def to_network_ids(labels: UInt8Array) -> UInt8Array:
    """Fold a ground-truth label image into the ids the network has channels for.

    What lies beyond the 30 channels becomes its nearest kin (:data:`FOLDED`), since a robot must
    avoid it all the same; the void ids 0..6 and whatever else has no channel become UNLABELED.
    """
    return _TO_NETWORK[labels]


def _network_lut() -> UInt8Array:
    lut = np.full(256, UNLABELED, np.uint8)
    for c in NETWORK_CLASSES:
        if c.id >= 7:
            lut[c.id] = c.id
    for name, kin in FOLDED.items():
        lut[CITYSCAPES.id(name)] = CITYSCAPES.id(kin)
    return lut


_TO_NETWORK = _network_lut()
