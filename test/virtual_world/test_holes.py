"""What lies between a fence's bars has the fence's class, and keeps its depth."""

from __future__ import annotations

import numpy as np
import pytest

from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.virtual_world.render.holes import HOLE_M, close_holes

FENCE, TREE, PERSON = (CITYSCAPES.id(n) for n in ("fence", "vegetation", "person"))
FX = 100.0


def row(classes: list[int], depth: list[float]) -> tuple[list[int], list[float]]:
    """One row of pixels through ``close_holes``."""
    ids, metres = np.array([classes], np.uint8), np.array([depth], np.float32)
    close_holes(ids, metres, FX)
    assert metres[0].tolist() == pytest.approx(depth)
    return ids[0].tolist(), metres[0].tolist()


def test_a_hole_between_bars_is_fence_and_keeps_its_depth() -> None:
    seen = [TREE, FENCE, TREE, TREE, FENCE, TREE]
    found, _ = row(seen, [20, 5, 20, 20, 5, 20])
    assert found == [TREE, FENCE, FENCE, FENCE, FENCE, TREE]


@pytest.mark.parametrize(
    ("between", "depth"),
    [
        pytest.param(TREE, 3.0, id="in front of the fence"),
        pytest.param(PERSON, 20.0, id="behind it, and it moves"),
        pytest.param(CITYSCAPES.id("sky"), np.inf, id="sky"),
    ],
)
def test_what_stays(between: int, depth: float) -> None:
    seen = [FENCE, between, FENCE]
    assert row(seen, [5, depth, 5])[0] == seen


def test_a_gap_as_wide_as_a_gate_stays_open() -> None:
    wide = int(HOLE_M * FX / 5) + 4
    seen = [FENCE, *[TREE] * wide, FENCE]
    assert row(seen, [5, *[20.0] * wide, 5])[0] == seen


def test_two_fences_one_behind_the_other_are_not_joined() -> None:
    seen = [FENCE, TREE, FENCE]
    assert row(seen, [5, 20, 9])[0] == seen
