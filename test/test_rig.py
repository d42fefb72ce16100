"""What a network is told of its rig: where flat ground lies, for any camera and padding."""

from dataclasses import replace

import numpy as np
import pytest

from depth_seg_ros.engines.base import Engine, EngineInfo
from depth_seg_ros.errors import EngineError, FrameError
from depth_seg_ros.postprocess import finish
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.preprocess import plan_geometry, prepare_ground
from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.types import Frame, Intrinsics, Rig

SPEC = ModelSpec("test", 256, 160, 149.4, 309.3, 80.0, rig_input=True, depth_confidence=True)
CAMERAS = [
    Intrinsics(1242, 375, 725.0, 725.0, 620.5, 187.0),
    Intrinsics(640, 480, 525.0, 525.0, 300.0, 250.0),
    Intrinsics(480, 640, 525.0, 525.0, 239.5, 319.5),
]
RIGS = [Rig(1.65, 0.0, 0.0), Rig(0.3, -0.1, -0.1), Rig(20.0, -0.8, 0.05)]


def flat_ground(camera: Intrinsics, rig: Rig) -> np.ndarray:
    """True depth [H, W] of flat ground, NaN above the horizon, ray by ray."""
    v, u = np.mgrid[: camera.height, : camera.width]
    rays = np.stack([(u - camera.cx) / camera.fx, (v - camera.cy) / camera.fy, np.ones(u.shape)])
    sinks = np.tensordot(rig.down(), rays, 1)
    return np.where(sinks > 0.02, rig.height_m / np.maximum(sinks, 0.02), np.nan)


def test_down_follows_the_camera() -> None:
    assert np.allclose(Rig(1.0).down(), [0, 1, 0]) and not Rig(1.0).attitude_known
    up = Rig(1.0, pitch_rad=0.2, roll_rad=0.0)
    assert up.down()[2] == pytest.approx(-np.sin(0.2)) and up.attitude_known  # behind the ray
    right = Rig(1.0, 0.0, 0.3).down()
    assert right[0] == pytest.approx(np.sin(0.3))  # the image's right side is nearer the ground
    for rig in RIGS:
        back = Rig.from_down(rig.height_m, 7 * rig.down())
        assert (back.height_m, back.pitch_rad, back.roll_rad) == pytest.approx(
            (rig.height_m, rig.pitch_rad, rig.roll_rad)
        )


@pytest.mark.parametrize("height_m", [0.0, -1.0, float("nan"), float("inf")])
def test_a_height_that_is_none_is_refused(height_m: float) -> None:
    with pytest.raises(FrameError, match="camera height is"):
        Rig(height_m)
    with pytest.raises(FrameError, match="not finite"):
        Rig(1.0, float("nan"), 0.0)


@pytest.mark.parametrize("fit", ["pad", "crop"])
@pytest.mark.parametrize("camera", CAMERAS, ids=lambda c: f"{c.width}x{c.height}")
@pytest.mark.parametrize("rig", RIGS, ids=lambda r: f"{r.height_m} m")
def test_a_network_that_repeats_its_ground_is_right_about_flat_ground(
    rig: Rig, camera: Intrinsics, fit: str
) -> None:
    geometry = plan_geometry(SPEC, camera.width, camera.height, camera, fit)
    ground = prepare_ground(rig, geometry, SPEC, camera)
    assert ground.shape == (1, 160, 256) and ground.dtype == np.float32 and ground.min() >= 0
    with np.errstate(divide="ignore"):
        depth = np.where(ground > 0, 1 / ground, 0)
    frame = Frame(0, "c", np.zeros((camera.height, camera.width, 3), np.uint8), camera)
    said = finish({"depth": depth.astype(np.float32)}, geometry, frame).depth_m
    truth = flat_ground(camera, rig)
    both = np.isfinite(truth) & (truth < 30 * rig.height_m) & np.isfinite(said)
    assert both.mean() > 0.05
    assert np.median(np.abs(said[both] / truth[both] - 1)) < 0.01


def test_without_a_rig_the_default_one_is_told_and_without_a_camera_the_training_one() -> None:
    geometry = plan_geometry(SPEC, 640, 480, None)
    told = prepare_ground(None, geometry, SPEC, None)
    unaware = replace(SPEC, default_rig=None)
    assert not prepare_ground(None, geometry, unaware, None).any()
    assert not prepare_ground(Rig(1.65), geometry, unaware, None).any()  # tilted who knows how
    assert np.array_equal(told, prepare_ground(Rig(1.65, 0.0, 0.0), geometry, unaware, None))
    assert np.array_equal(told, prepare_ground(SPEC.default_rig, geometry, SPEC, None))
    middle = geometry.network_rect.y + (geometry.network_rect.height - 1) / 2
    rows = np.arange(160)
    expected = np.maximum((rows - middle) / SPEC.fy / 1.65, 0)
    assert np.allclose(told[0], expected[:, None], atol=1e-6)


class Echo(Engine):
    """depth = the inverse of the ground it is told, confidence = 200."""

    def __init__(self, takes_ground: bool = True) -> None:
        outputs = ("depth", "depth_confidence")
        shape = (1, 160, 256, 3)
        self.info = EngineInfo(
            "echo", "1", "CPU", "fp32", shape, outputs, takes_ground=takes_ground
        )

    def _infer(self, inputs):
        ground = np.maximum(inputs["ground"], 1e-3)
        return {
            "depth": (1 / ground).astype(np.float32),
            "depth_confidence": np.full(ground.shape, 200, np.uint8),
        }


def test_the_predictor_tells_the_rig_of_each_frame() -> None:
    camera = CAMERAS[0]
    image = np.zeros((camera.height, camera.width, 3), np.uint8)
    with Predictor(Echo(), SPEC) as predictor:
        low, high = (
            predictor.predict(Frame(0, "c", image, camera, Rig(height, 0.0, 0.0)))
            for height in (0.5, 1.0)
        )
    assert np.allclose(high.depth_m[300:], 2 * low.depth_m[300:], rtol=1e-4)
    assert high.depth_confidence is not None and (high.depth_confidence == 200).all()


def test_graph_and_spec_must_agree_about_the_ground() -> None:
    with pytest.raises(EngineError, match="does not take the ground, its spec says rig_input True"):
        Predictor(Echo(takes_ground=False), SPEC)
