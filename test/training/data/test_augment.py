"""Augmentation keeps depth, labels and image together, and depth metric."""

from dataclasses import replace

import numpy as np
import pytest

from depth_seg_ros.preprocess import PADDING_RGB, Rect, draw_ground
from training.config import AugmentConfig
from training.data.augment import augment, choose_view, look, look_closely, mistell_rig
from training.data.resample import NetworkSample
from training.geometry import training_camera

EVERYTHING = AugmentConfig(
    flip=0.5, zoom=1.3, shift=1.0, pad=0.5, color=1.0, blur=0.5, noise=0.5, jpeg=0.5, gray=0.2,
    haze=0.5, shade=0.5,
)  # fmt: skip


@pytest.fixture
def sample():
    """Every pixel of the image names its label and its depth."""
    rng = np.random.default_rng(0)
    labels = np.kron(rng.integers(7, 30, (8, 12)), np.ones((4, 4))).astype(np.uint8)
    image = np.repeat(labels[..., None] * 8, 3, axis=2).astype(np.uint8)
    return NetworkSample(image, labels.astype(np.float32) * 2, labels, np.zeros(3, "f4"))


FLAT = np.float32([0.002, 0.03, -0.1])


def flat_sample():
    """Depth is that of the flat ground of ``FLAT`` (from pixel to pixel too steep to round)."""
    v, u = np.mgrid[:64, :96]
    inverse = FLAT[0] * u + FLAT[1] * v + FLAT[2]
    depth = np.where(inverse > 0, 1 / np.maximum(inverse, 1e-9), np.inf).astype(np.float32)
    labels = np.full((64, 96), 7, np.uint8)
    return NetworkSample(np.zeros((64, 96, 3), np.uint8), depth, labels, FLAT)


@pytest.mark.parametrize("seed", range(12))
def test_the_ground_moves_with_the_picture(seed):
    config = AugmentConfig(flip=0.5, zoom=1.8, shift=1.0, pad=0.5)
    varied = augment(flat_sample(), config, np.random.default_rng(seed))
    told = draw_ground(varied.ground, 96, 64)
    seen = np.isfinite(varied.depth_m) & (told > 0.2)
    assert seen.sum() > 200
    # Depth is taken from the nearest pixel: right to half of what a pixel changes.
    assert np.median(np.abs(told[seen] * varied.depth_m[seen] - 1)) < 0.02


def test_a_rig_may_be_kept_secret_or_told_a_little_wrong():
    rng = np.random.default_rng(0)
    sample, camera = flat_sample(), training_camera(96, 64)
    assert mistell_rig(sample, AugmentConfig(), rng, camera) is sample
    secret = mistell_rig(sample, AugmentConfig(rig_unknown=1.0), rng, camera)
    assert not secret.ground.any()
    told = np.array([
        mistell_rig(sample, AugmentConfig(rig_noise=1.0), rng, camera).ground for _ in range(200)
    ])  # fmt: skip
    spread = np.log(told[:, 1] / FLAT[1]).std()
    assert spread == pytest.approx(0.05, rel=0.25)  # of the height
    middle = (told[:, 2] + told[:, 0] * camera.cx) / told[:, 1] / camera.fy
    assert np.degrees(middle.std()) == pytest.approx(1.0, rel=0.2)  # of pitch
    slant = told[:, 0] / told[:, 1] * camera.fx / camera.fy
    assert np.degrees(slant.std()) == pytest.approx(1.0, rel=0.2)  # of roll


def test_the_same_seed_is_the_same_picture(sample):
    for seed in range(20):
        one = augment(sample, EVERYTHING, np.random.default_rng(seed))
        two = augment(sample, EVERYTHING, np.random.default_rng(seed))
        for a, b in zip(vars(one).values(), vars(two).values(), strict=True):
            assert np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
        assert one.image.shape == sample.image.shape and one.image.dtype == np.uint8
        assert one.depth_m.dtype == np.float32 and one.labels.dtype == np.uint8


def test_off_is_off(sample):
    same = augment(sample, AugmentConfig(), np.random.default_rng(0))
    assert np.array_equal(same.image, sample.image)
    assert np.array_equal(same.depth_m, sample.depth_m)


def test_geometry_moves_all_three_together(sample):
    config = AugmentConfig(flip=0.5, zoom=1.3, shift=1.0, pad=0.5)
    for seed in range(30):
        varied = augment(sample, config, np.random.default_rng(seed))
        inside = varied.labels != 255
        assert np.array_equal(inside, np.isfinite(varied.depth_m))
        ratio = varied.labels[inside] * 2.0 / varied.depth_m[inside]
        assert ratio.std() < 1e-5 and 1 <= ratio.mean() <= 1.3 + 1e-6  # one zoom for all pixels
        exact = varied.image[inside][:, 0] == varied.labels[inside] * 8
        assert exact.mean() > 0.3  # the rest lies on interpolated edges
        assert (varied.image[~inside] == PADDING_RGB).all()


def test_zooming_in_brings_the_world_nearer(sample):
    whole = Rect(0, 0, 48, 32)
    near = look(sample, (0.0, 0.0, 2.0), whole)
    np.testing.assert_allclose(near.depth_m[:8, :8], sample.depth_m[0, 0] / 2)
    assert (near.labels[::2, ::2] == sample.labels[:16, :24]).all()


def test_views_stay_inside_the_source():
    config = AugmentConfig(zoom=1.5, shift=1.0, pad=0.5)
    for seed in range(200):
        (left, top, zoom), place = choose_view(48, 32, config, np.random.default_rng(seed))
        assert left >= -1e-9 and left + place.width / zoom <= 48 + 1e-9
        assert top >= -1e-9 and top + place.height / zoom <= 32 + 1e-9
        assert place.width == 48 or place.height == 32


def test_looking_closely_holds_a_small_thing_and_finds_rare_ones():
    labels = np.full((32, 48), 7, np.uint8)
    labels[:, 40] = 17  # a pole of 32 pixels
    labels[20, 5] = 24  # a person of one
    config = AugmentConfig(focus=1.0, focus_zoom=3.0)
    people = 0
    for seed in range(40):
        found = look_closely(labels, config, np.random.default_rng(seed))
        assert found is not None
        (left, top, zoom), place = found
        assert place.size == (48, 32) and 1 <= zoom <= 3
        assert 0 <= left <= 48 - 48 / zoom and 0 <= top <= 32 - 32 / zoom
        person = left <= 5 <= left + 48 / zoom and top <= 20 <= top + 32 / zoom
        assert person or left <= 40 <= left + 48 / zoom
        people += person
    assert people > 12
    assert look_closely(np.full((32, 48), 7, np.uint8), config, np.random.default_rng(0)) is None


def test_without_focus_nothing_changes(sample):
    one = augment(sample, EVERYTHING, np.random.default_rng(3))
    two = augment(sample, replace(EVERYTHING, focus=0.0, focus_zoom=4.0), np.random.default_rng(3))
    assert np.array_equal(one.image, two.image)
