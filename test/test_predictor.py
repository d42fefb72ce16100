"""Frame in, Prediction out, through a real (tiny) graph in ONNX Runtime."""

import numpy as np
import pytest

from depth_seg_ros.engines import open_engine
from depth_seg_ros.engines.base import Engine
from depth_seg_ros.errors import EngineError, FrameError
from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.types import Frame, Intrinsics

CAMERA = Intrinsics(64, 40, 40.0, 40.0, 31.5, 19.5)


def half_bright() -> Frame:
    image = np.zeros((40, 64, 3), np.uint8)
    image[:, 32:] = 200
    return Frame(123, "cam_optical", image, CAMERA)


def test_predicts_at_the_cameras_resolution(tiny_onnx):
    with Predictor.open(tiny_onnx, "onnxruntime", threads=1) as predictor:
        prediction, times = predictor.predict_timed(half_bright())
    assert (prediction.stamp_ns, prediction.frame_id) == (123, "cam_optical")
    assert prediction.depth_m.shape == (40, 64) and prediction.depth_m.dtype == np.float32
    # f at network resolution: 40 * 32/64 = 20 = f_training, so metres are the graph's own.
    assert prediction.depth_m[20, 5] == pytest.approx(2.0)
    assert prediction.depth_m[20, 60] == pytest.approx(22.0)
    assert (prediction.labels[:, :30] == 23).all() and (prediction.labels[:, 34:] == 7).all()
    assert prediction.confidence[20, 60] == 200
    assert times.total_ms > 0


def test_depth_only_network_has_no_labels(tmp_path, make_tiny_onnx):
    path = make_tiny_onnx(tmp_path / "depth.onnx", labels=False)
    with Predictor.open(path, "onnxruntime") as predictor:
        prediction = predictor.predict(half_bright())
    assert prediction.labels is None and prediction.confidence is None


def test_camera_may_change_between_frames(tiny_onnx):
    with Predictor.open(tiny_onnx, "onnxruntime") as predictor:
        predictor.predict(half_bright())
        other = Frame(1, "c", np.zeros((30, 90, 3), np.uint8))
        assert predictor.predict(other).depth_m.shape == (30, 90)


def test_graph_and_spec_must_agree(tmp_path, make_tiny_onnx):
    wrong_size = ModelSpec("x", 64, 40, 20.0, 20.0, 80.0, NETWORK_CLASSES)
    with pytest.raises(EngineError, match="its spec says"):
        Predictor.open(make_tiny_onnx(tmp_path / "a.onnx", spec=wrong_size), "onnxruntime")
    promises_labels = ModelSpec("x", 32, 20, 20.0, 20.0, 80.0, NETWORK_CLASSES)
    path = make_tiny_onnx(tmp_path / "b.onnx", labels=False, spec=promises_labels)
    with pytest.raises(EngineError, match="promises"):
        Predictor.open(path, "onnxruntime")


def test_engine_refuses_other_tensors_and_unknown_backends(tiny_onnx):
    with open_engine(tiny_onnx, "onnxruntime") as engine:
        with pytest.raises(EngineError, match="takes uint8"):
            engine.infer(np.zeros((1, 20, 32, 3), np.float32))
        with pytest.raises(EngineError, match="takes uint8"):
            engine.infer(np.zeros((1, 21, 32, 3), np.uint8))
    with pytest.raises(EngineError, match="no backend"):
        open_engine(tiny_onnx, "abacus")


def test_unreadable_graph_is_one_clear_error(tmp_path, tiny_onnx):
    broken = tmp_path / "broken.onnx"
    data = bytearray(tiny_onnx.read_bytes())
    position = data.find(b"ReduceMean")
    data[position : position + 10] = b"NoSuchOper"
    broken.write_bytes(data)
    with pytest.raises(EngineError, match=r"broken\.onnx"):
        Predictor.open(broken, "onnxruntime")


def several_cameras() -> list[Frame]:
    """Five frames of three cameras, all different."""
    rng = np.random.default_rng(5)
    sizes = [(64, 40, CAMERA), (90, 30, None), (64, 40, CAMERA), (20, 64, None), (64, 40, None)]
    return [
        Frame(n, f"camera_{w}", rng.integers(0, 256, (h, w, 3), np.uint8), camera)
        for n, (w, h, camera) in enumerate(sizes)
    ]


