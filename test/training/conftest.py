"""Training tests need torch; without it they are skipped, not failed. One thread each."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
torch.set_num_threads(1)
