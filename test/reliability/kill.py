"""The kill-and-resume rig: SIGKILL at random moments, then on to the end, then the same bytes.

    python test/reliability/kill.py --case kitti_to_bag --times 20 [--seed 7]

A case runs once undisturbed. Then it is killed ``--times`` times, each time started again with the
same command; after every kill whatever has its final name must be whole, and at the end everything
must be what the undisturbed run made, byte for byte.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 600


@dataclass(frozen=True)
class Case:
    """prepare: makes the inputs in a folder. command: of (inputs, out), started and restarted.
    counts: whether a file of ``out`` belongs to the result."""

    prepare: Callable[[Path], None]
    command: Callable[[Path, Path], list[str]]
    counts: Callable[[Path], bool]


def _drive(folder: Path) -> None:
    drive = folder / "2011_09_26/2011_09_26_drive_0001_sync"
    (drive / "image_02/data").mkdir(parents=True)
    rng = np.random.default_rng(0)
    calibration = "R_rect_00: 1 0 0 0 1 0 0 0 1\nP_rect_02: 300 0 319.5 0 0 300 119.5 0 0 0 1 0\n"
    (drive.parent / "calib_cam_to_cam.txt").write_text(calibration)
    (drive.parent / "calib_velo_to_cam.txt").write_text("R: 0 -1 0 0 0 -1 1 0 0\nT: 0 0 0\n")
    stamps = [f"2011-09-26 13:02:{n // 10:02d}.{n % 10}00000000\n" for n in range(200)]
    (drive / "image_02/timestamps.txt").write_text("".join(stamps))
    for n in range(200):
        image = rng.integers(0, 256, (240, 640, 3), np.uint8)
        assert cv2.imwrite(str(drive / f"image_02/data/{n:010d}.png"), image)


def _kitti_to_bag(inputs: Path, out: Path) -> list[str]:
    drive = inputs / "2011_09_26/2011_09_26_drive_0001_sync"
    return ["-m", "depth_seg_ros.cli.kitti_to_bag", str(drive), "--out", str(out / "bag")]


def _toy(folder: Path) -> None:
    sys.path.insert(0, str(ROOT))
    from training import toy

    toy.write(folder / "toy", ("0001", "0006"), 12, 124, 40)
    (folder / "experiment.yaml").write_text(
        "network: {name: tiny, depth_head: exp, encoder_weights: he}\n"
        f"data: {{train: [{{root: {folder}/toy, worlds: ['0001']}}], cache: {folder}/cache,\n"
        f"  validation: [{{root: {folder}/toy, worlds: ['0006']}}], width: 48, height: 32}}\n"
        "augment: {flip: 0.5, zoom: 1.2, color: 1.0}\n"
        "optim: {batch: 4, steps: 60, lr: 0.003, ema: 0.9}\n"
        "loop: {log_every: 5, save_every: 1, validate_every: 20, tensorboard: false, threads: 1}\n"
    )


def _train(inputs: Path, out: Path) -> list[str]:
    command = [str(ROOT / "test/training/networks/command.py"), "training.train"]
    if (out / "run/last.pt").exists():
        return [*command, "--resume", str(out / "run")]
    return [*command, str(inputs / "experiment.yaml"), "--out", str(out / "run")]


CASES = {
    "kitti_to_bag": Case(_drive, _kitti_to_bag, lambda p: p.suffix in (".mcap", ".yaml")),
    "training": Case(_toy, _train, lambda p: p.name == "last.weights"),
}


def digests(case: Case, out: Path) -> dict[str, str]:
    """SHA-256 of every file that counts, by its name."""
    if (out / "run/last.pt").exists():
        _without_clock(out / "run/last.pt")
    files = [
        p
        for p in sorted(out.rglob("*"))
        if p.is_file() and case.counts(p) and ".partial" not in str(p.relative_to(out))
    ]
    return {str(p.relative_to(out)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def _without_clock(checkpoint: Path) -> None:
    """The weights of a checkpoint alone: how many seconds a run took is no result."""
    import torch

    data = torch.load(checkpoint, weights_only=True)
    parts = [data[k][n].numpy().tobytes() for k in ("weights", "average") for n in sorted(data[k])]
    checkpoint.with_suffix(".weights").write_bytes(b"".join(parts))


def run(command: list[str], kill_after_s: float | None = None) -> int:
    """The exit status; with ``kill_after_s`` the process and its children are killed then."""
    here = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, *command], env=here, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        return process.wait(PATIENCE_S if kill_after_s is None else kill_after_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.wait()


def trial(case: Case, folder: Path, times: int, seed: int) -> int:
    """Kill and resume; the number of kills that hit a running process. AssertionError where
    something is lost, half written or other than undisturbed."""
    inputs, good, out = folder / "inputs", folder / "undisturbed", folder / "killed"
    for made in (inputs, good, out):
        made.mkdir()
    case.prepare(inputs)
    started = time.monotonic()
    assert run(case.command(inputs, good)) == 0
    duration_s = time.monotonic() - started
    wanted, rng, hits = digests(case, good), random.Random(seed), 0
    assert wanted, "the undisturbed run made nothing"
    for number in range(times):
        if run(case.command(inputs, out), rng.uniform(0.1, 1.0) * duration_s) != 0:
            hits += 1
        if case.counts(Path("x.mcap")):  # a bag has its name when it is whole, and never before
            found = digests(case, out)
            assert found in ({}, wanted), f"after kill {number}: half written"
            if found == wanted:
                return hits
    assert run(case.command(inputs, out)) == 0
    assert digests(case, out) == wanted, "not what the undisturbed run made"
    return hits


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=tuple(CASES), action="append")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    for name in args.case or CASES:
        with tempfile.TemporaryDirectory() as folder:
            hits = trial(CASES[name], Path(folder), args.times, args.seed)
        print(f"{name}: killed {hits} times, the same bytes in the end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
