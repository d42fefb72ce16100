"""ModelSpec travels inside the ONNX file and foreign files are told apart."""

import json
from dataclasses import replace

import pytest

from depth_seg_ros.errors import SpecError
from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.models import resolve_model
from depth_seg_ros.spec import METADATA_KEY, ModelSpec, read_spec
from depth_seg_ros.types import Rig

SPEC = ModelSpec(
    "ds_net", 256, 160, 149.4, 309.3, 80.0, NETWORK_CLASSES, training={"data": "x", "steps": 3}
)


def test_json_round_trip():
    assert ModelSpec.from_json(SPEC.to_json()) == SPEC


def test_a_rig_and_a_confidence_travel_along_and_only_where_they_are():
    told = replace(SPEC, rig_input=True, default_rig=Rig(0.4, 0.1, 0.0), depth_confidence=True)
    assert ModelSpec.from_json(told.to_json()) == told
    assert not {"rig_input", "default_rig", "depth_confidence"} & json.loads(SPEC.to_json()).keys()
    with pytest.raises(SpecError, match="camera height is 0"):
        ModelSpec.from_json(told.to_json().replace('"height_m": 0.4', '"height_m": 0'))


def test_spec_is_read_from_an_onnx_file_without_a_runtime(tmp_path, make_tiny_onnx):
    path = make_tiny_onnx(tmp_path / "m.onnx", spec=SPEC)
    assert read_spec(path) == SPEC


def test_onnx_without_spec(tmp_path, make_tiny_onnx):
    path = make_tiny_onnx(tmp_path / "m.onnx", spec=None)
    with pytest.raises(SpecError, match="no model spec"):
        read_spec(path)


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01garbage", b"PK\x03\x04zip", b"\x7a\xff\xff\x01"]
)
def test_files_that_are_no_onnx(tmp_path, content):
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    with pytest.raises(SpecError, match=r"m\.onnx"):
        read_spec(path)


def test_truncated_onnx(tmp_path, tiny_onnx):
    short = tmp_path / "short.onnx"
    short.write_bytes(tiny_onnx.read_bytes()[:200])
    with pytest.raises(SpecError):
        read_spec(short)


@pytest.mark.parametrize(
    "text", ["{}", "[]", "nonsense", '{"format": 99}', '{"format": 1, "name": "x"}']
)
def test_foreign_specs(text):
    with pytest.raises(SpecError):
        ModelSpec.from_json(text)


def test_unknown_model_names_what_there_is():
    with pytest.raises(SpecError, match="shipped name"):
        resolve_model("no_such_model")
    with pytest.raises(SpecError, match="no model file"):
        read_spec("no_such.onnx")


def test_wrong_facts_are_refused():
    with pytest.raises(SpecError, match="fit"):
        ModelSpec("x", 1, 1, 1.0, 1.0, 1.0, fit="stretch")
    with pytest.raises(SpecError, match="input size"):
        ModelSpec("x", 0, 1, 1.0, 1.0, 1.0)
    assert METADATA_KEY.startswith("depth_seg_ros")
