"""The camera's height on the command line: from options, or from the camera's own file."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import pytest

from depth_seg_ros.cli.shared.camera_options import add_camera_options
from depth_seg_ros.cli.shared.rig_options import add_rig_options, rig_options
from depth_seg_ros.errors import ConfigError
from depth_seg_ros.messages.rig import RigOptions


def parsed(*words: str) -> RigOptions:
    parser = argparse.ArgumentParser()
    add_camera_options(parser, None, mount=False)
    add_rig_options(parser, tf=True)
    return rig_options(parser.parse_args(list(words)))


def test_options_say_it() -> None:
    assert parsed() == RigOptions()
    assert parsed("--camera-height", "0.4", "--camera-pitch", "-5") == RigOptions(0.4, -5.0)
    assert parsed("--base-frame", "base_link") == RigOptions(base_frame="base_link")
    heard = parsed("--camera-height", "0.4", "--imu-topic", "/imu/data")
    assert heard == RigOptions(0.4, imu_topic="/imu/data")
    with pytest.raises(ConfigError, match="without its height"):
        parsed("--camera-pitch", "3")


@pytest.mark.parametrize("words", [("--camera-height", "0"), ("--camera-pitch", "91")])
def test_what_is_no_height_or_angle_is_refused(words: tuple[str, str]) -> None:
    with pytest.raises(SystemExit):
        parsed(*words)


def test_the_cameras_file_says_it(tmp_path: Path) -> None:
    sizes = "width: 320\nheight: 240\nfx: 260\nfy: 260\ncx: 159.5\ncy: 119.5\n"
    exact = tmp_path / "exact.yaml"
    exact.write_text(f"{sizes}height_m: 0.45\npitch_deg: -6\nroll_deg: 2\n")
    found = parsed("--camera", str(exact))
    assert found.height_m == 0.45 and found.pitch_deg == pytest.approx(-6) and found.given
    assert found.roll_deg == pytest.approx(2)
    assert parsed("--camera", str(exact), "--camera-roll", "-1").roll_deg == -1
    assert parsed("--camera", str(exact), "--camera-height", "0.5").height_m == 0.5
    vague = tmp_path / "vague.yaml"
    vague.write_text(f"{sizes}height_m: [0.3, 0.6]\n")
    assert parsed("--camera", str(vague)) == RigOptions() == parsed("--camera", "robot")
    assert math.isclose(parsed("--camera", str(exact)).pitch_deg or 0, -6)
