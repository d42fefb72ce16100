"""A raw drive and bags of a few small frames, and a predictor that is told the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest

from depth_seg_ros.bags.writer import BagWriter
from depth_seg_ros.engines.base import EngineInfo
from depth_seg_ros.labels import NETWORK_CLASSES, ClassTable
from depth_seg_ros.messages.cameras import info_from_intrinsics
from depth_seg_ros.messages.payloads import Header, image_payload
from depth_seg_ros.predictor import StageTimes
from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.types import Frame, Intrinsics, Prediction

WIDTH, HEIGHT = 16, 12
CAMERA = Intrinsics(WIDTH, HEIGHT, 8.0, 8.0, 7.5, 5.5)
START_NS = 1_600_000_000_000_000_000
PERIOD_NS = 100_000_000


@dataclass
class StubPredictor:
    """Predicts a constant depth (NaN in ``blind`` columns) and the label 7."""

    depth_m: float = 10.0
    blind: int = 0
    classes: ClassTable | None = NETWORK_CLASSES
    training: dict[str, object] = field(default_factory=dict)
    seen: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.spec = ModelSpec(
            "stub", 32, 20, 20.0, 20.0, 80.0, classes=self.classes, training=self.training
        )
        self.info = EngineInfo("stub", "1", "CPU", "fp32", (1, 20, 32, 3), ("depth",))

    def predict_timed(self, frame: Frame) -> tuple[Prediction, StageTimes]:
        self.seen.append(frame.stamp_ns)
        shape = frame.image.shape[:2]
        depth_m = np.full(shape, self.depth_m, np.float32)
        depth_m[:, : self.blind] = np.nan
        labels = np.full(shape, 7, np.uint8) if self.classes else None
        prediction = Prediction(
            frame.stamp_ns, frame.frame_id, depth_m, labels, labels, frame.intrinsics
        )
        return prediction, StageTimes(1.0, 5.0, 2.0)


@pytest.fixture
def stub() -> type[StubPredictor]:
    return StubPredictor


def truth_depth(n: int) -> np.ndarray:
    """Left half 10 m, right half 20 m, first row sky, one pixel unknown."""
    depth = np.full((HEIGHT, WIDTH), 10.0, np.float32)
    depth[:, WIDTH // 2 :] = 20.0
    depth[0] = np.inf
    depth[5, 5] = np.nan
    return depth


@pytest.fixture
def make_bag(tmp_path: Path) -> Callable[..., Path]:
    """make_bag(name, frames=4, info=True, depth=True, labels=True, ...) -> path."""

    def make(
        name: str = "drive",
        frames: int = 4,
        *,
        info: bool = True,
        depth: bool = True,
        labels: bool = True,
        stamps: list[int] | None = None,
        depth_shift_ns: int = 0,
        depth_size: tuple[int, int] | None = None,
        encodings: list[str] | None = None,
        camera: Intrinsics = CAMERA,
    ) -> Path:
        path = tmp_path / name
        rng = np.random.default_rng(0)
        with BagWriter(path) as writer:
            for n in range(frames):
                stamp = stamps[n] if stamps else START_NS + n * PERIOD_NS
                header = Header(stamp, "camera_optical")
                image = rng.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
                encoding = encodings[n] if encodings else "rgb8"
                if info:
                    writer.write("/camera/camera_info", info_from_intrinsics(camera, header))
                writer.write("/camera/image_raw", image_payload(header, image, encoding))
                if depth:
                    truth = truth_depth(n)
                    if depth_size:
                        truth = np.ones(depth_size[::-1], np.float32)
                    at = Header(stamp + depth_shift_ns, "camera_optical")
                    payload = image_payload(at, truth, "32FC1")
                    writer.write("/ground_truth/depth/image", payload)
                if labels:
                    ids = np.full((HEIGHT, WIDTH), 7, np.uint8)
                    ids[:, WIDTH // 2 :] = 26
                    payload = image_payload(header, ids, "mono8")
                    writer.write("/ground_truth/labels/image", payload)
        return path

    return make


CAM_TO_CAM = """S_rect_02: 16 12
R_rect_00: 1 0 0 0 1 0 0 0 1
P_rect_00: 8 0 7.5 0 0 8 5.5 0 0 0 1 0
P_rect_02: 8 0 7.5 0.8 0 8 5.5 0 0 0 1 0
P_rect_03: 8 0 7.5 -4.0 0 8 5.5 0 0 0 1 0
"""


@pytest.fixture
def raw_drive(tmp_path: Path) -> Path:
    """Five frames of two cameras, depth PNGs for frames 1 to 3, scans for 0 and 2."""
    date = tmp_path / "2011_09_26"
    drive = date / "2011_09_26_drive_0009_sync"
    drive.mkdir(parents=True)
    (date / "calib_cam_to_cam.txt").write_text(CAM_TO_CAM)
    (date / "calib_velo_to_cam.txt").write_text("R: 0 -1 0 0 0 -1 1 0 0\nT: 0 0 0\n")
    (date / "calib_imu_to_velo.txt").write_text("R: 1 0 0 0 1 0 0 0 1\nT: -0.8 0.3 -0.8\n")
    for camera in (2, 3):
        folder = drive / f"image_{camera:02d}"
        (folder / "data").mkdir(parents=True)
        lines = [f"2011-09-26 13:02:25.{n}00000{camera:03d}" for n in range(5)]
        (folder / "timestamps.txt").write_text("\n".join(lines) + "\n")
        for n in range(5):
            image = np.full((HEIGHT, WIDTH, 3), 10 * n + camera, np.uint8)
            assert cv2.imwrite(str(folder / f"data/{n:010d}.png"), image)
    depth = drive / "proj_depth/groundtruth/image_02"
    depth.mkdir(parents=True)
    for n in (1, 2, 3):
        counts = np.zeros((HEIGHT, WIDTH), np.uint16)
        counts[6:10, 4:12] = 8 * 256
        assert cv2.imwrite(str(depth / f"{n:010d}.png"), counts)
    (drive / "velodyne_points/data").mkdir(parents=True)
    for n in (0, 2):
        scan = np.array([[8.0, 0.5, -0.7, 0.5], [16.0, -1, -1.4, 0.1]], np.float32)
        scan.tofile(drive / f"velodyne_points/data/{n:010d}.bin")
    return drive
