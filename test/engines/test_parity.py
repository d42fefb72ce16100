"""The judge of engines: it sees wrong numbers, mixed-up batches and values that are not finite."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from depth_seg_ros.engines import parity
from depth_seg_ros.engines.base import Engine, EngineInfo, Tensors
from depth_seg_ros.errors import EngineError


class Formula(Engine):
    """depth = 2 + mean colour / 10, label = red / 64; ``spoil`` may change what comes out."""

    def __init__(self, batch: int = 1, spoil: Any = lambda t: t, labels: bool = True) -> None:
        outputs = ("depth", "labels") if labels else ("depth",)
        self.info = EngineInfo("formula", "1", "CPU", "fp32", (batch, 20, 32, 3), outputs)
        self._spoil = spoil

    def _infer(self, inputs: Tensors) -> Tensors:
        image = inputs["image"]
        depth = (2 + image.mean(axis=3) / 10).astype(np.float32)
        tensors = {"depth": depth, "labels": image[..., 0] // 64}
        return self._spoil({k: tensors[k] for k in self.info.outputs})


def test_equal_engines_differ_by_nothing() -> None:
    found = parity.measure(Formula(), Formula())
    assert (found.depth_max_m, found.depth_mean_relative, found.label_agreement) == (0, 0, 1)
    assert found.frames == 4 and found.reference == "formula fp32"
    for precision in parity.BOUNDS:
        parity.check(found, precision)


def test_numbers_are_what_they_say() -> None:
    found = parity.measure(Formula(spoil=lambda t: t | {"depth": t["depth"] * 1.02}), Formula())
    assert found.depth_mean_relative == pytest.approx(0.02, rel=1e-4)
    assert found.depth_max_relative == pytest.approx(0.02, rel=1e-4)
    with pytest.raises(EngineError, match=r"refused.*mean depth difference above 0\.5 %"):
        parity.check(found, "fp16")


def test_one_wrong_pixel_is_seen() -> None:
    def spoil(t: dict[str, Any]) -> dict[str, Any]:
        t["depth"][0, 3, 4] += 9
        return t

    with pytest.raises(EngineError, match="largest depth difference"):
        parity.check(parity.measure(Formula(spoil=spoil), Formula()), "fp32")


def test_wrong_labels_are_seen() -> None:
    found = parity.measure(Formula(spoil=lambda t: t | {"labels": t["labels"] ^ 1}), Formula())
    assert found.label_agreement == 0
    with pytest.raises(EngineError, match="label agreement below"):
        parity.check(found, "int8")


def test_mixed_up_batch_is_seen() -> None:
    parity.check(parity.measure(Formula(batch=3), Formula()), "fp32")
    mixed = Formula(batch=3, spoil=lambda t: {k: v[::-1] for k, v in t.items()})
    with pytest.raises(EngineError, match="refused"):
        parity.check(parity.measure(mixed, Formula()), "fp32")


def test_not_finite_is_refused() -> None:
    broken = Formula(spoil=lambda t: t | {"depth": np.full_like(t["depth"], np.nan)})
    with pytest.raises(EngineError, match="not finite"):
        parity.measure(broken, Formula())


def test_missing_output_is_refused() -> None:
    with pytest.raises(EngineError, match=r"engine gives \['depth'\], reference"):
        parity.measure(Formula(labels=False), Formula())
    assert parity.measure(Formula(labels=False), Formula(labels=False)).label_agreement is None


def test_frames_differ_from_each_other_and_never_change() -> None:
    first, again = parity.frames(20, 32), parity.frames(20, 32)
    assert np.array_equal(first, again) and first.dtype == np.uint8
    assert all((first[0] != first[i]).mean() > 0.5 for i in (1, 2, 3))
    assert first.std() > 20


@pytest.mark.parametrize(
    "name", ["depth_mean_relative", "depth_max_relative", "label_agreement", "confidence_mean"]
)
def test_nan_is_never_parity(name):
    good = parity.Parity(1, "x fp32", 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    parity.check(good, "fp32")
    with pytest.raises(EngineError, match="refused"):
        parity.check(replace(good, **{name: float("nan")}), "fp32")
