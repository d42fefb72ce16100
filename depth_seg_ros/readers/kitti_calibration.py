"""KITTI's calibration files and time stamps.

Convention: ``T_a_b`` takes points of frame b into frame a, float64 [4, 4], metres. The camera
frames are the *rectified* ones; camera 2 and 3 are shifted against camera 0 by the last column of
their projection matrix, P = K [I | t].
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import ReaderError
from depth_seg_ros.readers.files import read_text
from depth_seg_ros.types import Intrinsics

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class KittiCalibration:
    """Calibration of one recording day.

    projection: P_rect [3, 4] by camera number. size: (width, height) by camera number, where known.
    """

    projection: dict[int, Matrix]
    size: dict[int, tuple[int, int]]
    T_cam0rect_velo: Matrix

    def intrinsics(self, camera: int, width: int, height: int) -> Intrinsics:
        """Of a rectified image; the principal point is in the pixel-centre convention already."""
        p = self._projection_of(camera)
        fx, fy, cx, cy = (float(p[i]) for i in ((0, 0), (1, 1), (0, 2), (1, 2)))
        return Intrinsics(width, height, fx, fy, cx, cy)

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
    cameras = [int(key[-2:]) for key in cams if key.startswith("P_rect_")]
    rectify = rigid(_matrix(cams, "R_rect_00", (3, 3), cams_path))
    velo_to_cam = rigid(_matrix(velo, "R", (3, 3), velo_path), _matrix(velo, "T", (3,), velo_path))
    sizes = {c: cams[f"S_rect_{c:02d}"] for c in cameras if f"S_rect_{c:02d}" in cams}
    return KittiCalibration(
        {c: _matrix(cams, f"P_rect_{c:02d}", (3, 4), cams_path) for c in cameras},
        {c: (int(s[0]), int(s[1])) for c, s in sizes.items()},
        np.asarray(rectify @ velo_to_cam, np.float64),
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
    return KittiCalibration({c: _matrix(numbers, f"P{c}", (3, 4), path) for c in cameras}, {}, velo)


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


def read_timestamps(path: Path) -> list[int]:
    """Nanoseconds since 1970 (UTC), one a line: ``2011-09-26 13:02:25.594360375``."""
    stamps = []
    for number, line in enumerate(read_text(path).splitlines()):
        if not line.strip():
            continue
        try:
            seconds, _, fraction = line.strip().partition(".")
            whole = datetime.strptime(seconds, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc)
            stamps.append(int(whole.timestamp()) * 10**9 + int(fraction.ljust(9, "0")[:9]))
        except ValueError as e:
            raise ReaderError(f"{path} line {number + 1} is not a time stamp: {line!r}") from e
    return stamps


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
    return numbers[key].reshape(shape)
