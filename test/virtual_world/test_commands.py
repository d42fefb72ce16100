"""The command line: what it makes of a tiny world, and of options that make no sense."""

from pathlib import Path

import pytest
from scenes import build_tiny_scene

from depth_seg_ros.cli.virtual_world import main
from depth_seg_ros.readers.virtual_kitti import VirtualKitti1
from depth_seg_ros.virtual_world.data import drive
from depth_seg_ros.virtual_world.scene import Scene


def test_a_data_set_is_made_shard_by_shard(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drive, "build_scene", build_tiny_scene)
    camera, out = tmp_path / "camera.yaml", tmp_path / "data"
    camera.write_text("{width: 96, height: 64, fx: 80, fy: 80, cx: 47.5, cy: 31.5}")
    options = ["--scenes", "5", "--frames", "2", "--camera", str(camera), "--scale", "0.5"]
    options += ["--variations", "clone,fog", "--out", str(out)]
    assert main(["dataset", *options, "--shard", "2/2"]) == 0
    assert f"{out}: 8 frames complete" in capsys.readouterr().out
    reader = VirtualKitti1(out)
    assert {tuple(key.split("/")[:2]) for key in reader.keys} == {
        (world, variation) for world in ("0001", "0003") for variation in ("clone", "fog")
    }
    assert reader[0].frame.image.shape == (32, 48, 3)
    assert main(["dataset", *options, "--shard", "1/2"]) == 0
    assert len(VirtualKitti1(out)) == 5 * 2 * 2


@pytest.mark.parametrize(
    ("command", "bad"),
    [
        *((command, "--seed -1") for command in ("dataset", "drive", "preview", "benchmark")),
        *(("drive", f"--scale {scale}") for scale in ("0", "-1", "nan", "inf", "100", "1e-9")),
        *(("drive", f"--seconds {seconds}") for seconds in ("nan", "inf", "0", "-1", "long")),
        ("drive", "--rate-hz nan"),
        ("drive", "--threads 0"),
        ("dataset", "--scenes 0"),
        ("dataset", "--frames 1.5"),
        ("dataset", "--workers 0"),
        ("dataset", "--rate-hz 0"),
        ("dataset", "--scale 100"),
        *(("dataset", f"--shard {shard}") for shard in ("2", "3/2", "0/2", "²/2", "a/b")),
        ("preview", "--scenes 0"),
        ("preview", "--columns 0"),
        ("preview", "--width 0"),
        ("preview", "--width 1000000"),
        ("preview", "--what truth --scenes 100000"),
        ("benchmark", "--scenes 0"),
        ("benchmark", "--frames 0"),
    ],
)
def test_bad_options_end_with_one_line_and_no_output(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    bad: str,
) -> None:
    def build(seed: int, *_: object) -> Scene:
        raise AssertionError("refused before a world is built")

    monkeypatch.setattr(drive, "build_scene", build)
    name = {"dataset": "data", "drive": "x.mcap", "preview": "x.png", "benchmark": "x.json"}
    needed = ["--scenes", "1", "--frames", "1"] if command == "dataset" else []
    argv = [command, "--out", str(tmp_path / name[command]), *needed, *bad.split()]
    try:
        status = main(argv)
    except SystemExit as e:
        status = int(e.code or 0) if not isinstance(e.code, str) else 1
        assert status == 2
    assert status in (1, 2)
    *usage, error = capsys.readouterr().err.strip().splitlines()
    assert "error: " in error
    assert not usage or usage[0].startswith("usage: ")
    assert "Traceback" not in "".join(usage)
    assert not list(tmp_path.iterdir())
