from types import SimpleNamespace

import numpy as np
import pytest

from depth_seg_ros.errors import FrameError
from depth_seg_ros.messages.assembler import FrameAssembler
from depth_seg_ros.messages.cameras import (
    calibration_doubt,
    info_from_intrinsics,
    intrinsics_from_info,
    is_distorted,
    repeated_info,
    wrong_guess,
)
from depth_seg_ros.messages.payloads import Header
from depth_seg_ros.types import Intrinsics

from .fakes import camera_info, compressed, image

HEADER = Header(42, "camera_optical")
CAMERA = Intrinsics(8, 6, 5.0, 6.0, 3.5, 2.5)


def roi(x, y, width, height):
    return SimpleNamespace(x_offset=x, y_offset=y, width=width, height=height, do_rectify=False)


def test_projection_counts_and_k_stands_in():
    info = camera_info()
    info.k = info.k * 2
    assert intrinsics_from_info(info, 8, 6) == Intrinsics(8, 6, 5.0, 6.0, 3.5, 2.5)
    raw = intrinsics_from_info(info, 8, 6, rectified=False)
    assert raw == Intrinsics(8, 6, 10.0, 12.0, 7.0, 5.0)
    assert intrinsics_from_info(camera_info(p=np.zeros(12)), 8, 6) == Intrinsics(
        8, 6, 5.0, 6.0, 3.5, 2.5
    )


def test_an_uncalibrated_camera_has_no_intrinsics():
    assert intrinsics_from_info(camera_info(p=np.zeros(12), k=np.zeros(9)), 8, 6) is None


def test_binning_and_region_of_interest():
    binned = camera_info(binning_x=2, binning_y=2)
    assert intrinsics_from_info(binned, 4, 3) == Intrinsics(8, 6, 5, 6, 3.5, 2.5).resized(4, 3)
    cut = camera_info(roi=roi(2, 1, 4, 4))
    assert intrinsics_from_info(cut, 4, 4) == Intrinsics(4, 4, 5.0, 6.0, 1.5, 1.5)
    assert intrinsics_from_info(cut, 8, 6) == Intrinsics(8, 6, 5.0, 6.0, 3.5, 2.5)


def test_a_camera_info_of_another_size_is_refused():
    with pytest.raises(FrameError, match="describes 8x6, the image is 16x12"):
        intrinsics_from_info(camera_info(), 16, 12)


def test_camera_info_is_repeated_with_its_distortion():
    info = camera_info(d=[0.1, 0, 0, 0, 0])
    payload = repeated_info(info, HEADER, CAMERA)
    assert payload is not None
    assert (payload.header, payload.d[0], payload.p) == (HEADER, 0.1, tuple(info.p))
    assert is_distorted(info)
    assert not is_distorted(camera_info())
    assert repeated_info(camera_info(binning_x=2), HEADER, CAMERA) is None
    assert repeated_info(camera_info(roi=roi(0, 0, 2, 2)), HEADER, CAMERA) is None


def test_the_repeated_p_is_the_one_depth_was_made_with():
    """depth_image_proc takes P: of zeros it makes NaN, of another camera other metres."""
    for p in (np.zeros(12), camera_info(fx=50.0).p):
        payload = repeated_info(camera_info(p=p), HEADER, CAMERA)
        assert (payload.p[0], payload.p[5], payload.p[2], payload.p[6]) == (5.0, 6.0, 3.5, 2.5)
        assert payload.k[0] == 5.0
    stereo = camera_info()
    stereo.p[3] = -0.6
    assert repeated_info(stereo, HEADER, CAMERA).p[3] == -0.6  # it fits: repeated as it is
    no_k = repeated_info(camera_info(k=np.zeros(9)), HEADER, CAMERA)
    assert (no_k.k[0], no_k.k[4]) == (5.0, 6.0)


def test_a_camera_that_names_no_distortion_has_none():
    """image_geometry, and so depthimage_to_laserscan, takes no empty D."""
    payload = repeated_info(camera_info(d=[], distortion_model=""), HEADER, CAMERA)
    assert (payload.distortion_model, payload.d) == ("plumb_bob", (0.0,) * 5)


def test_another_focal_length_of_a_raw_image_is_doubted():
    stereo = camera_info(k=camera_info(fx=4.0, fy=4.8).k)  # P is 1.25 x K, no distortion
    said = wrong_guess(stereo, "/camera/image_raw", True)
    assert "metres 1.25 x those of K" in said
    assert "image_is_rectified false" in said
    assert wrong_guess(stereo, "/camera/image_rect", True) == ""
    assert wrong_guess(stereo, "/camera/image_raw", False) == ""
    assert "0.80 x" in wrong_guess(stereo, "/camera/image_rect", False)


