"""``demo_live``: camera, perception and recorder as three processes on this machine's loopback.

A drive through the virtual world is published live, perceived live and recorded; at the end every
frame is accounted for. No ROS install, no camera, nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from depth_seg_ros.cli.shared.live_options import log
from depth_seg_ros.dds.installation import require_dds
from depth_seg_ros.errors import LiveError
from depth_seg_ros.models import DEFAULT_MODEL
from depth_seg_ros.system.command import command_parser, ranged, run
from depth_seg_ros.system.processes import die_with_parent, end_processes

_START_S = 120.0  # the first world of a fresh installation is compiled
_STOP_S = 30.0


def main(argv: Sequence[str] | None = None) -> int:
    """Command line entry."""
    parser = command_parser("demo_live", __doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("demo_live"), help="default %(default)s")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="shipped name or ONNX file")
    parser.add_argument("--camera", default="car", metavar="NAME|FILE")
    parser.add_argument("--images", type=Path, metavar="DIR", help="a folder instead of the world")
    parser.add_argument("--frames", type=ranged("frames"), default=50)
    parser.add_argument("--rate", type=ranged("rate_hz"), default=5.0, metavar="HZ")
    arguments = parser.parse_args(argv)
    return run(lambda: _demo(arguments), arguments)


def _demo(arguments: argparse.Namespace) -> None:
    require_dds()
    out: Path = arguments.out
    bag = out / "drive"
    if bag.exists():
        raise LiveError(f"{bag} exists already; remove it or choose another --out")
    out.mkdir(parents=True, exist_ok=True)
    source = ["--camera", arguments.camera]
    if arguments.images is not None:
        source = ["--images", str(arguments.images), "--focal", "725"]
    with _Children(out) as children:
        children.start("record_live", "recorder", "--out", str(bag))
        children.start("depth_seg_live", "perception", "--model", arguments.model)
        log.info(f"camera, perception and recorder are starting; logs in {out}")
        children.start(
            "virtual_camera_live", "camera", *source, "--wait-for", "2",
            "--frames", str(arguments.frames), "--rate", str(arguments.rate),
            "--wait-timeout", str(_START_S),
        )  # fmt: skip
        limit_s = 2 * _START_S + 10 * arguments.frames / arguments.rate
        camera = children.finish("camera", limit_s)
        perception = children.stop("perception")
        recorder = children.stop("recorder")
    for line in tell(camera, perception, recorder):
        print(line)
    print(f"recorded: {bag}")


def tell(
    camera: Mapping[str, Any], perception: Mapping[str, Any], recorder: Mapping[str, Any]
) -> list[str]:
    """The account of every frame, in words; LiveError where it does not add up."""
    sent, received = camera["frames"], perception["received"]
    fates = {n: perception[n] for n in ("processed", "dropped", "unwatched", "failed")}
    if sum(fates.values()) != received:
        raise LiveError(f"perception received {received} images and accounts for {fates}")
    foreign = sum(a["foreign"] for a in recorder.get("accounts", {}).values())
    if foreign:
        raise LiveError(f"{foreign} recorded messages belong to no recorded image")
    latency = perception["milliseconds"].get("latency")
    timing = f"; loop p50 {latency['p50']:.1f} p95 {latency['p95']:.1f} ms" if latency else ""
    return [
        f"camera      sent {sent} frames ({camera['late']} later than their turn)",
        f"perception  received {received} (lost on the way: {sent - received}); "
        + ", ".join(f"{n} {count}" for n, count in fates.items())
        + timing,
        f"recorder    has {recorder['messages'].get('/image', 0)} images and "
        f"{recorder['messages'].get('/depth/image', 0)} depth images",
    ]


class _Children:
    """The three commands as child processes, confined to the loopback and to themselves."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        tag = f"<Discovery><Tag>demo-{uuid.uuid4().hex}</Tag></Discovery>"
        lo = '<Interfaces><NetworkInterface address="127.0.0.1"/></Interfaces>'
        inside = f"<General>{lo}</General>{tag}"
        self._variables = {
            **os.environ,
            "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
            "CYCLONEDDS_URI": f'<CycloneDDS><Domain Id="any">{inside}</Domain></CycloneDDS>',
        }

    def start(self, command: str, name: str, *options: str) -> None:
        summary = self._out / f"{name}.json"
        summary.unlink(missing_ok=True)
        line = [sys.executable, "-m", "depth_seg_ros.cli", command, *options]
        with (self._out / f"{name}.log").open("wb") as stream:
            self._running[name] = subprocess.Popen(
                [*line, "--summary", str(summary)],
                env=self._variables,
                stdout=stream,
                stderr=stream,
                preexec_fn=die_with_parent,
            )

    def finish(self, name: str, limit_s: float) -> dict[str, Any]:
        """Wait for a process to end by itself; LiveError where another dies before it."""
        end = time.monotonic() + limit_s
        while self._running[name].poll() is None:
            for other, process in self._running.items():
                if other != name and process.poll() is not None:
                    raise LiveError(f"{other} ended early: {self._last_line(other)}")
            if time.monotonic() > end:
                raise LiveError(f"{name} did not end within {limit_s:.0f} s")
            time.sleep(0.1)
        return self._summary(name)

    def stop(self, name: str) -> dict[str, Any]:
        self._running[name].send_signal(signal.SIGTERM)
        try:
            self._running[name].wait(_STOP_S)
        except subprocess.TimeoutExpired as e:
            raise LiveError(f"{name} does not stop; see {self._out / f'{name}.log'}") from e
        return self._summary(name)

    def _summary(self, name: str) -> dict[str, Any]:
        if self._running[name].returncode != 0:
            raise LiveError(f"{name} failed: {self._last_line(name)}")
        found: dict[str, Any] = json.loads((self._out / f"{name}.json").read_text("utf-8"))
        return found

    def _last_line(self, name: str) -> str:
        lines = (self._out / f"{name}.log").read_text("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def __enter__(self) -> _Children:
        return self

    def __exit__(self, *_: object) -> None:
        """However the demonstration ends, so do they: in order, so that the bag is closed."""
        end_processes(self._running.values(), _STOP_S)


if __name__ == "__main__":
    sys.exit(main())
