"""Validate a data set before training on it: pairs, sizes, ranges, classes; and look at it.

    python -m training.data.check data/vkitti --worlds 0001 --out check

Reads every frame (``--every N``: each N-th), names each unreadable file with its reason, prints the
class histogram and the depth's range, and writes a sheet of samples.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from depth_seg_ros.errors import ReaderError
from depth_seg_ros.labels import CITYSCAPES, UNLABELED
from depth_seg_ros.readers.base import Reader, Sample
from depth_seg_ros.system.atomic import write_bytes
from depth_seg_ros.system.command import command_parser, ranged, run
from depth_seg_ros.types import UInt8Array
from depth_seg_ros.visualize import colorize_depth, colorize_labels, fit_width
from training.config import Source
from training.data.sources import open_source
from training.errors import DatasetError

NEAREST_PLAUSIBLE_M = 0.05
SHEET_ROWS = 6
PANEL_WIDTH = 480


@dataclass
class Findings:
    """frames read; problems: one line each; suspicions: readable, but odd."""

    frames: int = 0
    sizes: dict[str, int] = field(default_factory=dict)
    cameras: dict[str, int] = field(default_factory=dict)
    nearest_m: float = float("inf")
    farthest_m: float = 0.0
    sky: float = 0.0
    unmeasured: float = 0.0
    pixels: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(256, np.int64))
    problems: list[str] = field(default_factory=list)
    suspicions: list[str] = field(default_factory=list)

    def add(self, sample: Sample) -> None:
        """Count one frame and note what is odd about it."""
        self.frames += 1
        image, truth, camera = sample.frame.image, sample.truth, sample.frame.intrinsics
        size = f"{image.shape[1]}x{image.shape[0]}"
        self.sizes[size] = self.sizes.get(size, 0) + 1
        view = f"fx {camera.fx:.1f} fy {camera.fy:.1f}" if camera else "unknown"
        self.cameras[view] = self.cameras.get(view, 0) + 1
        if image.std() < 2:
            self.suspicions.append(f"{sample.key}: the image is one colour")
        if truth.depth_m is None:
            self.suspicions.append(f"{sample.key}: no depth")
        else:
            self._add_depth(sample.key, truth.depth_m)
        if truth.labels is None:
            self.suspicions.append(f"{sample.key}: no labels")
        else:
            self.pixels += np.bincount(truth.labels.ravel(), minlength=256)
            if (truth.labels == UNLABELED).all():
                self.suspicions.append(f"{sample.key}: no pixel is labelled")

    def _add_depth(self, key: str, depth_m: npt.NDArray[np.float32]) -> None:
        self.sky += float(np.isposinf(depth_m).mean())
        self.unmeasured += float(np.isnan(depth_m).mean())
        measured = depth_m[np.isfinite(depth_m)]
        if measured.size == 0:
            self.suspicions.append(f"{key}: no pixel has a depth")
            return
        self.nearest_m = min(self.nearest_m, float(measured.min()))
        self.farthest_m = max(self.farthest_m, float(measured.max()))
        if measured.min() < NEAREST_PLAUSIBLE_M:
            self.suspicions.append(f"{key}: nearest depth {measured.min():.3f} m")

    def to_text(self) -> str:
        """The findings for a terminal."""
        labelled = self.pixels.sum()
        lines = [
            f"frames: {self.frames} read, {len(self.problems)} unreadable",
            "sizes: " + ", ".join(f"{k} ({v})" for k, v in self.sizes.items()),
            "cameras: " + ", ".join(f"{k} ({v})" for k, v in list(self.cameras.items())[:5]),
            f"depth: {self.nearest_m:.2f} to {self.farthest_m:.2f} m, "
            f"sky {self.sky / max(1, self.frames):.1%}, "
            f"not measured {self.unmeasured / max(1, self.frames):.1%}",
            "classes:",
        ]
        for class_id in np.argsort(-self.pixels):
            if self.pixels[class_id]:
                share = self.pixels[class_id] / labelled
                lines.append(f"  {CITYSCAPES.name(int(class_id)):14s} {share:8.3%}")
        for title, items in (("unreadable", self.problems), ("odd", self.suspicions)):
            lines += [f"{title}: {text}" for text in items[:20]]
            if len(items) > 20:
                lines.append(f"{title}: {len(items) - 20} more")
        return "\n".join(lines)


def check(reader: Reader, every: int = 1) -> Findings:
    """Read the frames and collect what is wrong."""
    findings = Findings()
    for index in tqdm(range(0, len(reader), every), desc="check", unit="frame"):
        try:
            findings.add(reader[index])
        except ReaderError as e:
            findings.problems.append(str(e))
    return findings


def sheet(reader: Reader) -> UInt8Array:
    """uint8 [H, W, 3]: image | depth | labels of frames spread over the set."""
    rows = []
    for index in np.linspace(0, len(reader) - 1, min(SHEET_ROWS, len(reader))).astype(int):
        try:
            sample = reader[int(index)]
        except ReaderError:
            continue  # named by the check itself
        depth_m, labels = sample.truth.depth_m, sample.truth.labels
        panels = [sample.frame.image]
        panels += [] if depth_m is None else [colorize_depth(depth_m)]
        panels += [] if labels is None else [colorize_labels(labels)]
        rows.append(np.concatenate([fit_width(p, PANEL_WIDTH) for p in panels], axis=1))
    height, width = (min(r.shape[i] for r in rows) for i in (0, 1))
    return np.concatenate([r[:height, :width] for r in rows])


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("python -m training.data.check", __doc__)
    parser.add_argument("root", help="Virtual KITTI or a world in its layout")
    parser.add_argument("--worlds", nargs="*", default=(), help="names or a..b ranges")
    parser.add_argument("--variations", nargs="*", default=())
    parser.add_argument("--every", type=ranged("every"), default=1, metavar="N")
    parser.add_argument("--out", type=Path, metavar="DIR", help="for the sheet of samples")
    args = parser.parse_args(argv)

    def work() -> int:
        reader = open_source(Source(args.root, tuple(args.worlds), tuple(args.variations)))
        findings = check(reader, max(1, args.every))
        print(findings.to_text())
        if args.out and findings.frames:
            done, data = cv2.imencode(".png", sheet(reader)[..., ::-1])
            if not done:
                raise DatasetError("the sheet of samples could not be encoded")
            write_bytes(args.out / "samples.png", data.tobytes())
            print(args.out / "samples.png")
        return 1 if findings.problems else 0

    return run(work, args)


if __name__ == "__main__":
    sys.exit(main())
