"""An engine whose device fails: what is lost, when it is tried again, what takes over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from networks import HEIGHT, WIDTH, write_convolutions

from depth_seg_ros.engines import open_engine, parity, recovery
from depth_seg_ros.engines.base import Engine, EngineInfo, Tensors
from depth_seg_ros.engines.recovery import LOST, RecoveringEngine
from depth_seg_ros.errors import EngineError

IMAGE = np.zeros((1, 2, 2, 3), np.uint8)


class Fragile(Engine):
    """Fails while its device is gone."""

    def __init__(self, machine: Machine, backend: str) -> None:
        self.info = EngineInfo(backend, "1", "a GPU", "fp16", (1, 2, 2, 3), ("depth",))
        self._machine = machine
        machine.open += 1

    def _infer(self, inputs: Tensors) -> Tensors:
        if self._machine.gone and self.info.backend == "gpu":
            raise RuntimeError("device lost")
        return {"depth": np.ones((1, 2, 2), np.float32)}

    def close(self) -> None:
        self._machine.open -= 1


class Machine:
    """A GPU, a clock, and how many engines are open."""

    def __init__(self) -> None:
        self.gone, self.now_s, self.open = False, 0.0, 0

    def gpu(self) -> Engine:
        if self.gone:
            raise EngineError("no GPU")
        return Fragile(self, "gpu")

    def engine(self, fallback: Callable[[], Engine] | None = None) -> RecoveringEngine:
        return RecoveringEngine(self.gpu, fallback, lambda: self.now_s)


def test_frames_are_lost_until_the_device_is_back() -> None:
    machine = Machine()
    engine = machine.engine()
    engine.infer(IMAGE)
    machine.gone = True
    with pytest.raises(EngineError, match=r"device lost; next try in 1 s"):
        engine.infer(IMAGE)
    assert machine.open == 0 and "next try in 1 s" in engine.info.details[LOST]
    machine.gone = False
    with pytest.raises(EngineError, match="next try in 1 s"):  # it is not time yet
        engine.infer(IMAGE)
    machine.now_s = 1.0
    assert engine.infer(IMAGE)["depth"].all() and machine.open == 1
    assert engine.info.details[LOST] == "it was lost once, last: gpu on a GPU failed: device lost"


def test_tries_become_rarer_and_never_end() -> None:
    machine = Machine()
    engine = machine.engine()
    machine.gone = True
    waits = []
    for _ in range(10):
        with pytest.raises(EngineError) as caught:
            engine.infer(IMAGE)
        waits.append(int(str(caught.value).split()[-2]))
        machine.now_s += waits[-1]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_the_fallback_takes_over_after_some_tries() -> None:
    machine = Machine()
    engine = machine.engine(lambda: Fragile(machine, "cpu"))
    machine.gone = True
    for _ in range(recovery.TRIES):
        with pytest.raises(EngineError, match="engine lost"):
            engine.infer(IMAGE)
        machine.now_s += 100
    engine.infer(IMAGE)
    assert engine.info.backend == "cpu" and machine.open == 1
    engine.close()
    engine.close()
    assert machine.open == 0


def test_a_sound_engine_forgets_old_failures() -> None:
    machine = Machine()
    engine = machine.engine()
    for _ in range(2):
        machine.gone = True
        with pytest.raises(EngineError, match="next try in 1 s"):
            engine.infer(IMAGE)
        machine.gone, machine.now_s = False, machine.now_s + 1
        for _ in range(recovery.SOUND):
            engine.infer(IMAGE)


def test_an_engine_of_another_shape_is_not_taken() -> None:
    machine = Machine()
    engine = machine.engine()
    machine.gone = True
    with pytest.raises(EngineError):
        engine.infer(IMAGE)
    engine.info = EngineInfo("gpu", "1", "a GPU", "fp16", (1, 4, 4, 3), ("depth",))
    machine.gone, machine.now_s = False, 5.0
    with pytest.raises(EngineError, match=r"opened again takes {.image.: \(1, 2, 2, 3\)}"):
        engine.infer(np.zeros((1, 4, 4, 3), np.uint8))
    assert machine.open == 0


def test_the_ground_goes_through(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    model = write_convolutions(tmp_path / "rig.onnx", rig=True)
    image, ground = parity.frames(HEIGHT, WIDTH, 1), parity.grounds(HEIGHT, WIDTH, 1)
    with (
        open_engine(model, "onnxruntime", threads=1) as plain,
        open_engine(model, "onnxruntime", threads=1, fallback="cpu") as engine,
    ):
        wanted, found = plain.infer(image, ground), engine.infer(image, ground)
    assert all(np.array_equal(found[k], wanted[k]) for k in wanted)


def test_an_unknown_fallback_is_named(tiny_onnx: str) -> None:
    with pytest.raises(EngineError, match="no fallback 'gpu'; known: none, cpu"):
        open_engine(tiny_onnx, fallback="gpu")