@pytest.fixture
def calls(monkeypatch) -> list[int]:
    """Images of each call of an engine."""
    found: list[int] = []
    infer = Engine.infer
    monkeypatch.setattr(
        Engine, "infer", lambda self, *inputs: found.append(len(inputs[0])) or infer(self, *inputs)
    )
    return found


def test_a_batch_is_what_its_frames_are_alone(tiny_onnx, calls):
    frames = several_cameras()
    with (
        Predictor.open(tiny_onnx, "onnxruntime", threads=1) as alone,
        Predictor.open(tiny_onnx, "onnxruntime", threads=1, batch=3) as predictor,
    ):
        wanted = [alone.predict(frame) for frame in frames]
        calls.clear()
        outcomes = predictor.predict_batch(frames)
        assert calls == [3, 3] and predictor.info.batch == 3
        one = predictor.predict(frames[1])
    for frame, (prediction, times), single in zip(frames, outcomes, wanted, strict=True):
        assert (prediction.stamp_ns, prediction.frame_id) == (frame.stamp_ns, frame.frame_id)
        assert np.array_equal(prediction.depth_m, single.depth_m, equal_nan=True)
        assert np.array_equal(prediction.labels, single.labels)
        assert np.array_equal(prediction.confidence, single.confidence)
        assert times.total_ms > 0
    assert np.array_equal(one.depth_m, wanted[1].depth_m, equal_nan=True)


def test_one_bad_frame_loses_no_other(tiny_onnx, calls):
    frames = several_cameras()
    # a lens so long that what the network sees of it is no camera any more
    absurd = Intrinsics(9000, 40, 9e7, 0.9, 4499.5, 19.5)
    frames[1] = Frame(1, "absurd", np.zeros((40, 9000, 3), np.uint8), absurd)

    def corrected(depth_m, labels, camera, frame):
        if frame.frame_id == "absurd":
            raise FrameError("no such camera")
        return depth_m + 1, None

    with Predictor.open(tiny_onnx, "onnxruntime", threads=1, batch=4) as predictor:
        plain = predictor.predict_batch(frames)
        outcomes = predictor.predict_batch(frames, [corrected] * 5)
        own = [corrected, None, None, None, None]
        mixed = predictor.predict_batch([frames[0], *frames[2:]], own[:4])
        with pytest.raises(FrameError, match="no such camera"):
            predictor.correction = corrected
            predictor.predict(frames[1])
    assert [isinstance(o, FrameError) for o in outcomes] == [n == 1 for n in range(5)]
    known = [0, 2]  # a correction wants to know the camera
    for n in known:
        assert np.allclose(outcomes[n][0].depth_m, plain[n][0].depth_m + 1)
    assert np.allclose(mixed[0][0].depth_m, plain[0][0].depth_m + 1)
    assert np.allclose(mixed[1][0].depth_m, plain[2][0].depth_m)
    assert calls[:2] == [4, 4] and len(calls) == 6


def test_a_batch_of_nothing_is_nothing(tiny_onnx, calls):
    with Predictor.open(tiny_onnx, "onnxruntime", threads=1) as predictor:
        assert predictor.predict_batch([]) == [] and calls == []


def test_frames_that_are_all_bad_start_no_engine(tiny_onnx, calls, monkeypatch):
    def refused(*arguments):
        raise FrameError("empty")

    with Predictor.open(tiny_onnx, "onnxruntime", threads=1, batch=2) as predictor:
        monkeypatch.setattr("depth_seg_ros.predictor.plan_geometry", refused)
        outcomes = predictor.predict_batch([half_bright()] * 2)
    assert [str(o) for o in outcomes] == ["empty", "empty"] and calls == []


def test_geometries_are_remembered_but_not_without_end(tiny_onnx):
    with Predictor.open(tiny_onnx, "onnxruntime", threads=1) as predictor:
        first = predictor.geometry(half_bright())
        assert predictor.geometry(half_bright()) is first
        for width in range(10, 60):
            predictor.geometry(Frame(0, "c", np.zeros((30, width, 3), np.uint8)))
        assert predictor.geometry(half_bright()) == first
