import array

import cv2
import numpy as np
import pytest

from depth_seg_ros.errors import FrameError
from depth_seg_ros.messages.images import ENCODINGS, rgb_from_image

from .fakes import image

RGB = (200, 100, 50)
W, H = 8, 6


def constant(width=W, height=H):
    return np.full((height, width, 3), RGB, np.uint8)


def pattern():
    return np.random.default_rng(1).integers(0, 256, (H, W, 3), dtype=np.uint8)


def mosaic(order):
    """Bayer mosaic of the constant image; ``order``: colours of the first 2x2 pixels."""
    value = dict(zip("rgb", RGB, strict=True))
    out = np.empty((H, W), np.uint8)
    for i, colour in enumerate(order):
        out[i // 2 :: 2, i % 2 :: 2] = value[colour]
    return out


def yuv_of_constant():
    """(y, u, v), limited-range BT.601."""
    r, g, b = (c / 255 for c in RGB)
    y = 16 + 65.481 * r + 128.553 * g + 24.966 * b
    u = 128 - 37.797 * r - 74.203 * g + 112.0 * b
    v = 128 + 112.0 * r - 93.786 * g - 18.214 * b
    return [round(c) for c in (y, u, v)]


def packed_422(order):
    y, u, v = yuv_of_constant()
    quad = [{"y": y, "u": u, "v": v}[c] for c in order]
    return np.tile(np.array(quad, np.uint8), (H, W // 2))


def planar_420(order):
    y, u, v = yuv_of_constant()
    chroma = [{"u": u, "v": v}[c] for c in order]
    return np.vstack(
        [np.full((H, W), y, np.uint8), np.tile(np.array(chroma, np.uint8), (H // 2, W // 2))]
    )


@pytest.mark.parametrize(
    ("encoding", "make"),
    [
        ("rgb8", lambda p: p),
        ("bgr8", lambda p: p[..., ::-1]),
        ("rgba8", lambda p: np.dstack([p, p[..., :1]])),
        ("bgra8", lambda p: np.dstack([p[..., ::-1], p[..., :1]])),
        ("8UC3", lambda p: p[..., ::-1]),
        ("8UC4", lambda p: np.dstack([p[..., ::-1], p[..., :1]])),
    ],
)
def test_colour_orders_are_exact(encoding, make):
    rgb = pattern()
    assert np.array_equal(rgb_from_image(image(make(rgb), encoding, W, H)), rgb)


@pytest.mark.parametrize("encoding", ["mono8", "8UC1"])
def test_grey_is_repeated(encoding):
    grey = pattern()[..., 0]
    expected = np.repeat(grey[..., None], 3, axis=2)
    assert np.array_equal(rgb_from_image(image(grey, encoding, W, H)), expected)


@pytest.mark.parametrize("order", ["rggb", "bggr", "gbrg", "grbg"])
def test_bayer_orders(order):
    decoded = rgb_from_image(image(mosaic(order), f"bayer_{order}8", W, H))
    assert np.array_equal(decoded, constant())


@pytest.mark.parametrize(
    ("encoding", "order"),
    [("uyvy", "uyvy"), ("yuv422", "uyvy"), ("yuyv", "yuyv"), ("yuv422_yuy2", "yuyv")],
)
def test_packed_yuv(encoding, order):
    decoded = rgb_from_image(image(packed_422(order), encoding, W, H))
    assert np.abs(decoded.astype(int) - constant()).max() <= 2


@pytest.mark.parametrize(("encoding", "order"), [("nv12", "uv"), ("nv21", "vu")])
def test_planar_yuv(encoding, order):
    decoded = rgb_from_image(image(planar_420(order), encoding, W, H, step=W))
    assert decoded.shape == (H, W, 3)
    assert np.abs(decoded.astype(int) - constant()).max() <= 2


def nv24(padding=0):
    """Luma, then interleaved chroma in lines twice as long; the colours differ in each pixel."""
    yuv = np.random.default_rng(2).integers(60, 190, (H, W, 3), dtype=np.uint8)
    luma, chroma = (np.full((H, k * (W + padding)), 7, np.uint8) for k in (1, 2))
    luma[:, :W] = yuv[..., 0]
    chroma[:, : 2 * W] = yuv[..., 1:].reshape(H, 2 * W)
    y, u, v = (yuv[..., i].astype(float) for i in range(3))
    y, u, v = 1.164 * (y - 16), u - 128, v - 128
    rgb = np.dstack([y + 1.596 * v, y - 0.813 * v - 0.391 * u, y + 2.018 * u])
    return np.concatenate([luma.reshape(-1), chroma.reshape(-1)]), np.clip(rgb, 0, 255)


@pytest.mark.parametrize("padding", [0, 5])
def test_444_in_planes(padding):
    data, expected = nv24(padding)
    decoded = rgb_from_image(image(data, "nv24", W, H, step=W + padding))
    assert decoded.shape == (H, W, 3)
    assert np.abs(decoded - expected).max() <= 1


SENSOR_MSGS = (
    *("rgb8", "rgba8", "rgb16", "rgba16", "bgr8", "bgra8", "bgr16", "bgra16", "mono8", "mono16"),
    *(f"{t}C{n}" for t in ("8U", "8S", "16U", "16S", "32S", "32F", "64F") for n in range(1, 5)),
    *(f"bayer_{o}{b}" for o in ("rggb", "bggr", "gbrg", "grbg") for b in (8, 16)),
    *("uyvy", "yuv422", "yuyv", "yuv422_yuy2", "nv21", "nv24"),
)
"""Every name in sensor_msgs/image_encodings.hpp (Jazzy)."""


@pytest.mark.parametrize("encoding", SENSOR_MSGS)
def test_every_encoding_of_ros_is_read_or_refused_with_the_reason(encoding):
    if encoding in ENCODINGS:
        assert "16" not in encoding
        return
    with pytest.raises(FrameError, match=r"16 bits carry the picture|not a colour image"):
        rgb_from_image(image(pattern(), encoding, W, H))


def test_every_encoding_of_the_list_is_tested_above():
    assert set(ENCODINGS) == {
        *("rgb8", "bgr8", "rgba8", "bgra8", "mono8", "8UC1", "8UC3", "8UC4"),
        *(f"bayer_{o}8" for o in ("rggb", "bggr", "gbrg", "grbg")),
        *("uyvy", "yuv422", "yuyv", "yuv422_yuy2", "nv12", "nv21", "nv24"),
    }


def test_padded_rows_are_cut_off():
    rgb = pattern()
    padded = np.zeros((H, W * 3 + 5), np.uint8)
    padded[:, : W * 3] = rgb.reshape(H, -1)
    assert np.array_equal(rgb_from_image(image(padded, "rgb8", W, H)), rgb)
    nv = planar_420("uv")
    wide = np.zeros((H * 3 // 2, W + 4), np.uint8)
    wide[:, :W] = nv
    assert np.array_equal(
        rgb_from_image(image(wide, "nv12", W, H, step=W + 4)),
        cv2.cvtColor(nv, cv2.COLOR_YUV2RGB_NV12),
    )


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda b: array.array("B", b)])
def test_any_buffer_serves_as_data(kind):
    message = image(pattern(), "rgb8", W, H)
    message.data = kind(message.data)
    assert np.array_equal(rgb_from_image(message), pattern())


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"encoding": "mono16"}, "'mono16' is not supported .how many of its 16 bits"),
        ({"encoding": "h264"}, "'h264' is not supported; let"),
        ({"step": W * 3 - 1}, "step 23 is too small"),
        ({"step": W * 3 + 1}, r"needs 150 bytes, the message holds 144"),
        ({"data": b"x" * 10}, "needs 144 bytes, the message holds 10"),
        ({"data": b"x" * 145}, "needs 144 bytes, the message holds 145"),
        ({"height": 0}, "8x0 is empty"),
        ({"width": 7, "encoding": "yuyv"}, "its size must be even"),
        ({"height": 5, "encoding": "nv12"}, "its size must be even"),
    ],
)
def test_what_does_not_add_up_is_refused(changes, text):
    message = image(pattern(), "rgb8", W, H)
    for name, value in changes.items():
        setattr(message, name, value)
    with pytest.raises(FrameError, match=text):
        rgb_from_image(message)


@pytest.mark.parametrize("encoding", ["rgb8", "mono8", "bayer_rggb8", "yuyv", "nv12", "nv24"])
def test_a_step_that_the_driver_left_at_zero_is_filled_from_the_data(encoding):
    size = {"rgb8": 3, "yuyv": 2, "nv12": 1.5, "nv24": 3}.get(encoding, 1)
    data = np.random.default_rng(0).integers(0, 256, int(W * H * size), np.uint8).tobytes()
    rows = {"nv12": H * 3 // 2, "nv24": 3 * H}.get(encoding, H)
    told = image(data, encoding, W, H, step=len(data) // rows)
    untold = image(data, encoding, W, H, step=0)
    assert np.array_equal(rgb_from_image(untold), rgb_from_image(told))
    with pytest.raises(FrameError):
        rgb_from_image(image(data[:-1], encoding, W, H, step=0))
