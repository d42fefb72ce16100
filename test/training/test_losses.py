"""Losses against their formulas, masks, and finiteness at zero."""

import math

import pytest
import torch

from depth_seg_ros.errors import ConfigError
from training.layers.network import Outputs
from training.losses import (
    DEPTH_LOSSES,
    Loss,
    class_weights,
    cross_entropy,
    depth_target,
    gradient,
    log_l1,
    log_rmse,
    silog,
)

NAN, INF = float("nan"), float("inf")


def image(rows):
    return torch.tensor([rows], dtype=torch.float32)


def test_target_masks_what_nobody_measured():
    depth = image([[NAN, INF, 0.0, 10.0, 100.0]])
    clipped = depth_target(depth, 80, beyond="clip", sky="mask")
    assert clipped.mask.tolist() == [[[False, False, False, True, True]]]
    assert clipped.metres[clipped.mask].tolist() == [10, 80]
    masked = depth_target(depth, 80, beyond="mask", sky="mask")
    assert masked.mask.tolist() == [[[False, False, False, True, False]]]
    far = depth_target(depth, 40, beyond="mask", sky="far")
    assert far.mask.tolist() == [[[False, True, False, True, False]]]
    assert far.metres[far.mask].tolist() == [40, 10]


@pytest.mark.parametrize("name", DEPTH_LOSSES)
def test_finite_loss_and_gradient_for_predictions_of_zero_and_empty_images(name):
    prediction = torch.zeros(2, 16, 16, requires_grad=True)
    depth = torch.full((2, 16, 16), 20.0)
    depth[1] = NAN
    value = DEPTH_LOSSES[name](prediction, depth_target(depth, 80, "clip", "mask"))
    value.backward()
    assert math.isfinite(value.item())
    assert bool(torch.isfinite(prediction.grad).all())


@pytest.mark.parametrize("name", DEPTH_LOSSES)
def test_a_perfect_prediction_costs_nothing(name):
    depth = torch.rand(2, 16, 16) * 50 + 1
    value = DEPTH_LOSSES[name](depth.clone(), depth_target(depth, 80, "clip", "mask"))
    assert value.item() < 2e-4  # the square roots start at 1e-4


def test_formulas_on_numbers_done_by_hand():
    prediction, truth = image([[2.0, 8.0, 5.0]]), image([[1.0, 4.0, NAN]])
    target = depth_target(truth, 80, "clip", "mask")
    ln2 = math.log(2)
    assert log_l1(prediction, target).item() == pytest.approx(ln2)
    assert log_rmse(prediction, target).item() == pytest.approx(ln2)
    assert silog(prediction, target).item() == pytest.approx(ln2 * math.sqrt(1 - 0.85))


def test_log_rmse_is_over_the_batch_and_the_others_over_images():
    prediction = torch.tensor([[[2.0, 2.0]], [[1.0, 1.0]]])
    truth = torch.tensor([[[1.0, NAN]], [[1.0, 1.0]]])
    target = depth_target(truth, 80, "clip", "mask")
    ln2 = math.log(2)
    assert log_rmse(prediction, target).item() == pytest.approx(ln2 / math.sqrt(3))
    assert log_l1(prediction, target).item() == pytest.approx(ln2 / 2)


def test_gradient_matching_ignores_scale_and_sees_edges():
    depth = torch.rand(1, 16, 16) * 50 + 1
    target = depth_target(depth, 80, "clip", "mask")
    assert gradient(depth * 1.5, target).item() < 1e-5
    assert gradient(depth.flip(2), target).item() > 0.1


def test_cross_entropy_ignores_unlabelled_pixels():
    logits = torch.zeros(1, 30, 1, 3)
    logits[0, 7, 0, 0] = 5.0
    labels = torch.tensor([[[7, 255, 8]]], dtype=torch.uint8)
    expected = torch.nn.functional.cross_entropy(logits[0, :, 0, [0, 2]].T, torch.tensor([7, 8]))
    assert cross_entropy(logits, labels, None).item() == pytest.approx(expected.item())
    nothing = torch.full((1, 1, 3), 255, dtype=torch.uint8)
    assert cross_entropy(logits, nothing, None).item() == 0
    assert cross_entropy(logits, nothing, torch.ones(30)).item() == 0


def test_class_weights_favour_rare_classes_and_keep_the_mean():
    pixels = torch.tensor([9000, 990, 10, 0])
    for kind in ("enet", "sqrt"):
        weights = class_weights(pixels, kind)
        assert weights[0] < weights[1] < weights[2]
        assert (weights * pixels).sum().item() / 10_000 == pytest.approx(1, rel=1e-4)
        assert weights[3] == 1
    assert class_weights(pixels, "none") is None


def test_splitting_a_batch_changes_nothing():
    """What gradient accumulation and several processes rely on."""
    torch.manual_seed(0)
    outputs = Outputs(torch.rand(4, 8, 8) * 30 + 1, torch.randn(4, 30, 8, 8))
    depth = torch.rand(4, 8, 8) * 60
    depth[0, :5] = NAN  # images with different numbers of valid pixels
    labels = torch.randint(0, 30, (4, 8, 8), dtype=torch.uint8)
    labels[1, :, :6] = 255
    loss = Loss({"log_l1": 1, "silog": 1}, 0.5, 80, class_weights=torch.rand(30) + 0.5)
    whole, _ = loss(outputs, depth, labels)
    halves = [
        loss(Outputs(outputs.depth_m[s], outputs.logits[s]), depth[s], labels[s])[0]
        for s in (slice(0, 2), slice(2, 4))
    ]
    assert whole.item() == pytest.approx(sum(h.item() for h in halves) / 2, rel=1e-6)


def test_unknown_losses_are_one_clear_error():
    with pytest.raises(ConfigError, match=r"berhu.*known"):
        Loss({"berhu": 1.0}, 1.0, 80)
    with pytest.raises(ConfigError, match="max_depth_m"):
        Loss({"l1": 1.0}, 1.0, INF)
