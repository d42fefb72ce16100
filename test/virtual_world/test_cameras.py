"""Named cameras, calibration files, and everything that is no camera."""

from pathlib import Path

import numpy as np
import pytest

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.types import Intrinsics
from depth_seg_ros.virtual_world.cameras import CAMERAS, open_camera

CAMERA_INFO = """
image_width: 640
image_height: 480
camera_name: front
camera_matrix: {rows: 3, cols: 3, data: [500.5, 0, 321.0, 0, 499.0, 238.5, 0, 0, 1]}
distortion_model: plumb_bob
distortion_coefficients: {rows: 1, cols: 5, data: [%s, 0, 0, 0, 0]}
"""


def file(tmp_path: Path, text: str) -> str:
    path = tmp_path / "front.yaml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("name", CAMERAS)
def test_rigs_of_named_cameras_lie_in_their_ranges(name: str) -> None:
    camera = open_camera(name)
    low, high = camera.mount.height_m
    heights = {camera.rig(np.random.default_rng(seed)).height_m for seed in range(20)}
    assert len(heights) == 20
    assert all(low <= h <= high for h in heights)
    assert camera.rig(np.random.default_rng(3)) == camera.rig(np.random.default_rng(3))


def test_the_car_camera_is_kittis() -> None:
    assert open_camera("car").intrinsics == Intrinsics(1242, 375, 725.0, 725.0, 620.5, 187.0)


def test_camera_info_yaml(tmp_path: Path) -> None:
    camera = open_camera(file(tmp_path, CAMERA_INFO % 0))
    assert camera.intrinsics == Intrinsics(640, 480, 500.5, 499.0, 321.0, 238.5)


def test_plain_yaml_with_a_mount_and_plain_numbers(tmp_path: Path) -> None:
    text = "{width: 320, height: 200, fx: 300, fy: 300, cx: 160, cy: 100, mount: drone}"
    camera = open_camera(file(tmp_path, text))
    assert camera.intrinsics == Intrinsics(320, 200, 300.0, 300.0, 160.0, 100.0)
    assert camera.mount == CAMERAS["drone"].mount
    numbers = open_camera(file(tmp_path, "320 200 300 300 160 100\n"))
    assert numbers.intrinsics == camera.intrinsics


