"""How large outputs are, and that depth and camera_info fit each other at any size."""

from __future__ import annotations

import numpy as np
import pytest

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.perception.output_size import output_size, shown_at
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.preprocess import plan_geometry
from depth_seg_ros.spec import ModelSpec
from depth_seg_ros.types import Frame, Intrinsics

SPEC = ModelSpec("tiny", 32, 20, 20.0, 20.0, 80.0)


def size(choice: str, width: int, height: int, f: float = 500.0) -> tuple[int, int]:
    camera = Intrinsics(width, height, f, f, width / 2, height / 2)
    return output_size(choice, plan_geometry(SPEC, width, height, camera))


@pytest.mark.parametrize(
    ("choice", "camera", "expected"),
    [
        ("auto", (1242, 375), (1242, 375)),
        ("auto", (1920, 1080), (1920, 1080)),
        ("auto", (3840, 2160), (1920, 1080)),
        ("auto", (4096, 3072), (1365, 1024)),
        ("camera", (3840, 2160), (3840, 2160)),
        ("network", (320, 200), (32, 20)),
        ("network", (320, 100), (32, 10)),
        ("640", (1280, 720), (640, 360)),
        ("640", (320, 200), (320, 200)),
    ],
)
def test_sizes(choice: str, camera: tuple[int, int], expected: tuple[int, int]) -> None:
    assert size(choice, *camera) == expected


@pytest.mark.parametrize("choice", ["large", "-1", "0", "640.0", ""])
def test_nonsense_is_refused(choice: str) -> None:
    with pytest.raises(ConfigError, match="known: auto, camera, network, or a width"):
        size(choice, 640, 400)


@pytest.mark.parametrize("fit", ["pad", "crop"])
@pytest.mark.parametrize("smaller", [(160, 100), (53, 33), (32, 20)])
def test_depth_at_another_size_is_the_same_scene(tiny_onnx, fit: str, smaller) -> None:
    """A step of colour stays where its ray is; what the network did not see stays unknown."""
    camera = Intrinsics(320, 200, 200.0, 250.0, 170.0, 90.0)  # not the network's aspect
    image = np.full((200, 320, 3), 50, np.uint8)
    image[:, 160:] = 200
    frame = Frame(5, "cam", image, camera)
    shown = shown_at(frame, smaller)
    assert shown.intrinsics == camera.resized(*smaller)
    with Predictor.open(tiny_onnx, "onnxruntime", fit=fit, threads=1) as predictor:
        whole, _ = predictor.predict_timed(frame)
        small, _ = predictor.predict_timed(frame, shown)
    assert small.depth_m.shape == (smaller[1], smaller[0])
    assert small.intrinsics == shown.intrinsics
    rows = np.linspace(0.1, 0.9, 5)
    for part in (0.3, 0.7):  # left and right of the step
        for row in rows:
            of_whole = whole.depth_m[int(row * 200), int(part * 320)]
            of_small = small.depth_m[int(row * smaller[1]), int(part * smaller[0])]
            np.testing.assert_allclose(of_small, of_whole, rtol=1e-5)
