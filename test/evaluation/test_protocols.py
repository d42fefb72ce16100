"""Each protocol's choice of pixels, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from depth_seg_ros.errors import ConfigError, EvaluationError
from depth_seg_ros.evaluation.score.protocols import PROTOCOLS, get_protocol
from depth_seg_ros.metrics.depth import DEPTH_METRICS, log_rmse

NAN, INF = np.nan, np.inf


def image(value: float, shape: tuple[int, int] = (100, 200)) -> np.ndarray:
    return np.full(shape, value, np.float32)


def test_the_promised_protocols_exist_and_their_headlines_are_metrics() -> None:
    promised = {"eigen", "eigen_benchmark", "kitti_devkit", "paper", "paper_as_released"}
    assert promised <= PROTOCOLS.keys()
    for protocol in PROTOCOLS.values():
        assert set(protocol.headline) <= DEPTH_METRICS.keys()
        assert protocol.describe()[0].startswith(protocol.name)
    with pytest.raises(ConfigError, match=r"no protocol 'kitti'; known: eigen"):
        get_protocol("kitti")


def test_the_garg_crop_is_the_published_rectangle() -> None:
    pixels = get_protocol("eigen").select(image(5), image(5, (100, 200)))
    # rows int(40.81)..int(99.19), columns int(7.19)..int(192.81)
    assert pixels.wanted == (99 - 40) * (192 - 7)
    assert pixels.scored[40, 7] and pixels.scored[98, 191]
    assert not pixels.scored[39, 7] and not pixels.scored[99, 7]
    assert not pixels.scored[40, 6] and not pixels.scored[40, 192]


def test_eigen_ignores_far_truth_and_clips_predictions() -> None:
    truth = image(79.9)
    truth[:, :100] = 80.0
    pixels = get_protocol("eigen_benchmark").select(image(500), truth)
    assert pixels.wanted == 100 * 100
    assert np.all(pixels.prediction == 80.0)
    assert np.all(pixels.truth == np.float32(79.9))


def test_the_devkit_has_neither_cap_nor_crop() -> None:
    truth = np.array([[NAN, 0.5, 200.0, INF]], np.float32)
    pixels = get_protocol("kitti_devkit").select(np.array([[1, 1, 1e4, 1]], np.float32), truth)
    assert pixels.truth.tolist() == [0.5, 200.0]
    assert pixels.prediction.tolist() == pytest.approx([1.0, 65535 / 256])


def test_the_paper_counts_sky_as_forty_metres() -> None:
    truth = image(INF)
    truth[50:] = 10
    pixels = get_protocol("paper").select(image(100), truth)
    assert pixels.scored.shape == (160, 256)
    assert pixels.wanted == 160 * 256
    assert sorted(set(pixels.truth.tolist())) == [10.0, 40.0]
    assert set(pixels.prediction.tolist()) == {40.0}


def test_the_paper_never_invents_depths_between_two_surfaces() -> None:
    truth = image(5)
    truth[:, 100:] = 30
    pixels = get_protocol("paper").select(image(5), truth)
    assert set(pixels.truth.tolist()) == {5.0, 30.0}


def test_as_released_a_perfect_predictor_scores_badly() -> None:
    rng = np.random.default_rng(0)
    dense = rng.uniform(5, 60, (375, 1242)).astype(np.float32)
    sparse = np.where(rng.random(dense.shape) < 0.05, dense, np.float32(NAN))
    correct = get_protocol("paper").select(dense, sparse)
    assert log_rmse(correct.prediction, correct.truth) == 0.0
    misread = get_protocol("paper_as_released").select(dense, sparse)
    assert log_rmse(misread.prediction, misread.truth) > 0.5


def test_as_released_divides_by_100() -> None:
    truth = image(NAN)
    truth[:, ::4] = 10.0
    # A constant truth would be dense; here each sample meets holes, so it never exceeds 25.6 m.
    pixels = get_protocol("paper_as_released").select(image(10), truth)
    assert pixels.truth.max() <= np.float32(25.6)
    assert pixels.truth.max() > 15


def test_as_released_refuses_dense_truth() -> None:
    with pytest.raises(
        EvaluationError, match=r"this truth is dense \(100%.*use the protocol paper"
    ):
        get_protocol("paper_as_released").select(image(5), image(5))


def test_what_the_network_did_not_see_is_counted_as_not_covered() -> None:
    prediction = image(5)
    prediction[:, :50] = NAN
    pixels = get_protocol("dense").select(prediction, image(5))
    assert pixels.coverage == 0.75
    assert len(pixels.truth) == 75 * 200
    assert np.isnan(pixels.error_map()[0, 0])
    assert pixels.error_map()[0, 60] == 0


def test_median_scaling_is_an_option_and_is_said() -> None:
    scaled = replace(get_protocol("dense"), median_scaling=True)
    pixels = scaled.select(image(2), image(6))
    assert np.allclose(pixels.prediction, 6)
    assert "per-image median scaling" in scaled.describe()
    assert "no scaling: metric depth" in get_protocol("dense").describe()


def test_sizes_must_agree() -> None:
    with pytest.raises(EvaluationError, match="the prediction is 200x100, the truth 100x100"):
        get_protocol("eigen").select(image(5), image(5, (100, 100)))


def test_baselines_meet_the_same_pixels() -> None:
    prediction = image(5)
    prediction[:, :50] = NAN
    truth = image(20)
    truth[:, 150:] = 30
    protocol = get_protocol("dense")
    pixels = protocol.select(prediction, truth)
    assert protocol.guess(7.0, pixels).tolist() == [7.0] * len(pixels.truth)
    picture = np.array([[20, 20, 20, 30]], np.float32)
    guess = protocol.guess(picture, pixels)
    assert guess.shape == pixels.truth.shape
    assert guess[-1] == 30
