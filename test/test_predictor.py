"""Frame in, Prediction out, through a real (tiny) graph in ONNX Runtime."""

import numpy as np
import pytest

from depth_seg_ros.engines import open_engine
from depth_seg_ros.errors import EngineError
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
