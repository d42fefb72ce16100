"""Fixtures every room may use, and a closing word on what was skipped."""

from __future__ import annotations

import resource
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.spec import METADATA_KEY, ModelSpec


def write_tiny_onnx(
    path: Path, *, labels: bool = True, doubt: bool = False, spec: ModelSpec | str | None = ""
) -> Path:
    """A network of a few multiplications with the real interface (engines/base.py).

    depth = 2 + mean colour / 10 [m]; label = 7 where red is bright (> 127), else 23; confidence
    = red. doubt: it says how sure of its depth it is, too: as blue is bright.
    spec: "" writes one that fits; None writes none; a ModelSpec is written as it is.
    """
    onnx = pytest.importorskip("onnx")
    helper, types = onnx.helper, onnx.TensorProto
    width, height = 32, 20
    node = helper.make_node
    nodes = [
        node("Cast", ["image"], ["rgb"], to=types.FLOAT),
        node("ReduceMean", ["rgb"], ["mean"], axes=[3], keepdims=0),
        node("Mul", ["mean", "tenth"], ["scaled"]),
        node("Add", ["scaled", "two"], ["depth"]),
    ]
    outputs = [helper.make_tensor_value_info("depth", types.FLOAT, [1, height, width])]
    if labels:
        nodes += [
            node("Gather", ["rgb", "zero"], ["red"], axis=3),
            node("Greater", ["red", "threshold"], ["bright"]),
            node("Where", ["bright", "road", "sky"], ["chosen"]),
            node("Cast", ["chosen"], ["labels"], to=types.UINT8),
            node("Cast", ["red"], ["confidence"], to=types.UINT8),
        ]
        outputs += [
            helper.make_tensor_value_info(name, types.UINT8, [1, height, width])
            for name in ("labels", "confidence")
        ]
    if doubt:
        nodes += [
            node("Gather", ["rgb", "last"], ["blue"], axis=3),
            node("Cast", ["blue"], ["depth_confidence"], to=types.UINT8),
        ]
        shape = [1, height, width]
        outputs.append(helper.make_tensor_value_info("depth_confidence", types.UINT8, shape))
    constants = {
        "last": np.int64(2), "tenth": np.float32(0.1), "two": np.float32(2), "zero": np.int64(0),
        "threshold": np.float32(127), "road": np.float32(7), "sky": np.float32(23),
    }  # fmt: skip
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", types.UINT8, [1, height, width, 3])],
        outputs,
        [onnx.numpy_helper.from_array(np.array(v), k) for k, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    if spec == "":
        spec = ModelSpec(
            "tiny", width, height, 20.0, 20.0, 80.0, NETWORK_CLASSES if labels else None,
            depth_confidence=doubt,
        )  # fmt: skip
    if isinstance(spec, ModelSpec):
        helper.set_model_props(model, {METADATA_KEY: spec.to_json()})
    onnx.save(model, path)
    return path


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Shells start background jobs with Ctrl-C ignored, nohup with hang-ups, and children inherit
    that: tests that signal a process would wait for ever. A handler here is the default there."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda number, frame: None)


@pytest.fixture
def tiny_onnx(tmp_path: Path) -> Path:
    """A tiny depth + labels network with a spec (32x20 input)."""
    return write_tiny_onnx(tmp_path / "tiny.onnx")


@pytest.fixture
def make_tiny_onnx():
    """The factory behind ``tiny_onnx``: make_tiny_onnx(path, labels=..., spec=...)."""
    return write_tiny_onnx


@pytest.fixture
def full_disk():
    """``with full_disk(limit=3000)``: the system lets no file grow beyond so many bytes (it needs
    no root), so that a write is cut short as on a full disk."""

    @contextmanager
    def limited(limit: int = 3000) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limited


def pytest_terminal_summary(terminalreporter) -> None:  # type: ignore[no-untyped-def]
    """Say how many tests were skipped and why, so that a quiet skip is seen."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"skipped {count}: {reason}")
