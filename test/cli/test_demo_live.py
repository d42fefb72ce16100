"""The account of the live demonstration (its processes: test/live/test_end_to_end.py)."""

import pytest

pytest.importorskip("cyclonedds")

from depth_seg_ros.cli import demo_live
from depth_seg_ros.errors import LiveError

CAMERA = {"frames": 10, "late": 1}
PERCEPTION = {
    "received": 9, "processed": 6, "dropped": 2, "unwatched": 1, "failed": 0,
    "milliseconds": {"latency": {"p50": 5.0, "p95": 9.0}},
}  # fmt: skip
RECORDER = {
    "messages": {"/image": 10, "/depth/image": 6},
    "accounts": {"/depth/image": {"foreign": 0}},
}


def test_every_frame_is_told():
    camera, perception, recorder = demo_live.tell(CAMERA, PERCEPTION, RECORDER)
    assert "sent 10 frames" in camera
    assert "received 9 (lost on the way: 1); processed 6, dropped 2, unwatched 1" in perception
    assert "loop p50 5.0 p95 9.0 ms" in perception
    assert "10 images and 6 depth images" in recorder


def test_books_that_do_not_balance_are_an_error():
    with pytest.raises(LiveError, match="received 9 images and accounts for"):
        demo_live.tell(CAMERA, PERCEPTION | {"dropped": 1}, RECORDER)
    foreign = RECORDER | {"accounts": {"/depth/image": {"foreign": 2}}}
    with pytest.raises(LiveError, match="2 recorded messages belong to no"):
        demo_live.tell(CAMERA, PERCEPTION, foreign)


def test_a_process_that_dies_ends_the_demonstration(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ROS_DOMAIN_ID", "48")
    options = ["--out", str(tmp_path / "out"), "--model", "nothing.onnx", "--images", str(tmp_path)]
    assert demo_live.main(options) == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("error: "), error
    assert "no model 'nothing.onnx'" in error or "has no images" in error, error


def test_an_old_recording_is_kept(tmp_path, capsys):
    (tmp_path / "drive").mkdir()
    assert demo_live.main(["--out", str(tmp_path)]) == 1
    assert "exists already" in capsys.readouterr().err
