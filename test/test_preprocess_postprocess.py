"""Geometry: what preprocess does, postprocess undoes, and metres follow the focal length."""

import numpy as np
import pytest

from depth_seg_ros.errors import FrameError
from depth_seg_ros.labels import UNLABELED
from depth_seg_ros.postprocess import finish
from depth_seg_ros.preprocess import PADDING_RGB, plan_geometry, prepare
from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.types import Frame, Intrinsics

KITTI = Intrinsics(1242, 375, 725.0, 725.0, 620.5, 187.0)
SPEC = ModelSpec("test", 256, 160, KITTI.resized(256, 160).fx, KITTI.resized(256, 160).fy, 80.0)
CAMERAS = [
    KITTI,
    Intrinsics(1216, 352, 721.5, 721.5, 600.0, 170.0),
    Intrinsics(640, 480, 525.0, 525.0, 319.5, 239.5),
    Intrinsics(480, 640, 525.0, 525.0, 239.5, 319.5),
    Intrinsics(1920, 1080, 1100.0, 1100.0, 959.5, 539.5),
    Intrinsics(101, 57, 80.0, 90.0, 50.0, 28.0),
]


def frame_of(camera: Intrinsics, image: np.ndarray | None = None) -> Frame:
    if image is None:
        image = np.zeros((camera.height, camera.width, 3), np.uint8)
    return Frame(7, "camera_optical", image, camera)


def tensors(depth: np.ndarray) -> dict[str, np.ndarray]:
    labels = np.full(depth.shape, 7, np.uint8)
    return {"depth": depth[None], "labels": labels[None], "confidence": labels[None]}


@pytest.mark.parametrize("fit", ["pad", "crop"])
@pytest.mark.parametrize("camera", CAMERAS, ids=lambda c: f"{c.width}x{c.height}")
def test_pixel_aspect_is_kept_and_depth_scale_is_the_focal_ratio(camera, fit):
    g = plan_geometry(SPEC, camera.width, camera.height, camera, fit)
    fx = camera.fx * g.network_rect.width / g.camera_rect.width
    fy = camera.fy * g.network_rect.height / g.camera_rect.height
    assert fx / fy == pytest.approx(SPEC.fx / SPEC.fy, rel=0.03)  # whole pixels only
    assert g.depth_scale == pytest.approx(fx / SPEC.fx, rel=0.02)
    if fit == "pad":
        assert g.sees_everything
    else:
        assert g.network_rect.size == (256, 160)


def test_the_training_camera_is_used_whole_and_unscaled():
    g = plan_geometry(SPEC, 1242, 375, KITTI)
    assert g.network_rect.size == (256, 160) and g.sees_everything
    assert g.depth_scale == pytest.approx(1.0)


@pytest.mark.parametrize("fit", ["pad", "crop"])
@pytest.mark.parametrize("camera", CAMERAS, ids=lambda c: f"{c.width}x{c.height}")
def test_a_picture_put_through_comes_back_in_place(camera, fit):
    """Column and row ramps survive preprocess -> 'network' -> postprocess to a pixel's width."""
    x = np.linspace(20, 220, camera.width, dtype=np.float32)
    y = np.linspace(20, 220, camera.height, dtype=np.float32)[:, None]
    image = np.zeros((camera.height, camera.width, 3), np.uint8)
    image[..., 0], image[..., 1] = x, y
    g = plan_geometry(SPEC, camera.width, camera.height, camera, fit)
    seen = prepare(image, g, SPEC)
    for channel, ramp in ((0, np.broadcast_to(x, image.shape[:2])),
                          (1, np.broadcast_to(y, image.shape[:2]))):  # fmt: skip
        back = finish(
            {"depth": seen[..., channel].astype(np.float32) / np.float32(g.depth_scale)},
            g,
            frame_of(camera, image),
        ).depth_m
        covered = np.isfinite(back)
        step = 200 / 256 * 2 + 200 / 160 * 2 + 2  # two network pixels, and rounding to uint8
        assert np.abs(back - ramp)[covered].max() < step
        assert covered[g.camera_rect.slices()].all()


def test_what_the_network_does_not_see_is_not_invented():
    camera = CAMERAS[2]
    g = plan_geometry(SPEC, camera.width, camera.height, camera, "crop")
    p = finish(tensors(np.full((160, 256), 5.0, np.float32)), g, frame_of(camera))
    outside = np.ones((480, 640), bool)
    outside[g.camera_rect.slices()] = False
    assert outside.any() and np.isnan(p.depth_m[outside]).all()
    assert (p.labels[outside] == UNLABELED).all() and (p.confidence[outside] == 0).all()
    assert np.isfinite(p.depth_m[~outside]).all() and (p.labels[~outside] == 7).all()


def test_padding_is_the_mean_colour():
    camera = CAMERAS[2]
    g = plan_geometry(SPEC, camera.width, camera.height, camera, "pad")
    batch = prepare(np.zeros((480, 640, 3), np.uint8), g, SPEC)
    assert tuple(batch[0, 80, 0]) == PADDING_RGB and tuple(batch[0, 80, 128]) == (0, 0, 0)


@pytest.mark.parametrize("fit", ["pad", "crop"])
@pytest.mark.parametrize("camera", CAMERAS, ids=lambda c: f"{c.width}x{c.height}")
def test_the_same_wall_has_the_same_metres_through_every_camera(camera, fit):
    """A network that measures size in pixels: known width / depth = pixels / f_training."""
    g = plan_geometry(SPEC, camera.width, camera.height, camera, fit)
    width_m, distance_m = 1.8, 12.0
    pixels = camera.fx * width_m / distance_m * g.network_rect.width / g.camera_rect.width
    says = np.full((160, 256), SPEC.fx * width_m / pixels, np.float32)
    p = finish(tensors(says), g, frame_of(camera))
    assert np.nanmedian(p.depth_m) == pytest.approx(distance_m, rel=0.02)


def test_unknown_camera_is_not_scaled_and_says_so():
    g = plan_geometry(SPEC, 800, 600, None)
    assert g.depth_scale == 1.0 and not g.metric


def test_no_measurement_is_nan():
    depth = np.full((160, 256), 5.0, np.float32)
    depth[:80] = 0
    g = plan_geometry(SPEC, 1242, 375, KITTI)
    p = finish(tensors(depth), g, frame_of(KITTI))
    assert np.isnan(p.depth_m[:180]).all() and (p.depth_m[192:] == pytest.approx(5.0))


@pytest.mark.parametrize("fx", [0.0, -1.0, float("nan")])
def test_an_uncalibrated_camera_is_refused(fx):
    with pytest.raises(FrameError, match="intrinsics"):
        Intrinsics(640, 480, fx, 525, 320, 240)


@pytest.mark.parametrize(
    "image",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), "u1")],
)
def test_frames_that_are_no_rgb_images_are_refused(image):
    with pytest.raises(FrameError):
        Frame(0, "camera", image)
