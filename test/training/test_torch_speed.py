"""The reference that the GPU report asks PyTorch for."""

import json

import pytest

from training import torch_speed


def test_it_prints_one_object(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setattr(torch_speed, "NETWORK_HEIGHT", 32)
    monkeypatch.setattr(torch_speed, "NETWORK_WIDTH", 64)
    assert torch_speed.main(["ds_net", "--frames", "2", "--batches", "1", "2"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [r["batch"] for r in found["rows"]] == [1, 2] and found["device"]
    assert all(r["frames"] == 2 and r["p50_ms"] > 0 for r in found["rows"])
