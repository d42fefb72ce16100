import cv2
import numpy as np
import pytest

from depth_seg_ros.errors import FrameError
from depth_seg_ros.messages.compressed import rgb_from_compressed

from .fakes import compressed

RGB = np.random.default_rng(2).integers(0, 256, (24, 32, 3), dtype=np.uint8)


def encoded(kind, picture=RGB[..., ::-1]):
    ok, data = cv2.imencode(kind, picture)
    assert ok
    return data.tobytes()


def test_png_is_exact_and_in_rgb_order():
    message = compressed(encoded(".png"), "rgb8; png compressed bgr8")
    assert np.array_equal(rgb_from_compressed(message), RGB)


def test_jpeg_of_a_flat_picture():
    flat = np.full((24, 32, 3), (50, 100, 200), np.uint8)  # BGR
    decoded = rgb_from_compressed(compressed(encoded(".jpg", flat)))
    assert np.abs(decoded.astype(int) - (200, 100, 50)).max() <= 3


def test_grey_and_alpha():
    grey = rgb_from_compressed(compressed(encoded(".png", RGB[..., 0]), "mono8; png compressed"))
    assert np.array_equal(grey, np.repeat(RGB[..., :1], 3, axis=2))
    bgra = np.dstack([RGB[..., ::-1], RGB[..., :1]])
    assert np.array_equal(rgb_from_compressed(compressed(encoded(".png", bgra))), RGB)


@pytest.mark.parametrize("kind", [".jpg", ".png"])
def test_a_truncated_image_is_refused(kind):
    data = encoded(kind)
    with pytest.raises(FrameError, match="cut off"):
        rgb_from_compressed(compressed(data[: len(data) // 2]))


def test_padding_behind_the_image_is_fine():
    assert rgb_from_compressed(compressed(encoded(".png") + b"\0" * 100)).shape == RGB.shape


def test_what_is_no_colour_image_is_refused():
    deep = encoded(".png", np.zeros((4, 4), np.uint16))
    for data, text, match in [
        (b"GIF89a", "gif", "neither JPEG nor PNG"),
        (b"", "jpeg", "neither JPEG nor PNG"),
        (deep, "mono16; png compressed", "uint16 pixels"),
        (deep, "16UC1; compressedDepth png", "is a depth image"),
        (b"\xff\xd8\xff" + b"\0" * 50 + b"\xff\xd9", "jpeg", "damaged"),
    ]:
        with pytest.raises(FrameError, match=match):
            rgb_from_compressed(compressed(data, text))


@pytest.mark.parametrize("order", ["rggb", "bggr", "gbrg", "grbg"])
@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_a_compressed_mosaic_is_demosaiced(order, kind):
    value = {"r": 200, "g": 100, "b": 50}
    mosaic = np.empty((24, 32), np.uint8)
    for i, colour in enumerate(order):
        mosaic[i // 2 :: 2, i % 2 :: 2] = value[colour]
    quality = [cv2.IMWRITE_JPEG_QUALITY, 100] if kind == "jpeg" else []
    data = cv2.imencode(f".{kind}", mosaic, quality)[1].tobytes()
    for text in (f"bayer_{order}8; {kind} compressed ", f"bayer_{order}8; {kind} compressed bgr8"):
        rgb = rgb_from_compressed(compressed(data, text))
        assert np.abs(rgb[4:-4, 4:-4].astype(int) - (200, 100, 50)).max() <= 12


def test_colours_that_a_mosaic_was_turned_into_stay():
    message = compressed(encoded(".png"), "bayer_rggb8; png compressed bgr8")
    assert np.array_equal(rgb_from_compressed(message), RGB)


@pytest.mark.parametrize("encoding", ["uyvy", "yuv422", "yuyv", "nv12", "8UC2", "32FC1"])
def test_one_channel_that_is_no_picture_of_its_encoding_is_refused(encoding):
    grey = encoded(".png", RGB[..., 0])
    with pytest.raises(FrameError, match=f"no picture of encoding '{encoding}'"):
        rgb_from_compressed(compressed(grey, f"{encoding}; png compressed "))


def test_a_size_that_is_only_claimed_is_refused():
    data = bytearray(encoded(".jpg"))
    at = bytes(data).index(b"\xff\xc0")
    data[at + 5 : at + 9] = b"\xea\x60\xea\x60"
    with pytest.raises(FrameError, match="is 60000x60000, more than"):
        rgb_from_compressed(compressed(bytes(data)))


def test_mjpeg_buffers_are_padded_far_behind_the_end():
    data = encoded(".jpg") + b"\0" * 100_000
    assert rgb_from_compressed(compressed(data)).shape == RGB.shape


def test_colours_in_the_order_that_the_format_names():
    """image_transport's rule: "compressed bgr8" is the usual file, "compressed rgb8" is swapped."""
    usual, swapped = encoded(".png", RGB[..., ::-1]), encoded(".png", RGB)
    for data, text in (
        (usual, "rgb8; png compressed bgr8"), (usual, "bgr8; png compressed bgr8"),
        (usual, "png"), (swapped, "rgb8; png compressed rgb8"),
    ):  # fmt: skip
        assert np.array_equal(rgb_from_compressed(compressed(data, text)), RGB)
