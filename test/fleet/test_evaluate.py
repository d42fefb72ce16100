"""Many recordings: the total of all is, to the last bit, the score of one bag with all frames."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from distributed import Client, LocalCluster

from depth_seg_ros.bags.writer import BagWriter
from depth_seg_ros.cli import compare_bags, evaluate_bags
from depth_seg_ros.errors import EvaluationError
from depth_seg_ros.evaluation.recordings import Scored
from depth_seg_ros.fleet.evaluate import find_bags
from depth_seg_ros.messages.cameras import info_from_intrinsics
from depth_seg_ros.messages.cdr import serialize_transforms
from depth_seg_ros.messages.payloads import Header, image_payload
from depth_seg_ros.messages.transforms import Transform
from depth_seg_ros.messages.type_names import TF_MESSAGE
from depth_seg_ros.types import Intrinsics

CAMERA = Intrinsics(16, 12, 8.0, 8.0, 7.5, 5.5)
PARTS = {"a": range(3), "b": range(3, 7), "c": range(7, 8)}


def write_bag(path: Path, frames: Sequence[int], times: int = 1, tf: bool = False) -> None:
    """Frames that differ, in image, depth and labels; images ``times`` larger than the camera's.

    tf: the camera moves ahead. Frames n, n + 1 of two of PARTS are a minute apart then."""
    camera = CAMERA.resized(CAMERA.width * times, CAMERA.height * times)
    shape = camera.height, camera.width
    with BagWriter(path) as writer:
        for n in frames:
            rng = np.random.default_rng(n)
            part = [n in part for part in PARTS.values()].index(True) if tf else 0
            stamp_ns = 1_600_000_000_000_000_000 + n * 100_000_000 + part * 60_000_000_000
            header = Header(stamp_ns, "camera_optical")
            image = rng.integers(0, 256, (*shape, 3), np.uint8)
            depth_m = rng.uniform(2, 30, shape).astype(np.float32)
            labels = rng.choice(np.array([7, 23, 26], np.uint8), shape)
            if tf:
                depth_m = np.full(shape, 20 - 0.1 * n, np.float32)
                at = np.eye(4)
                at[2, 3] = 0.1 * n
                moved = [Transform(stamp_ns, "map", "camera_optical", at)]
                writer.write_raw("/tf", TF_MESSAGE, stamp_ns, serialize_transforms(moved))
            writer.write("/camera/camera_info", info_from_intrinsics(camera, header))
            writer.write("/camera/image_raw", image_payload(header, image, "rgb8"))
            writer.write("/ground_truth/depth/image", image_payload(header, depth_m, "32FC1"))
            writer.write("/ground_truth/labels/image", image_payload(header, labels, "mono8"))


@pytest.fixture
def bags(tmp_path: Path) -> Path:
    folder = tmp_path / "bags"
    folder.mkdir()
    for name, frames in PARTS.items():
        write_bag(folder / name, frames)
    write_bag(tmp_path / "all", range(8))
    return folder


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch):
    """A fleet in this process, in the place of processes that take seconds to start."""
    from depth_seg_ros.fleet import cluster as room

    class Here(LocalCluster):
        def __init__(self, **options: object) -> None:
            super().__init__(n_workers=1, processes=False, dashboard_address=None)

    monkeypatch.setattr(room, "LocalCluster", Here)


def options(out: Path) -> list[str]:
    return ["--protocol", "dense", "--backend", "onnxruntime", "--out", str(out), "--quiet"]


def test_the_total_is_that_of_one_bag(scheduler, bags, tiny_onnx, tmp_path) -> None:
    model = ["--model", str(tiny_onnx)]
    assert evaluate_bags.main([str(bags), *model, *options(tmp_path / "parts")]) == 0
    assert evaluate_bags.main([str(tmp_path / "all"), *model, *options(tmp_path / "whole")]) == 0
    parts, whole = (
        json.loads((tmp_path / name / "report.json").read_text()) for name in ("parts", "whole")
    )
    assert parts["rows"]["model"] == whole["rows"]["model"]
    for key in ("label_rows", "class_iou", "distance"):
        assert parts[key] == whole[key], key
    assert parts["frames"]["scored"] == whole["frames"]["scored"] == 8
    assert list(parts["recordings"]) == ["a", "b", "c"]
    assert parts["recordings"]["b"]["frames"] == 4
    assert parts["latency_ms"]["whole frame"]["frames"] == 8
    assert {p.name for p in (tmp_path / "parts/bags/a").iterdir()} >= {"report.html", "scored.json"}


def test_doubt_and_steadiness_add_up_too(scheduler, tmp_path, make_tiny_onnx) -> None:
    (tmp_path / "bags").mkdir()
    for name, frames in PARTS.items():
        write_bag(tmp_path / "bags" / name, frames, times=2, tf=True)
    write_bag(tmp_path / "all", range(8), times=2, tf=True)
    model = ["--model", str(make_tiny_onnx(tmp_path / "sure.onnx", doubt=True))]
    for bag, out in (("bags", "parts"), ("all", "whole")):
        assert evaluate_bags.main([str(tmp_path / bag), *model, *options(tmp_path / out)]) == 0
    parts, whole = (
        json.loads((tmp_path / name / "report.json").read_text()) for name in ("parts", "whole")
    )
    assert parts["doubt"] == whole["doubt"] and parts["doubt"]["frames"] == 8
    assert parts["doubt"]["ause"] > 0 and len(parts["doubt"]["bins"]) > 1
    assert parts["steadiness"] == whole["steadiness"]
    assert parts["steadiness"]["pairs"] == 5 and 0 < parts["steadiness"]["flips"] < 1
    assert parts["metrics"]["ause"] == whole["metrics"]["ause"]
    assert "Steady from frame to frame" in (tmp_path / "parts" / "report.md").read_text()
    kept = Scored.from_json(json.loads((tmp_path / "parts/bags/b/scored.json").read_text()))
    steady = kept.steadiness.result()
    assert steady is not None and steady.pairs == 3


def test_a_bag_that_fails_is_named_and_the_rest_is_scored(
    scheduler, bags, tiny_onnx, tmp_path, capsys
) -> None:
    (bags / "broken.mcap").write_bytes(b"no bag at all")
    command = [str(bags), "--model", str(tiny_onnx), *options(tmp_path / "out")]
    assert evaluate_bags.main(command) == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["frames"]["scored"] == 8
    assert any("broken" in note and "broken.mcap" in note for note in report["notes"])
    kept = tmp_path / "out/bags/a/scored.json"
    before = kept.stat().st_mtime_ns
    assert evaluate_bags.main([*command, "--overwrite"]) == 0
    assert kept.stat().st_mtime_ns == before, "scored again"
    assert Scored.from_json(json.loads(kept.read_text())).total == 3
    write_bag(tmp_path / "other", range(20, 22))  # another bag under the old name
    (bags / "a").rename(tmp_path / "old")
    (tmp_path / "other").rename(bags / "a")
    assert evaluate_bags.main([*command, "--overwrite"]) == 0
    assert Scored.from_json(json.loads(kept.read_text())).total == 2


def test_nothing_to_score_is_one_error(scheduler, tmp_path, tiny_onnx, capsys) -> None:
    (tmp_path / "empty").mkdir()
    command = [str(tmp_path / "empty"), "--model", str(tiny_onnx), *options(tmp_path / "out")]
    assert evaluate_bags.main(command) == 1
    assert "no bag in" in capsys.readouterr().err
    with pytest.raises(EvaluationError, match="no bag"):
        find_bags([tmp_path / "nowhere"])


def test_bags_of_one_name_are_told_apart(tmp_path) -> None:
    for day in ("monday", "tuesday"):
        (tmp_path / day).mkdir()
        write_bag(tmp_path / day / "run", range(1))
    assert list(find_bags([tmp_path])) == ["run", "run_2"]


def test_two_models_are_compared_with_intervals(
    scheduler, bags, tmp_path, make_tiny_onnx, capsys
) -> None:
    one, two = (make_tiny_onnx(tmp_path / f"{n}.onnx", labels=n == "one") for n in ("one", "two"))
    command = [str(bags), "--models", str(one), str(two), *options(tmp_path / "out")]
    assert compare_bags.main(command) == 0, capsys.readouterr().err
    found = json.loads((tmp_path / "out/compare.json").read_text())
    assert (found["recordings"], found["frames"], found["drawn"]) == (3, 8, "frames")
    by_metric = {d["metric"]: d for d in found["differences"]}
    assert by_metric["abs_rel"]["difference"] == 0  # the same depth
    assert by_metric["abs_rel"]["low"] == by_metric["abs_rel"]["high"] == 0
    assert "pixel_accuracy" not in by_metric  # the second has no labels
    assert "too narrow" in (tmp_path / "out/compare.md").read_text()


def test_workers_need_not_share_a_process(bags, tiny_onnx, tmp_path) -> None:
    """The model travels to real processes; each loads it once."""
    from dataclasses import replace

    from depth_seg_ros.evaluation.score.protocols import get_protocol
    from depth_seg_ros.evaluation.truth.bag import BagOptions
    from depth_seg_ros.fleet.evaluate import Job, evaluate_bags
    from depth_seg_ros.spec import file_sha256

    job = Job(get_protocol("dense"), BagOptions(), "onnxruntime", None, {"threads": 1}, "")
    job = replace(job, sha256=file_sha256(tiny_onnx))
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1",
                     dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):  # fmt: skip
        report = evaluate_bags(
            client, tiny_onnx, find_bags([bags]), job, tmp_path / "out", "all", False
        )
    assert len(report.frames) == 8
