"""What is fuzzed: a seed, and what is done with its damaged copies.

A target takes any bytes. It may raise a DepthSegError (one clear line); anything else is a finding:
another exception, a crash, a hang, gigabytes, and where the target knows the right answer, another
answer than that.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np

from depth_seg_ros.bags.writer import BagWriter
from depth_seg_ros.errors import ConfigError, DepthSegError
from depth_seg_ros.evaluation.truth.bag import BagReader
from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.limits import LIMITS
from depth_seg_ros.messages.assembler import FrameAssembler
from depth_seg_ros.messages.cameras import info_from_intrinsics
from depth_seg_ros.messages.cdr import deserialize, peek_stamp_ns, serialize
from depth_seg_ros.messages.compressed import rgb_from_compressed
from depth_seg_ros.messages.decoding import depth_from_message, points_from_message
from depth_seg_ros.messages.images import ENCODINGS, rgb_from_image
from depth_seg_ros.messages.names import Names, parse_remaps
from depth_seg_ros.messages.payloads import Header, image_payload
from depth_seg_ros.messages.type_names import CAMERA_INFO, IMAGE
from depth_seg_ros.readers.files import read_gray, read_rgb, read_table, read_uint16
from depth_seg_ros.readers.kitti_calibration import read_raw_calibration, read_timestamps
from depth_seg_ros.spec import ModelSpec, read_spec
from depth_seg_ros.types import Intrinsics
from depth_seg_ros.virtual_world.cameras import open_camera

RGB = np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)
CAMERA = Intrinsics(32, 24, 20.0, 20.0, 15.5, 11.5)
STAMP = 1_600_000_000_000_000_000


@dataclass(frozen=True)
class Target:
    """seeds: good inputs. run: takes a damaged one. text: whether it is damaged as text."""

    seeds: Callable[[], list[bytes]]
    run: Callable[[bytes], object]
    text: bool = False


@lru_cache(maxsize=1)
def folder() -> Path:
    """Scratch of this process."""
    holder = tempfile.TemporaryDirectory(prefix="fuzz")
    _kept.append(holder)
    return Path(holder.name)


_kept: list[Any] = []


def _file(name: str, data: bytes) -> Path:
    path = folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _message(**fields: Any) -> SimpleNamespace:
    stamp = SimpleNamespace(sec=1, nanosec=2)
    return SimpleNamespace(header=SimpleNamespace(stamp=stamp, frame_id="c"), **fields)


# --- pictures


def _encoded(kind: str, image: Any = RGB) -> bytes:
    done, data = cv2.imencode(kind, image)
    assert done
    return bytes(data.tobytes())


def _pictures() -> list[bytes]:
    deep = RGB[..., 0].astype(np.uint16) * 200
    kinds = (".png", ".jpg", ".bmp", ".webp", ".tif")
    return [*map(_encoded, kinds), _encoded(".png", RGB[..., 0]), _encoded(".png", deep)]


def _compressed(data: bytes) -> None:
    formats = ("jpeg", "bayer_rggb8; jpeg compressed ", "mono8; png compressed", "nv12; jpeg")
    text = formats[len(data) % len(formats)]
    rgb_from_compressed(_message(format=text, data=data))


def _picture_file(data: bytes) -> None:
    path = _file("picture.png", data)
    for read in (read_rgb, read_gray, read_uint16):
        try:
            read(path)
        except DepthSegError:
            continue


_RAW = struct.Struct("<IIIB")


def _raw(data: bytes) -> None:
    if len(data) < _RAW.size:
        return
    height, width, step, number = _RAW.unpack_from(data)
    fields = {"height": height, "width": width, "step": step, "data": data[_RAW.size :]}
    encoding = ENCODINGS[number % len(ENCODINGS)]
    found = rgb_from_image(_message(encoding=encoding, is_bigendian=0, **fields))
    assert found.shape == (height, width, 3) and found.dtype == np.uint8


def _depth(data: bytes) -> None:
    if len(data) < _RAW.size:
        return
    height, width, step, big = _RAW.unpack_from(data)
    encoding = ("32FC1", "16UC1")[big % 2]
    body = data[_RAW.size :]
    fields = {"height": height, "width": width, "step": step, "data": body}
    found = depth_from_message(_message(encoding=encoding, is_bigendian=big % 3, **fields))
    assert found.shape == (height, width) and not (found <= 0).any()


def _raw_seeds() -> list[bytes]:
    pixels = RGB.tobytes()
    found = [_RAW.pack(24, 32, 96, ENCODINGS.index("rgb8")) + pixels]
    found += [_RAW.pack(24, 32, 32, n) + pixels[: 24 * 32] for n in range(len(ENCODINGS))]
    return found


_CLOUD = struct.Struct("<IIIIIIIB")


def _cloud(data: bytes) -> None:
    if len(data) < _CLOUD.size:
        return
    height, width, point_step, row_step, *offsets, kind = _CLOUD.unpack_from(data)
    fields = [
        SimpleNamespace(name=n, offset=o, datatype=kind)
        for n, o in zip("xyz", offsets, strict=True)
    ]
    points_from_message(
        _message(
            fields=fields, is_bigendian=False, height=height, width=width, point_step=point_step,
            row_step=row_step, data=data[_CLOUD.size :],
        )
    )  # fmt: skip


def _cloud_seeds() -> list[bytes]:
    return [_CLOUD.pack(1, 10, 16, 160, 0, 4, 8, 7) + RGB.tobytes()[:160]]


def _cdr_seeds() -> list[bytes]:
    header = Header(STAMP, "camera")
    payloads = (info_from_intrinsics(CAMERA, header), image_payload(header, RGB, "rgb8"))
    return [bytes(serialize(p)[1]) for p in payloads]


def _cdr(data: bytes) -> None:
    peek_stamp_ns(data)
    assembler = FrameAssembler(require_camera=False)
    try:
        assembler.camera = deserialize(data, CAMERA_INFO)
        assembler.frame_from_image(_message(
            encoding="rgb8", height=24, width=32, step=96, data=RGB.tobytes(), is_bigendian=0,
        ))  # fmt: skip
    except DepthSegError:
        pass  # the same bytes, read as an image
    FrameAssembler(False).frame_from_image(deserialize(data, IMAGE))


# --- bags: the right answer is known


@lru_cache(maxsize=1)
def _bag() -> bytes:
    path = folder() / "good.mcap"
    with BagWriter(path, overwrite=True) as writer:
        for n in range(3):
            header = Header(STAMP + n * 10**8, "camera")
            writer.write("/camera/camera_info", info_from_intrinsics(CAMERA, header))
            writer.write("/camera/image_raw", image_payload(header, RGB + np.uint8(n), "rgb8"))
            depth = image_payload(header, np.full((24, 32), 9 + n, np.float32), "32FC1")
            writer.write("/ground_truth/depth/image", depth)
    return path.read_bytes()


def _answers(path: Path) -> list[object]:
    with BagReader(path) as reader:
        return [
            (s.frame.stamp_ns, s.frame.image.tobytes(), s.frame.intrinsics,
             None if s.truth.depth_m is None else s.truth.depth_m.tobytes())
            for s in reader
        ]  # fmt: skip


@lru_cache(maxsize=1)
def _right_answers() -> list[object]:
    return _answers(_file("good_again.mcap", _bag()))


def _bag_run(data: bytes) -> None:
    found = _answers(_file("damaged.mcap", data))
    assert found == _right_answers(), "other numbers, and no word"


# --- texts


_CALIBRATION = (
    "calib_time: 09-Jan-2012 13:57:47\nS_rect_02: 1.242000e+03 3.750000e+02\n"
    "R_rect_00: 1 0 0 0 1 0 0 0 1\n"
    "P_rect_02: 7.215377e+02 0 6.095593e+02 4.5 0 7.215377e+02 1.72854e+02 0.2 0 0 1 0.003\n"
)


def _calibration(data: bytes) -> None:
    _file("day/calib_velo_to_cam.txt", b"R: 0 -1 0 0 0 -1 1 0 0\nT: 0 0 0\n")
    path = _file("day/calib_cam_to_cam.txt", data)
    camera = read_raw_calibration(path.parent).intrinsics(2, 1242, 375)
    assert np.isfinite([camera.fx, camera.fy, camera.cx, camera.cy]).all()


def _stamps(data: bytes) -> None:
    read_timestamps(_file("stamps.txt", data))


def _table(data: bytes) -> None:
    read_table(_file("table.txt", data))


def _spec() -> str:
    spec = ModelSpec("net", 256, 160, 149.4, 309.3, 80.0, NETWORK_CLASSES, training={"a": [1, 2]})
    return spec.to_json()


def _spec_run(data: bytes) -> None:
    spec = ModelSpec.from_json(data.decode("utf-8", "replace"))
    assert np.isfinite([spec.fx, spec.fy, spec.max_depth_m]).all() and "/" not in spec.name


def _onnx() -> list[bytes]:
    def field(number: int, body: bytes) -> bytes:
        out, length = bytes([number << 3 | 2]), len(body)
        while length > 0x7F:
            out, length = out + bytes([length & 0x7F | 0x80]), length >> 7
        return out + bytes([length]) + body

    entry = field(1, b"depth_seg_ros.spec") + field(2, _spec().encode())
    return [b"\x08\x07" + field(7, RGB.tobytes()) + field(14, entry)]


def _onnx_run(data: bytes) -> None:
    read_spec(_file("model.onnx", data))


def _yamls() -> list[bytes]:
    folder_ = Path(__file__).resolve().parents[2] / "config" / "training"
    return [p.read_bytes() for p in sorted(folder_.glob("*.yaml"))]


def _yaml_run(data: bytes) -> None:
    from training.config_file import load_experiment

    experiment = load_experiment(_file("experiment.yaml", data))
    assert experiment.optim.lr > 0 and experiment.data.width <= 4096


def _camera_files() -> list[bytes]:
    return [
        b"width: 640\nheight: 480\nfx: 500\nfy: 500\ncx: 319.5\ncy: 239.5\nmount: robot\n",
        b"image_width: 640\nimage_height: 480\ncamera_matrix: {data: [500, 0, 320, 0, 500, 240, "
        b"0, 0, 1]}\nroi: {x_offset: 0, y_offset: 0, width: 320, height: 240}\nbinning_x: 2\n",
        b"640 480 500 500 319.5 239.5\n",
    ]


def _camera_file_run(data: bytes) -> None:
    open_camera(str(_file("camera.yaml", data)))


def _options(data: bytes) -> None:
    text = data.decode("utf-8", "replace").strip()
    for name, limit in LIMITS.items():
        try:
            value = limit.parse(text)
        except ValueError:
            continue
        assert limit.holds(value), f"{name} took {text!r}"


def _remaps(data: bytes) -> None:
    rule = data.decode("utf-8", "replace")
    try:
        Names("node", rule, parse_remaps([rule])).resolve(rule)
    except ConfigError:
        return


def _seeds(*texts: str) -> Callable[[], list[bytes]]:
    return lambda: [t.encode() for t in texts]


TARGETS: dict[str, Target] = {
    "picture files": Target(_pictures, _picture_file),
    "compressed images": Target(_pictures, _compressed),
    "raw images": Target(_raw_seeds, _raw),
    "depth images": Target(_raw_seeds, _depth),
    "point clouds": Target(_cloud_seeds, _cloud),
    "CDR": Target(_cdr_seeds, _cdr),
    "bags": Target(lambda: [_bag()], _bag_run),
    "calibrations": Target(_seeds(_CALIBRATION), _calibration, text=True),
    "time stamps": Target(_seeds("2011-09-26 13:02:25.594360375\n\n" * 3), _stamps, text=True),
    "tables": Target(_seeds("frame a b\n0 1 2\n1 3 4\n"), _table, text=True),
    "specs": Target(_seeds(_spec()), _spec_run, text=True),
    "model files": Target(_onnx, _onnx_run),
    "experiments": Target(_yamls, _yaml_run, text=True),
    "camera files": Target(_camera_files, _camera_file_run, text=True),
    "options": Target(_seeds("1", "0.5", "100", "1e3"), _options, text=True),
    "remappings": Target(_seeds("image:=/camera/image", "/a"), _remaps, text=True),
}
