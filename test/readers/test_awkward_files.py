"""Awkward files from the issue trackers of KITTI, cameras and image tools."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from depth_seg_ros.errors import ReaderError
from depth_seg_ros.evaluation.score.leak import drive_of_folder
from depth_seg_ros.readers.files import list_images, read_gray, read_rgb, read_text
from depth_seg_ros.readers.kitti_raw import KittiRaw, list_raw_drive

Png = Callable[[Path, np.ndarray], Path]
FIRST = "2011-09-26 13:02:25.594360375"
THIRD = "2011-09-26 13:02:25.794360376"
RGB = np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)


def encoded(kind: str, image: np.ndarray = RGB) -> bytes:
    done, data = cv2.imencode(kind, image)
    assert done
    return data.tobytes()


# --- a line that is empty counts


def test_line_n_is_frame_n_even_where_a_scan_is_missing(raw_drive: Path) -> None:
    """Drive 2011_09_26_0009 has blank lines where scans are missing."""
    stamps = raw_drive / "velodyne_points/timestamps.txt"
    stamps.write_text(f"{FIRST}\n\n{THIRD}\n\n")
    files = list_raw_drive(raw_drive)
    assert files.scan_stamps_ns == {0: 1317042145_594360375, 2: 1317042145_794360376}


def test_a_file_without_its_stamp_is_refused(raw_drive: Path) -> None:
    stamps = raw_drive / "velodyne_points/timestamps.txt"
    stamps.write_text(f"\n{FIRST}\n{THIRD}\n")
    with pytest.raises(ReaderError, match=r"empty line 1, but there is a file of frame 0"):
        list_raw_drive(raw_drive)


@pytest.mark.parametrize("name", ["image_02/timestamps.txt", "../calib_cam_to_cam.txt"])
def test_a_byte_order_mark_and_windows_lines_are_no_damage(raw_drive: Path, name: str) -> None:
    before = KittiRaw(raw_drive)[0].frame
    path = raw_drive / name
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    after = KittiRaw(raw_drive)[0].frame
    assert (after.stamp_ns, after.intrinsics) == (before.stamp_ns, before.intrinsics)
    assert not read_text(path).startswith("\ufeff")


# --- a name is not replaced by what it points to


def test_a_linked_drive_keeps_its_name_and_its_calibration(raw_drive: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "store/7f3a"
    elsewhere.parent.mkdir()
    raw_drive.rename(elsewhere)
    raw_drive.symlink_to(elsewhere)
    reader = KittiRaw(raw_drive)
    assert reader.files.drive == "2011_09_26_drive_0009_sync"
    assert reader.keys[0].startswith("2011_09_26_drive_0009_sync/")
    assert drive_of_folder(raw_drive) == "2011_09_26_drive_0009"


def test_a_link_without_a_drive_in_its_name_is_followed(raw_drive: Path, tmp_path: Path) -> None:
    link = tmp_path / "current"
    link.symlink_to(raw_drive)
    assert KittiRaw(link).files.drive == "2011_09_26_drive_0009_sync"
    assert drive_of_folder(link) == "2011_09_26_drive_0009"


def test_the_folder_one_is_in(raw_drive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(raw_drive)
    assert KittiRaw(".").files.drive == "2011_09_26_drive_0009_sync"


# --- pictures


def test_16_bit_pictures_are_refused(tmp_path: Path) -> None:
    deep = RGB.astype(np.uint16) << 4  # 12 bits in 16: black, if shifted down
    for suffix in (".png", ".tif"):
        path = tmp_path / f"deep{suffix}"
        path.write_bytes(encoded(suffix, deep))
        with pytest.raises(ReaderError, match=r"uint16 pixels .*convert it to 8 bit"):
            read_rgb(path)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".webp", ".tif"])
def test_bytes_behind_the_end_mark_are_no_damage(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(encoded(suffix))
    before = read_rgb(path)
    for trailer in (b"\0" * 70_000, b"MotionPhoto_Data" * 5000, encoded(".jpg")):
        path.write_bytes(encoded(suffix) + trailer)
        assert np.array_equal(read_rgb(path), before)


def test_a_preview_s_end_mark_is_not_the_picture_s(tmp_path: Path) -> None:
    data, preview = encoded(".jpg"), encoded(".jpg", RGB[:8, :8])
    app = b"\xff\xe1" + struct.pack(">H", 2 + len(preview)) + preview
    whole = data[:2] + app + data[2:]
    path = tmp_path / "a.jpg"
    path.write_bytes(whole)
    assert read_rgb(path).shape == RGB.shape
    path.write_bytes(whole[:-200])
    with pytest.raises(ReaderError, match="is truncated"):
        read_rgb(path)


def claiming(width: int, height: int) -> bytes:
    """A whole PNG of 57 bytes that claims a size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", b""), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def claims(suffix: str, width: int, height: int) -> bytes:
    """A small image whose header says another size."""
    data = bytearray(encoded(suffix))
    if suffix == ".jpg":
        at = next(i for i in range(len(data)) if data[i : i + 2] == b"\xff\xc0")
        data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    elif suffix == ".bmp":
        data[18:26] = struct.pack("<ii", width, -height)
    elif suffix == ".webp":
        data = bytearray(b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<II", 10, 0))
        data += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    elif suffix == ".tif":
        order = "<" if data[:2] == b"II" else ">"
        (start,) = struct.unpack_from(order + "I", data, 4)
        for entry in range(start + 2, start + 2 + 24, 12):
            (tag,) = struct.unpack_from(order + "H", data, entry)
            if tag in (256, 257):
                struct.pack_into(
                    order + "HII", data, entry + 2, 4, 1, width if tag == 256 else height
                )
    return bytes(data)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp", ".tif"])
def test_a_size_that_is_only_claimed_costs_nothing(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(claiming(60000, 60000) if suffix == ".png" else claims(suffix, 60000, 60000))
    with pytest.raises(ReaderError, match=r"is 60000x60000, more than 100000000 pixels"):
        read_rgb(path)


def test_the_pixel_limit_can_be_raised_and_lowered(tmp_path: Path, png: Png, monkeypatch) -> None:
    path = png(tmp_path / "a.png", RGB)
    monkeypatch.setenv("DEPTH_SEG_ROS_MAX_PIXELS", "100")
    with pytest.raises(ReaderError, match="raise DEPTH_SEG_ROS_MAX_PIXELS"):
        read_rgb(path)
    monkeypatch.setenv("DEPTH_SEG_ROS_MAX_PIXELS", "768")
    assert read_rgb(path).shape == RGB.shape


def test_a_flipped_bit_in_a_png_is_found(tmp_path: Path) -> None:
    good, path = encoded(".png"), tmp_path / "a.png"
    rng = np.random.default_rng(1)
    for position in rng.integers(8, len(good), 200):
        data = bytearray(good)
        data[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(bytes(data))
        with pytest.raises(ReaderError):
            read_rgb(path)


def test_palette_labels(tmp_path: Path) -> None:
    def palette(colors: list[tuple[int, int, int]]) -> Path:
        ids = np.arange(12, dtype=np.uint8).reshape(3, 4) % len(colors)

        def chunk(kind: bytes, body: bytes) -> bytes:
            crc = struct.pack(">I", zlib.crc32(kind + body))
            return struct.pack(">I", len(body)) + kind + body + crc

        raw = b"".join(b"\0" + row.tobytes() for row in ids)
        head = struct.pack(">IIBBBBB", 4, 3, 8, 3, 0, 0, 0)
        path = tmp_path / "labels.png"
        path.write_bytes(
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
            + chunk(b"PLTE", bytes(c for color in colors for c in color))
            + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
        )  # fmt: skip
        return path

    # Class ids 7, 11 and 23 as an optimiser packs them: the greys are the ids.
    grey = read_gray(palette([(7, 7, 7), (11, 11, 11), (23, 23, 23)]))
    assert grey[0].tolist() == [7, 11, 23, 7]
    with pytest.raises(ReaderError, match="is a palette PNG"):
        read_gray(palette([(128, 64, 128), (70, 70, 70)]))


def test_what_is_no_picture_in_a_folder_of_pictures(tmp_path: Path, png: Png) -> None:
    png(tmp_path / "a.png", RGB)
    (tmp_path / "._a.png").write_bytes(b"\0\5\x16\7" + b"\0" * 100)  # macOS's shadow of it
    (tmp_path / "b.png").mkdir()
    assert [p.name for p in list_images(tmp_path)] == ["a.png"]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(ReaderError, match="is not a file"):
        read_rgb(tmp_path / "a.png")
