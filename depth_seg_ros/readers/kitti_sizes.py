"""Which image size a KITTI calibration is for, and what that means for an image of another size;
and how high KITTI's own cameras hung.

Convention: a calibration belongs to one image size. An image that was resized whole keeps it,
scaled; one that was cropped, or never rectified (1392 x 512), does not.
"""

from __future__ import annotations

from pathlib import Path

from depth_seg_ros.errors import FrameError, ReaderError
from depth_seg_ros.types import Intrinsics, Rig

UNRECTIFIED = (1392, 512)
DAY_SIZES = {
    721.5377: (1242, 375),
    707.0493: (1224, 370),
    718.3351: (1238, 374),
    707.0912: (1226, 370),
    718.856: (1241, 376),
}
"""Focal length [px] of a recording day's rectified cameras -> their image size: the benchmarks'
calibration files leave out the size (S_rect) that the raw data's have."""

RIG = Rig(1.65, 0.0, 0.0)
"""How all of KITTI's cameras hung: level, 1.65 m above the road (Geiger et al., IJRR 2013, fig. 3).
Other cars' frames come in KITTI's layouts too; of those nothing is known."""

_NEAR = 0.03
"""Sizes that differ by less are two recording days' and not a resized image."""
OFF_MIDDLE = 0.08, 0.2
"""How far (share of width, of height) a rectified camera's principal point may be off the middle;
real ones keep within 0.04 and 0.08."""


def camera_of(
    stated: Intrinsics, known_size: tuple[int, int] | None, width: int, height: int, origin: Path
) -> Intrinsics:
    """The camera of a ``width`` x ``height`` image.

    stated: fx fy cx cy as written in ``origin`` (its size is not looked at). known_size: of the
        images it is for; None = not told, then it is judged by the focal lengths of KITTI's days
        and by whether the principal point is near the middle of the image.
    """
    size = known_size or _size_of_day(stated.fx)
    if size is None:
        return plausible(_with_size(stated, width, height), origin)
    if (width, height) == size:
        return _with_size(stated, width, height)
    if (width, height) == UNRECTIFIED:
        raise ReaderError(
            f"{origin} is for rectified images of {size[0]}x{size[1]}, the image is {width}x"
            f"{height}, as they are before rectification; take the `..._sync` data"
        )
    if all(abs(a / b - 1) < _NEAR for a, b in zip((width, height), size, strict=True)):
        if known_size is None:  # the day was guessed: a crop by a few pixels, or another day
            return plausible(_with_size(stated, width, height), origin)
        raise ReaderError(
            f"{origin} is for images of {size[0]}x{size[1]}, the image is {width}x{height}: the "
            "calibration of another recording day, or a crop; give the one that belongs to it"
        )
    try:
        return _with_size(stated, *size).of_image(width, height)
    except FrameError as e:
        if known_size is None:
            return plausible(_with_size(stated, width, height), origin)
        raise ReaderError(f"{origin}: {e}") from e


def rig_of(fx: float) -> Rig | None:
    """KITTI's rig where the focal length [px] is that of one of its recording days."""
    return RIG if _size_of_day(fx) else None


def rig_of_size(width: int, height: int) -> Rig | None:
    """The same for an image without calibration."""
    return RIG if (width, height) in DAY_SIZES.values() else None


def _size_of_day(fx: float) -> tuple[int, int] | None:
    return next((size for f, size in DAY_SIZES.items() if abs(f - fx) < 1e-3), None)


def _with_size(k: Intrinsics, width: int, height: int) -> Intrinsics:
    return Intrinsics(width, height, k.fx, k.fy, k.cx, k.cy)


def plausible(
    k: Intrinsics, origin: Path, off_middle: tuple[float, float] = OFF_MIDDLE
) -> Intrinsics:
    """``k`` where its principal point is near the middle (``off_middle``: shares of the width and
    height it may be off); ReaderError where it is for another size or another crop."""
    off_x, off_y = abs((k.cx + 0.5) / k.width - 0.5), abs((k.cy + 0.5) / k.height - 0.5)
    if off_x <= off_middle[0] and off_y <= off_middle[1]:
        return k
    raise ReaderError(
        f"{origin} has its principal point at {k.cx:g}, {k.cy:g}, far off the middle of the "
        f"{k.width}x{k.height} image: it is for images of another size; give the images as they "
        "were downloaded, or scale the calibration with them"
    )
