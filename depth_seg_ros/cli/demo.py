"""The whole product on data it makes itself: render a drive, replay it, score it, show it.

Renders a drive through a virtual world into a ROS 2 bag, replays it through the same Predictor
that the ROS node uses, and leaves in --out: the drive (drive.mcap), what the network says about it
(perception/), a video (side_by_side.mp4) and a report (report.html, report.md, report.json).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from tqdm import tqdm

from depth_seg_ros.cli.shared.model_options import add_model_options, opened_model
from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.evaluation.evaluate import Options
from depth_seg_ros.evaluation.replay import Replay, replay
from depth_seg_ros.messages.rig import RigOptions
from depth_seg_ros.models import resolve_model
from depth_seg_ros.system.command import command_parser, ranged, run

RATE_HZ = 10.0


def render_drive(path: Path, seconds: float, seed: int) -> int:
    """Render a drive through the world of ``seed`` to a bag; the number of frames."""
    from depth_seg_ros.virtual_world.cameras import open_camera
    from depth_seg_ros.virtual_world.data.drive import Drive
    from depth_seg_ros.virtual_world.data.manifest import versions
    from depth_seg_ros.virtual_world.data.writers.bag import write_bag
    from depth_seg_ros.virtual_world.render.jit import say_if_compiling

    say_if_compiling()
    with Drive(seed, open_camera("car"), threads=None) as drive:
        if seconds > drive.duration_s:
            raise VirtualWorldError(
                f"the drive of seed {seed} lasts {drive.duration_s:.1f} s; ask for less"
            )
        moments = drive.frames(RATE_HZ, seconds=seconds)
        facts = {"seed": str(seed), "places": " ".join(drive.scene.places), **versions()}
        path.unlink(missing_ok=True)  # of an earlier demo
        bar = tqdm(moments, total=round(seconds * RATE_HZ), desc="render", unit="frame")
        return write_bag(path, bar, facts)


def demo(arguments: argparse.Namespace) -> Replay:
    """Render, replay and score; everything lands in ``--out``."""
    out, seconds, seed, model = arguments.out, arguments.seconds, arguments.seed, arguments.model
    resolve_model(model)  # a wrong name is told before anything is rendered
    out.mkdir(parents=True, exist_ok=True)
    drive = out / "drive.mcap"
    print(f"Rendering a {seconds:g} s drive through virtual world {seed} ...", flush=True)
    frames = render_drive(drive, seconds, seed)
    print(f"Replaying it through {model} ...", flush=True)
    with opened_model(arguments, frames) as (predictor, sha256):
        options = Options(title=f"Demo: {model} in virtual world {seed}", model_sha256=sha256)
        rig = RigOptions(base_frame="base_link")  # the drive's tf says how its camera hangs
        return replay(drive, predictor, out, options=options, rig=rig)


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("demo", __doc__)
    parser.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR")
    parser.add_argument("--seconds", type=ranged("seconds"), default=10.0, metavar="T")
    parser.add_argument(
        "--seed", type=ranged("seed"), default=3, metavar="S", help="which virtual world"
    )
    add_model_options(parser)
    arguments = parser.parse_args(argv)

    def work() -> None:
        started = perf_counter()
        done = demo(arguments)
        if done.report is not None:
            print(done.report.to_text())
        print(
            f"{done.frames} frames in {perf_counter() - started:.0f} s; replay took "
            f"{done.overhead:.2f} x the network's own time"
        )
        for path in (arguments.out / "drive.mcap", done.bag, done.video, *done.report_files):
            print(f"  {path}")

    return run(work, arguments)


if __name__ == "__main__":
    sys.exit(main())
