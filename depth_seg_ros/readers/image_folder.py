"""A folder of images, with ``label/`` and ``depth/`` beside ``image/`` where there is truth."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from depth_seg_ros.errors import FrameError, ReaderError
from depth_seg_ros.readers.base import Reader, Sample
from depth_seg_ros.readers.files import list_images, read_gray, read_kitti_depth, read_rgb
from depth_seg_ros.readers.other_camera import with_camera
from depth_seg_ros.types import Frame, GroundTruth, Intrinsics

FRAME_PERIOD_NS = 100_000_000


class ImageFolder(Reader):
    """One image, a folder of images, or a folder with ``image/`` [``label/``] [``depth/``].

    Labels are 8-bit single-channel PNGs of Cityscapes ids (255 = ignored), depth 16-bit PNGs of
    metres x 256 (0 = none), both named like their image.
    intrinsics: of all images, where known. ``folder``: the one that was listed, None for a file.
    """

    in_time = False
    folder: Path | None

    def __init__(self, root: str | Path, intrinsics: Intrinsics | None = None) -> None:
        root = Path(root)
        if not root.exists():
            raise ReaderError(f"{root} does not exist; give an image or a folder of images")
        self.name = f"images of {root.name}"
        self._intrinsics = intrinsics
        if root.is_file():
            self._images, self.root, self.folder = [root], None, None
        else:
            has_parts = (root / "image").is_dir()
            self.folder = root / "image" if has_parts else root
            self._images = list_images(self.folder)
            self.root = root if has_parts else None
        if not self._images:
            raise ReaderError(f"{root} has no images (png, jpg, bmp, tif, webp)")
        self.keys = [p.stem for p in self._images]
        if twice := sorted(n for n, count in Counter(self.keys).items() if count > 1):
            raise ReaderError(f"{root} has images of one name and two kinds: {', '.join(twice)}")

    def load(self, index: int) -> Sample:
        path = self._images[index]
        image = read_rgb(path)
        stamp_ns = index * FRAME_PERIOD_NS
        label_path, depth_path = self._part("label", path), self._part("depth", path)
        labels = read_gray(label_path) if label_path else None
        depth_m = read_kitti_depth(depth_path) if depth_path else None
        for part, found in (("label", labels), ("depth", depth_m)):
            if found is not None and found.shape != image.shape[:2]:
                raise ReaderError(
                    f"{part}/{path.stem}.png is {found.shape[1]}x{found.shape[0]}, its image "
                    f"{image.shape[1]}x{image.shape[0]}"
                )
        frame = Frame(stamp_ns, "camera_optical", image)
        if self._intrinsics is not None:
            try:
                frame = with_camera(frame, self._intrinsics)
            except FrameError as e:
                raise ReaderError(f"{path}: {e}") from e
        return Sample(path.stem, frame, GroundTruth(stamp_ns, depth_m, labels))

    def _part(self, name: str, image: Path) -> Path | None:
        """Path of an image's label or depth; None where the data set has no such folder."""
        if self.root is None or not (self.root / name).is_dir():
            return None
        return self.root / name / f"{image.stem}.png"
