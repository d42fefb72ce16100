"""How a camera hung, read off true depth: above what it stands on, or along gravity if it flies."""

import numpy as np
import pytest

from depth_seg_ros.labels import CITYSCAPES
from depth_seg_ros.readers.rig import rig_from_truth
from depth_seg_ros.types import Float32Array, Intrinsics, Rig, UInt8Array, sinks

CAMERA = Intrinsics(160, 120, 130.0, 130.0, 79.5, 59.5)


def ground_under(rig: Rig) -> tuple[Float32Array, UInt8Array]:
    """(depth of the plane under the rig, +Inf above it; labels road and sky)."""
    sinking = sinks(tuple(rig.down().tolist()), CAMERA)
    seen = sinking > 0.02
    depth_m = np.where(seen, rig.height_m / np.where(seen, sinking, 1), np.inf)
    labels = np.where(seen, CITYSCAPES.id("road"), CITYSCAPES.id("sky"))
    return depth_m.astype(np.float32), labels.astype(np.uint8)


def gravity(pitch_deg: float) -> np.ndarray:
    return Rig(1.0, float(np.radians(pitch_deg)), 0.0).down()


def test_on_a_slope_it_is_above_the_plane_under_the_wheels() -> None:
    stands = Rig(0.6, -0.05, 0.03)
    found = rig_from_truth(gravity(4.0), CAMERA, *ground_under(stands))  # 7 degrees off the level
    assert found is not None and found.height_m == pytest.approx(0.6, rel=1e-3)
    assert found.pitch_rad == pytest.approx(-0.05, abs=1e-3)
    assert found.roll_rad == pytest.approx(0.03, abs=1e-3)


def test_kerbs_and_stones_do_not_tilt_it() -> None:
    depth_m, labels = ground_under(Rig(1.65, -0.03, 0.0))
    depth_m[:, :30] *= 0.91  # a pavement, 0.15 m higher, along one side
    depth_m[110:, 100:110] *= 0.5
    found = rig_from_truth(gravity(0.0), CAMERA, depth_m, labels)
    assert found is not None and found.height_m == pytest.approx(1.65, rel=0.02)
    assert found.pitch_rad == pytest.approx(-0.03, abs=0.01)
    assert found.roll_rad == pytest.approx(0.0, abs=0.02)


def test_what_flies_knows_gravity() -> None:
    found = rig_from_truth(gravity(-30.0), CAMERA, *ground_under(Rig(12.0, np.radians(-24.0), 0.0)))
    assert found is not None and found.pitch_rad == pytest.approx(np.radians(-30.0))
    assert found.roll_rad == pytest.approx(0.0)


def test_a_bank_is_nothing_to_stand_on() -> None:
    found = rig_from_truth(gravity(0.0), CAMERA, *ground_under(Rig(1.0, np.radians(-20.0), 0.0)))
    assert found is not None and found.pitch_rad == pytest.approx(0.0)
    slope = rig_from_truth(gravity(0.0), CAMERA, *ground_under(Rig(1.0, np.radians(-10.0), 0.0)))
    assert slope is not None and slope.pitch_rad == pytest.approx(np.radians(-10.0), abs=1e-3)


def test_no_ground_no_rig() -> None:
    depth_m, labels = ground_under(Rig(1.65, 0.0, 0.0))
    labels[:] = CITYSCAPES.id("building")
    assert rig_from_truth(gravity(0.0), CAMERA, depth_m, labels) is None
    above = depth_m[::-1].copy()  # "ground" that hangs over the camera
    labels[:] = CITYSCAPES.id("road")
    assert rig_from_truth(gravity(0.0), CAMERA, above, labels) is None
