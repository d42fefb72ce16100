"""From light to pictures: exposure, noise, determinism."""

import numpy as np
import pytest

from depth_seg_ros.virtual_world.light.camera_model import (
    SHARP,
    CameraModel,
    develop,
    metered_gain,
    random_camera_model,
    steadied,
)


def light(value: float, size: tuple[int, int] = (40, 60)) -> np.ndarray:
    return np.full((*size, 3), value, np.float32)


def test_exposure_meets_mid_grey_whatever_the_light() -> None:
    for value in (0.1, 0.4, 1.0):
        picture = develop(light(value), SHARP, metered_gain(light(value)), 0)
        assert picture.shape == (40, 60, 3)
        assert 90 < picture.mean() < 150


def test_more_exposure_is_brighter_and_clips() -> None:
    ramp = np.repeat(np.linspace(0, 8, 256, dtype=np.float32)[None, :, None], 3, 2)
    picture = develop(ramp, SHARP, 1.0, 0)[0, :, 0].astype(int)
    assert (np.diff(picture) >= 0).all()
    assert picture[0] == 0
    assert picture[-1] >= 250


def test_noise_is_seeded_and_of_the_asked_size() -> None:
    noisy = CameraModel(0, blur_px=0, bloom=0, vignetting=0, read_noise=0.02, shot_noise=0)
    wide = light(0.2, (30, 1242))
    a, b, c = (develop(wide, noisy, 1.0, seed) for seed in (1, 1, 2))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)
    clean = develop(wide, SHARP, 1.0, 0)
    slope = (develop(wide + 0.01, SHARP, 1.0, 0).mean() - clean.mean()) / 0.01
    assert (a.astype(float) - clean).std() == pytest.approx(0.02 * slope, rel=0.15)


def test_a_model_of_a_seed_is_the_same_and_all_work() -> None:
    rng = np.random.default_rng(0)
    image = rng.random((48, 64, 3)).astype(np.float32)
    for seed in range(20):
        model = random_camera_model(np.random.default_rng(seed))
        assert model == random_camera_model(np.random.default_rng(seed))
        picture = develop(image, model, 1.0, seed)
        assert picture.dtype == np.uint8
        assert picture.shape == image.shape
        assert picture.std() > 5


def test_the_light_itself_is_not_touched() -> None:
    image = np.random.default_rng(0).random((48, 64, 3)).astype(np.float32)
    before = image.copy()
    develop(image, random_camera_model(np.random.default_rng(1)), 1.0, 3)
    assert np.array_equal(image, before)


def test_exposure_follows_the_light_slowly() -> None:
    assert steadied(2.0, None, 0.1) == 2.0
    half_way = steadied(2.0, 1.0, 0.1)
    assert 1.0 < half_way < 1.5
    assert steadied(2.0, 1.0, 60.0) == pytest.approx(2.0)
