"""Today's outputs, kept: what is moved or merged must not change a number that a user sees.

``test/golden.json`` holds a world's frames, what a perception publishes for them (CDR bytes), and
the scores of the drive. ``UPDATE_GOLDEN=1 pytest test/test_golden.py`` writes it anew, for a change
of the outputs that is meant; say so in the commit. Pictures, depth and labels are compared as
summaries everywhere, and bit for bit (``GOLDEN_BITS=1``) on the machine that wrote the file:
compiled kernels round differently on other processors.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")

from depth_seg_ros.evaluation.evaluate import Options
from depth_seg_ros.evaluation.replay import replay
from depth_seg_ros.messages.cdr import serialize
from depth_seg_ros.messages.outputs import OutputBuilder
from depth_seg_ros.messages.topics import FRAME_TOPICS
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.virtual_world.cameras import open_camera
from depth_seg_ros.virtual_world.data.drive import Drive, Moment
from depth_seg_ros.virtual_world.data.writers.bag import write_bag

GOLDEN = Path(__file__).with_name("golden.json")
WORLDS = {"car": 3, "robot": 11, "drone": 5}
"""Camera -> seed."""


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def summary(moment: Moment) -> dict[str, Any]:
    """What a frame shows, in numbers that survive another processor's rounding."""
    depth_m, labels = moment.truth.depth_m, moment.truth.labels
    assert depth_m is not None and labels is not None
    ids, counts = np.unique(labels, return_counts=True)
    return {
        "rgb_mean": [round(float(c), 2) for c in moment.frame.image.mean(axis=(0, 1))],
        "mean_inverse_depth": round(float((1 / depth_m).mean()), 5),
        "sky": round(float(np.isinf(depth_m).mean()), 4),
        "classes": {str(i): round(n / labels.size, 4) for i, n in zip(ids, counts, strict=True)},
        "bits": digest(moment.frame.image.tobytes() + depth_m.tobytes() + labels.tobytes()),
    }


@pytest.fixture(scope="module")
def drives() -> dict[str, list[Moment]]:
    made = {}
    for name, seed in WORLDS.items():
        with Drive(seed, open_camera(name).scaled(0.2)) as drive:
            made[name] = list(drive.frames(rate_hz=1.0, seconds=4.0))
    return made


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    return dict(json.loads(GOLDEN.read_text())) if GOLDEN.exists() else {}


def check(golden: dict[str, Any], key: str, found: Any) -> None:
    """``found`` equals what was kept under ``key``; numbers to one part in a thousand."""
    if os.environ.get("UPDATE_GOLDEN"):
        golden[key] = found
        GOLDEN.write_text(json.dumps(golden, indent=1, sort_keys=True) + "\n")
        return
    assert key in golden, f"{GOLDEN.name} has no {key}: UPDATE_GOLDEN=1 writes it"
    compare(found, golden[key], key)


def compare(found: Any, kept: Any, where: str) -> None:
    if isinstance(kept, dict):
        assert set(found) == set(kept), where
        for name, value in kept.items():
            if name != "bits" or os.environ.get("GOLDEN_BITS"):
                compare(found[name], value, f"{where}.{name}")
    elif isinstance(kept, list):
        assert len(found) == len(kept), where
        for n, value in enumerate(kept):
            compare(found[n], value, f"{where}[{n}]")
    elif isinstance(kept, float):
        assert found == pytest.approx(kept, rel=1e-3, abs=2e-3), where
    else:
        assert found == kept, where


@pytest.mark.parametrize("camera", WORLDS)
def test_worlds(drives: dict[str, list[Moment]], golden: dict[str, Any], camera: str) -> None:
    check(golden, f"world_{camera}", [summary(m) for m in drives[camera]])


def test_published_messages(
    drives: dict[str, list[Moment]], golden: dict[str, Any], tiny_onnx: Path
) -> None:
    """The CDR bytes of every topic, of a frame that no processor renders differently."""
    frame = drives["car"][0].frame
    ramp = np.arange(frame.image.size, dtype=np.uint32) * 7919 % 251
    frame.image[:] = ramp.astype(np.uint8).reshape(frame.image.shape)
    assert frame.intrinsics is not None
    with Predictor.open(tiny_onnx, "onnxruntime", threads=1) as predictor:
        prediction = predictor.predict(frame)
        builder = OutputBuilder(predictor.spec.classes)
        built = builder.build(frame, prediction, 80.0, FRAME_TOPICS)
        found = {
            topic.name: [len(payload_bytes(payload)), digest(payload_bytes(payload))]
            for topic, payload in built.items()
            if "overlay" not in topic.name  # OpenCV's JPEG and blending differ by version
        }
    check(golden, "messages", found)


def payload_bytes(payload: Any) -> bytes:
    return bytes(serialize(payload)[1])


def test_scores_of_a_drive(
    drives: dict[str, list[Moment]], golden: dict[str, Any], tiny_onnx: Path, tmp_path: Path
) -> None:
    bag = tmp_path / "drive.mcap"
    write_bag(bag, iter(drives["car"][1:]), {})
    with Predictor.open(tiny_onnx, "onnxruntime", threads=1) as predictor:
        done = replay(bag, predictor, tmp_path / "out", options=Options(progress=False))
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert done.report is not None
    check(golden, "scores", {"metrics": report["metrics"], "rows": report["rows"]})
