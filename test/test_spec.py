"""ModelSpec travels inside the ONNX file and foreign files are told apart."""

import json
import os
from dataclasses import replace

import numpy as np
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
    unaware = replace(told, default_rig=None)
    assert ModelSpec.from_json(unaware.to_json()) == unaware
    with pytest.raises(SpecError, match="only a network with rig_input can do without"):
        replace(SPEC, default_rig=None)
    assert not {"rig_input", "default_rig", "depth_confidence"} & json.loads(SPEC.to_json()).keys()
    taught = replace(SPEC, default_rig=Rig(0.5, 0.0, 0.0))
    assert ModelSpec.from_json(taught.to_json()) == taught  # of a robot's camera, and not told so
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


def changed(**changes):
    return json.dumps({**json.loads(SPEC.to_json()), **changes})


CLASS = {"id": 7, "name": "road", "color": [1, 2, 3], "evaluated": True}


@pytest.mark.parametrize(
    "changes",
    [
        {"fx": 1e400}, {"fx": float("nan")}, {"fx": 5e-324}, {"fx": "149"}, {"fx": True},
        {"fy": -1}, {"max_depth_m": float("inf")}, {"max_depth_m": None},
        {"input_width": 256.0}, {"input_width": "256"}, {"input_height": 10**9},
        {"name": "../../etc/x"}, {"name": "a/b"}, {"name": ""}, {"name": ".hidden"}, {"name": 3},
        {"name": "a\nb"}, {"name": "x" * 300}, {"fit": ["pad"]}, {"precision": 8},
        {"training": [1]}, {"license": None}, {"rig_input": 1}, {"depth_confidence": "yes"},
        {"classes": 5}, {"classes": [CLASS | {"id": "7"}]}, {"classes": [CLASS | {"id": 300}]},
        {"classes": [CLASS | {"color": [1, 2]}]}, {"classes": [CLASS | {"color": "abc"}]},
        {"classes": [CLASS | {"color": [1, 2, 999]}]},
        {"classes": [CLASS | {"color": [1, 2, 0.5]}]},
        {"classes": [CLASS | {"name": None}]}, {"classes": [CLASS, CLASS]}, {"classes": [[]]},
        {"classes": {"a": 1}}, {"default_rig": [1]}, {"default_rig": {"height_m": "x"}},
        {"unheard_of": 1}, {"format": "1"}, {"format": None},
    ],
)  # fmt: skip
def test_values_of_the_wrong_kind_are_one_line(changes):
    with pytest.raises(SpecError, match="model spec") as error:
        ModelSpec.from_json(changed(**changes))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text", ["", "[]", "1", "null", "{", "[" * 100_000, '{"format": 1, "fx": ' + "9" * 5000 + "}"]
)
def test_what_is_no_spec_at_all(text):
    with pytest.raises(SpecError):
        ModelSpec.from_json(text)


def test_broken_metadata_and_foreign_files(tmp_path, make_tiny_onnx):
    good = make_tiny_onnx(tmp_path / "good.onnx", spec=SPEC).read_bytes()
    rng = np.random.default_rng(0)
    at = good.index(METADATA_KEY.encode())
    path = tmp_path / "bad.onnx"
    for position in rng.integers(at - 12, len(good), 300):
        data = bytearray(good)
        data[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(bytes(data))
        try:
            read_spec(path)
        except SpecError as e:
            assert str(path) in str(e)
    os.mkfifo(tmp_path / "pipe.onnx")
    for odd in (tmp_path, tmp_path / "pipe.onnx"):
        with pytest.raises(SpecError, match="is not a file"):
            read_spec(odd)


def test_a_field_with_a_line_break_in_its_name_is_one_line() -> None:
    data = json.loads(ModelSpec("a", 32, 20, 20.0, 20.0, 80.0).to_json()) | {"traini\ng": 1}
    with pytest.raises(SpecError) as caught:
        ModelSpec.from_json(json.dumps(data))
    assert "\n" not in str(caught.value)