def test_intrinsics_make_a_round_trip():
    camera = Intrinsics(8, 6, 5.0, 6.0, 3.5, 2.5)
    payload = info_from_intrinsics(camera, HEADER)
    info = camera_info(k=np.array(payload.k), p=np.array(payload.p))
    assert intrinsics_from_info(info, 8, 6) == camera


def test_assembler_needs_a_camera_unless_told_otherwise():
    message = image(np.zeros((6, 8, 3)), "rgb8", 8, 6, stamp_ns=7_000_000_009)
    strict, lenient = FrameAssembler(True), FrameAssembler(False)
    with pytest.raises(FrameError, match="no camera_info has arrived"):
        strict.frame_from_image(message)
    frame = lenient.frame_from_image(message)
    assert (frame.stamp_ns, frame.frame_id, frame.intrinsics) == (
        7_000_000_009,
        "camera_optical",
        None,
    )
    strict.camera = lenient.camera = camera_info(p=np.zeros(12), k=np.zeros(9))
    with pytest.raises(FrameError, match="uncalibrated"):
        strict.frame_from_image(message)
    assert lenient.frame_from_image(message).intrinsics is None
    strict.camera = camera_info()
    assert strict.frame_from_image(message).intrinsics == Intrinsics(8, 6, 5.0, 6.0, 3.5, 2.5)


def test_assembler_reads_compressed_images():
    import cv2

    assembler = FrameAssembler(True)
    assembler.camera = camera_info()
    data = cv2.imencode(".png", np.zeros((6, 8, 3), np.uint8))[1].tobytes()
    assert assembler.frame_from_compressed(compressed(data)).image.shape == (6, 8, 3)


@pytest.mark.parametrize("nonsense", [0.0, np.nan, np.inf])
def test_calibration_that_says_nothing_is_none(nonsense):
    info = camera_info(k=np.full(9, nonsense), p=np.full(12, nonsense))
    assert intrinsics_from_info(info, 8, 6) is None
    assert "says nothing" in calibration_doubt(info, "/camera/image_rect", True)
    lenient = FrameAssembler(False)
    lenient.camera = info
    assert lenient.frame_from_image(image(np.zeros((6, 8, 3)), "rgb8", 8, 6)).intrinsics is None
    strict = FrameAssembler(True)
    strict.camera = info
    with pytest.raises(FrameError, match="uncalibrated"):
        strict.frame_from_image(image(np.zeros((6, 8, 3)), "rgb8", 8, 6))


def test_k_stands_in_for_a_p_of_nan():
    info = camera_info(p=np.full(12, np.nan))
    assert intrinsics_from_info(info, 8, 6) == Intrinsics(8, 6, 5.0, 6.0, 3.5, 2.5)


@pytest.mark.parametrize("fx", [5e-324, 1e-9, 1e300, -5.0])
def test_a_focal_length_no_camera_has_is_refused(fx):
    with pytest.raises(FrameError, match="camera"):
        intrinsics_from_info(camera_info(fx=fx), 8, 6)


@pytest.mark.parametrize(
    ("topic", "rectified", "doubt"),
    [
        ("/camera/image_rect", True, ""),
        ("/camera/image_rect_color/compressed", True, ""),
        ("/camera/image_raw", True, "nothing says that /camera/image_raw is rectified"),
        ("/direct_camera/image_raw", True, "nothing says"),  # "rect" in another word
        ("/camera/image_raw", False, "is ignored for a raw image"),
    ],
)
def test_lens_distortion_is_doubted(topic, rectified, doubt):
    fisheye = camera_info(d=[0.1, 0.2, 0, 0], distortion_model="equidistant")
    assert doubt in calibration_doubt(fisheye, topic, rectified)
    assert bool(calibration_doubt(fisheye, topic, rectified)) == bool(doubt)
    assert calibration_doubt(camera_info(), topic, rectified) == ""


@pytest.mark.parametrize(("sec", "nanosec"), [(0, 2**32 - 1), (0, 10**9), (2**31, 0)])
def test_a_stamp_that_is_no_time_costs_its_image(sec, nanosec):
    message = image(np.zeros((6, 8, 3)), "rgb8", 8, 6)
    message.header.stamp.sec, message.header.stamp.nanosec = sec, nanosec
    with pytest.raises(FrameError, match="is no time"):
        FrameAssembler(False).frame_from_image(message)


def test_a_camera_info_without_a_size_is_the_image_s():
    info = camera_info(width=0, height=0)
    assert intrinsics_from_info(info, 8, 6) == Intrinsics(8, 6, 5.0, 6.0, 3.5, 2.5)
    with pytest.raises(FrameError, match="gives no size"):
        intrinsics_from_info(info, 80, 60)
