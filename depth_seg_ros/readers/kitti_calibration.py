"""KITTI's calibration files and time stamps.

Convention: ``T_a_b`` takes points of frame b into frame a, float64 [4, 4], metres. The camera
frames are the *rectified* ones; camera 2 and 3 are shifted against camera 0 by the last column of
their projection matrix, P = K [I | t].
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import FrameError, ReaderError
from depth_seg_ros.readers.files import read_text
from depth_seg_ros.readers.kitti_sizes import camera_of, rig_of
from depth_seg_ros.types import Intrinsics, Rig

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class KittiCalibration:
    """Calibration of one recording day.

    projection: P_rect [3, 4] by camera number. size: (width, height) by camera number of the images
    they are for, where known. origin: the file, for errors.
    """

    origin: Path
    projection: dict[int, Matrix]
    size: dict[int, tuple[int, int]]
    T_cam0rect_velo: Matrix

    def intrinsics(self, camera: int, width: int, height: int) -> Intrinsics:
        """Of a rectified image; the principal point is in the pixel-centre convention already.

        An image that was resized whole gets the calibration scaled; ReaderError for a crop, an
        unrectified image, or the calibration of another day.
        """
        p = self._projection_of(camera)
        fx, fy, cx, cy = (float(p[i]) for i in ((0, 0), (1, 1), (0, 2), (1, 2)))
        try:
            stated = Intrinsics(width, height, fx, fy, cx, cy)
            return camera_of(stated, self.size.get(camera), width, height, self.origin)
        except FrameError as e:
            raise ReaderError(f"{self.origin}: {e}") from e

    def rig(self, camera: int) -> Rig | None:
        """How the camera hung, where it is KITTI's."""
        return rig_of(float(self._projection_of(camera)[0, 0]))

    def T_cam_velo(self, camera: int) -> Matrix:
        """Velodyne points into the rectified frame of ``camera``."""
        p = self._projection_of(camera)
        shift = np.eye(4)
        shift[:3, 3] = np.linalg.solve(p[:, :3], p[:, 3])
        return np.asarray(shift @ self.T_cam0rect_velo, np.float64)

    def _projection_of(self, camera: int) -> Matrix:
        if camera not in self.projection:
            known = ", ".join(map(str, sorted(self.projection)))
            raise ReaderError(f"the calibration has no camera {camera}; it has {known or 'none'}")
        return self.projection[camera]


def read_raw_calibration(date_dir: Path) -> KittiCalibration:
    """``calib_cam_to_cam.txt`` and ``calib_velo_to_cam.txt`` of a raw recording day."""
    cams_path, velo_path = date_dir / "calib_cam_to_cam.txt", date_dir / "calib_velo_to_cam.txt"
    cams, velo = read_numbers(cams_path), read_numbers(velo_path)
    rectify = rigid(_matrix(cams, "R_rect_00", (3, 3), cams_path))
    velo_to_cam = rigid(_matrix(velo, "R", (3, 3), velo_path), _matrix(velo, "T", (3,), velo_path))
    return _cameras(cams, cams_path, np.asarray(rectify @ velo_to_cam, np.float64))


def read_camera_calibration(path: Path) -> KittiCalibration:
    """``calib_cam_to_cam`` alone, without a scanner (the scene-flow and semantics benchmarks)."""
    return _cameras(read_numbers(path), path, np.eye(4))


def _cameras(numbers: dict[str, Matrix], path: Path, T_cam0rect_velo: Matrix) -> KittiCalibration:
    """P_rect and S_rect of every camera."""
    names = [k for k in numbers if re.fullmatch(r"P_rect_\d\d", k)]
    cameras = [int(name[-2:]) for name in names]
    sizes = {c: numbers[f"S_rect_{c:02d}"] for c in cameras if f"S_rect_{c:02d}" in numbers}
    return KittiCalibration(
        path,
        {c: _matrix(numbers, f"P_rect_{c:02d}", (3, 4), path) for c in cameras},
        {c: _size(s, path) for c, s in sizes.items()},
        T_cam0rect_velo,
    )


def read_object_calibration(path: Path) -> KittiCalibration:
    """``calib/%06d.txt`` of the object and semantics benchmarks (P0..P3, R0_rect, Tr_velo_*)."""
    numbers = read_numbers(path)
    cameras = [c for c in range(4) if f"P{c}" in numbers]
    if "Tr_velo_to_cam" in numbers:
        rectify = rigid(_matrix(numbers, "R0_rect", (3, 3), path))
        top = _matrix(numbers, "Tr_velo_to_cam", (3, 4), path)
        velo = np.asarray(rectify @ rigid(top[:, :3], top[:, 3]), np.float64)
    else:
        velo = np.eye(4)
    projection = {c: _matrix(numbers, f"P{c}", (3, 4), path) for c in cameras}
    return KittiCalibration(path, projection, {}, velo)


def read_numbers(path: Path) -> dict[str, Matrix]:
    """``key: number number ...`` lines; lines whose values are not numbers (dates) are left out."""
    found: dict[str, Matrix] = {}
    for line in read_text(path).splitlines():
        key, colon, values = line.partition(":")
        try:
            found[key.strip()] = np.array(values.split(), np.float64)
        except ValueError:
            continue
        if not colon and line.strip():
            raise ReaderError(f"{path} has the line {line!r}; expected `key: numbers`")
    return found


def read_timestamps(path: Path) -> list[int | None]:
    """Nanoseconds since 1970 (UTC), one a line: ``2011-09-26 13:02:25.594360375``.

    Line n is frame n, an empty one too: None, where KITTI lacks that scan (drive 2011_09_26_0009).
    """
    stamps: list[int | None] = []
    for number, line in enumerate(read_text(path).rstrip().split("\n")):
        if not line.strip():
            stamps.append(None)
            continue
        try:
            seconds, _, fraction = line.strip().partition(".")
            whole = datetime.strptime(seconds, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc)
            stamps.append(int(whole.timestamp()) * 10**9 + int(fraction.ljust(9, "0")[:9]))
        except ValueError as e:
            raise ReaderError(f"{path} line {number + 1} is not a time stamp: {line!r}") from e
    return stamps


def _size(numbers: Matrix, path: Path) -> tuple[int, int]:
    """(width, height) of S_rect."""
    if numbers.size != 2 or not np.all((numbers >= 1) & (numbers <= 1e6)):
        raise ReaderError(f"{path} has S_rect {numbers.tolist()}; expected width and height")
    return int(numbers[0]), int(numbers[1])


def rigid(rotation: Matrix, translation: Matrix | None = None) -> Matrix:
    """float64 [4, 4] of a rotation [3, 3] and a translation [3]."""
    matrix = np.eye(4)
    matrix[:3, :3] = rotation
    if translation is not None:
        matrix[:3, 3] = translation
    return matrix


def _matrix(
    numbers: dict[str, Matrix], key: str, shape: tuple[int, ...], path: Path
) -> npt.NDArray[np.float64]:
    if key not in numbers or numbers[key].size != int(np.prod(shape)):
        found = f"{numbers[key].size} numbers" if key in numbers else "nothing"
        raise ReaderError(f"{path} should have `{key}:` with {np.prod(shape)} numbers, has {found}")
    if not np.isfinite(numbers[key]).all():
        raise ReaderError(f"{path}: `{key}:` holds {numbers[key].tolist()}, not only numbers")
    return numbers[key].reshape(shape)
