"""What the live commands say when they cannot start (what they do: test_end_to_end.py)."""

import pytest

pytest.importorskip("cyclonedds")

from depth_seg_ros.cli import depth_seg_live, record_live, virtual_camera_live


@pytest.fixture(autouse=True)
def confined(live_loopback, monkeypatch):
    for name, value in live_loopback.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def live_loopback():
    interface = '<Interfaces><NetworkInterface address="127.0.0.1"/></Interfaces>'
    tag = "<Discovery><Tag>test-live-commands</Tag></Discovery>"
    uri = f'<CycloneDDS><Domain Id="any"><General>{interface}</General>{tag}</Domain></CycloneDDS>'
    return {
        "ROS_DOMAIN_ID": "48",
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "CYCLONEDDS_URI": uri,
    }


def only_error(capsys) -> str:
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: "), lines
    return lines[0]


@pytest.mark.parametrize(
    ("variables", "options", "text"),
    [
        ({"ROS_DOMAIN_ID": "999"}, [], "ROS_DOMAIN_ID is '999'"),
        ({"CYCLONEDDS_URI": "<Broken/>"}, [], "does not accept its configuration"),
        ({}, ["-r", "image"], "must look like from:=to"),
        ({}, ["--image", "/2d"], "is no topic name"),
        ({}, ["--name", "my-node"], "node name 'my-node'"),
        ({}, ["--model", "nothing.onnx"], "no model 'nothing.onnx'"),
    ],
)
def test_perception_refuses_in_one_line(variables, options, text, tiny_onnx, monkeypatch, capsys):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    model = ["--model", str(tiny_onnx), "--backend", "onnxruntime", "--threads", "1"]
    assert depth_seg_live.main([*model, *options]) == 1
    assert text in only_error(capsys)


def test_a_camera_nobody_watches_gives_up(capsys, tmp_path):
    import cv2
    import numpy as np

    cv2.imwrite(str(tmp_path / "0.png"), np.zeros((4, 4, 3), np.uint8))
    options = ["--images", str(tmp_path), "--wait-for", "1", "--wait-timeout", "0.2"]
    assert virtual_camera_live.main(options) == 1
    assert only_error(capsys) == "error: not 1 subscribers after 0.2 s"


def test_a_recording_never_overwrites(capsys, tmp_path):
    (tmp_path / "bag").mkdir()
    assert record_live.main(["--out", str(tmp_path / "bag"), "--seconds", "0.1"]) == 1
    assert "exists already" in only_error(capsys)
    assert list((tmp_path / "bag").iterdir()) == []


def test_a_missing_library_is_named_with_its_cure(capsys, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert record_live.main(["--out", "unused"]) == 1
    assert "pip install '.[bags,dds]'" in only_error(capsys)
