"""Kinds of place, one file each; the file's name is the place's.

A place module holds

- ``WEIGHT``: its share of the default mix,
- ``JOINS``: the kinds of way it lies on; a drive passes only between places that share one,
- ``draw(rng, seed) -> PlaceParameters``: a stretch of it, everything random drawn,
- ``build(site)``, if it has things that no other place has: puts them there.

Roads, land, houses, furniture, plants, traffic and people follow from the parameters; see
``land.site.Site`` for what ``build`` is handed.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.virtual_world.land.site import Site
from depth_seg_ros.virtual_world.plan.drawing import Generator
from depth_seg_ros.virtual_world.plan.parameters import PlaceParameters


@dataclass(frozen=True)
class Place:
    """A kind of place, as its module says."""

    name: str
    weight: float
    joins: frozenset[str]
    draw: Callable[[Generator, int], PlaceParameters]
    build: Callable[[Site], None] | None


def names() -> tuple[str, ...]:
    """Of all kinds of place: the files of this folder."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__)))


@cache
def find(name: str) -> Place:
    """A kind of place; VirtualWorldError names the known ones."""
    if name not in names():
        raise VirtualWorldError(f"no place is named {name!r}; known: {', '.join(names())}")
    module = importlib.import_module(f"{__name__}.{name}")
    build = getattr(module, "build", None)
    return Place(name, module.WEIGHT, frozenset(module.JOINS), module.draw, build)