def test_distortion_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VirtualWorldError, match=r"distortion.*Rectify"):
        open_camera(file(tmp_path, CAMERA_INFO % -0.31))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image_width: 640", "not a camera calibration"),
        ("image_width: 640\ncamera_matrix: {data: [1, 0, 1, 0, 1, 1, 0, 0, 1]}", "is missing"),
        (CAMERA_INFO.replace("500.5", "0.0") % 0, "not those of a camera"),
        (CAMERA_INFO.replace("500.5", "0.5") % 0, "is no camera"),
        (CAMERA_INFO.replace("640", "4") % 0, "outside 8x8"),
        (CAMERA_INFO.replace("640", "2000000").replace("480", "8") % 0, "2000000x8 is outside"),
        (CAMERA_INFO.replace("640", ".inf") % 0, "not a camera calibration"),
        (CAMERA_INFO.replace("640", "640.5") % 0, "no 640.5 pixels"),
        (CAMERA_INFO.replace("321.0", "1e6") % 0, "cx=1000000.0 .* off the middle"),
        (CAMERA_INFO.replace("321.0", "-5000.0") % 0, "cx=-5000.0 .* off the middle"),
        (CAMERA_INFO.replace("321.0", ".nan") % 0, "not those of a camera"),
        (CAMERA_INFO.replace("0, 0, 1]", "0, 0, 2]") % 0, "is not fx 0 cx"),
        (CAMERA_INFO % ".nan", "lens distortion"),
        (CAMERA_INFO % 0 + "a: b: c\n", "line 8: mapping values are not allowed here"),
        ("a: 2001-99-99", "not a readable calibration"),
        ("1 2 3", "3 numbers instead of 6"),
        ("{broken", "not a readable calibration"),
        ("{width: 9, height: 9, fx: 9, fy: 9, cx: 4, cy: 4, mount: balloon}", "balloon"),
    ],
)
def test_what_is_no_camera_says_why(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(VirtualWorldError, match=message) as error:
        open_camera(file(tmp_path, text))
    assert "\n" not in str(error.value)


def test_unknown_names_list_the_known_ones() -> None:
    with pytest.raises(VirtualWorldError, match="car, robot, drone"):
        open_camera("submarine")


def test_what_topic_echo_prints(tmp_path: Path) -> None:
    printed = """header:
  frame_id: front
height: 480
width: 640
distortion_model: plumb_bob
d: []
k: [500.5, 0.0, 321.0, 0.0, 499.0, 238.5, 0.0, 0.0, 1.0]
---
"""
    k = open_camera(file(tmp_path, printed)).intrinsics
    assert (k.width, k.height, k.fx, k.cy) == (640, 480, 500.5, 238.5)


def test_a_file_says_where_the_camera_sits(tmp_path: Path) -> None:
    text = "{width: 64, height: 48, fx: 60, fy: 60, cx: 31, cy: 23, mount: robot, height_m: %s, "
    camera = open_camera(file(tmp_path, text % "1" + "roll_deg: [-20, -10]}"))
    rolls = [camera.rig(np.random.default_rng(k)).roll for k in range(20)]
    assert -20 <= np.degrees(min(rolls)) < -16 and -14 < np.degrees(max(rolls)) <= -10
    assert np.degrees(camera.rig(np.random.default_rng(0), exact=True).roll) == pytest.approx(-15)
    mount = open_camera(file(tmp_path, text % "[0.4, 0.5]" + "pitch_deg: -10}")).mount
    assert mount.height_m == (0.4, 0.5)
    assert mount.pitch == pytest.approx((-np.pi / 18, -np.pi / 18))
    assert mount.yaw_std == CAMERAS["robot"].mount.yaw_std
    for height in ("0", "[2, 1]", "[1]", ".nan", "high"):
        with pytest.raises(VirtualWorldError, match=r"height_m is|could not convert"):
            open_camera(file(tmp_path, text % height + "}"))


def test_mounts_are_those_of_robots_and_drones() -> None:
    assert CAMERAS["robot"].mount.height_m == (0.3, 1.0)
    drone = CAMERAS["drone"].mount
    assert drone.height_m == (2.0, 30.0)
    assert np.degrees(drone.pitch) == pytest.approx((-60.0, 0.0))


def test_scaling_keeps_pixels_square_and_the_view() -> None:
    k = open_camera("car").scaled(0.5).intrinsics
    assert (k.width, k.height, k.fx, k.fy) == (621, 188, 362.5, 362.5)
    assert k.cx == pytest.approx(621 * 0.5 - 0.5)


@pytest.mark.parametrize("factor", [0.01, 100.0, 1e308, 0.0, -1.0, float("nan"), float("inf")])
def test_scales_that_leave_no_image_are_refused(factor: float) -> None:
    with pytest.raises(VirtualWorldError, match=r"^scale .*(outside 8x8|no scale)"):
        open_camera("car").scaled(factor)


def test_six_numbers_on_the_command_line() -> None:
    camera = open_camera("320,200,300,300,160,100")
    assert camera.intrinsics == Intrinsics(320, 200, 300, 300, 160, 100)
    assert camera.mounted_as == "car"
    with pytest.raises(VirtualWorldError, match="is not WIDTH,HEIGHT"):
        open_camera("320,200,300")


def test_the_mount_is_the_users_then_the_files_then_a_cars(tmp_path: Path) -> None:
    plain = "{width: 320, height: 200, fx: 300, fy: 300, cx: 160, cy: 100"
    silent, speaking = file(tmp_path, plain + "}"), plain + ", mount: drone}"
    assert open_camera(silent).mounted_as == "car"
    given = open_camera(silent, mount="robot")
    assert given.mount == CAMERAS["robot"].mount and not given.mounted_as
    own = open_camera(file(tmp_path, speaking))
    assert own.mount == CAMERAS["drone"].mount and not own.mounted_as
    with pytest.raises(VirtualWorldError, match="no mount"):
        open_camera(silent, mount="boat")


def test_the_projection_matrix_counts_for_rectified_images(tmp_path: Path) -> None:
    text = (
        CAMERA_INFO % -0.31
        + "projection_matrix: {data: [400, 0, 310, 0, 0, 401, 230, 0, 0, 0, 1, 0]}\n"
    )
    k = open_camera(file(tmp_path, text), rectified=True).intrinsics
    assert (k.fx, k.fy, k.cx, k.cy) == (400, 401, 310, 230)
    zero = CAMERA_INFO % 0 + "projection_matrix: {data: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}\n"
    with pytest.raises(VirtualWorldError, match="projection matrix"):
        open_camera(file(tmp_path, zero), rectified=True)
