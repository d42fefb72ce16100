"""Where a run computes: the precision that suits the processor."""

import pytest
import torch

from training import runtime
from training.config import LoopConfig

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("flags", "precision"),
    [({"avx2", "avx512f"}, "fp32"), ({"avx512_bf16"}, "bf16"), ({"asimd", "bf16"}, "bf16")],
)
def test_auto_takes_bf16_where_the_processor_multiplies_it(
    monkeypatch: pytest.MonkeyPatch, flags: set[str], precision: str
) -> None:
    monkeypatch.setattr(runtime, "_cpu_flags", lambda: flags)
    assert runtime.resolve_precision("auto", CPU) == precision
    with runtime.start(LoopConfig(precision="auto")) as place:
        assert place.precision == precision


def test_what_is_asked_for_is_taken_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_cpu_flags", set)
    assert runtime.resolve_precision("bf16", CPU) == "bf16"
