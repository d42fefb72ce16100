"""Virtual worlds: a data set, a drive as a ROS 2 bag, a contact sheet, a benchmark.

python -m depth_seg_ros.virtual_world dataset --out DIR --scenes 500 --frames 20 --workers 4
python -m depth_seg_ros.virtual_world drive --out drive.mcap
python -m depth_seg_ros.virtual_world preview --out sheet.png
python -m depth_seg_ros.virtual_world benchmark
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from depth_seg_ros.cli.shared.camera_options import add_camera_options, chosen_camera
from depth_seg_ros.cli.shared.fleet_options import fleet
from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.system.atomic import write_text
from depth_seg_ros.system.command import command_parser, ranged, run

if TYPE_CHECKING:
    from depth_seg_ros.virtual_world.data.dataset import Plan
    from depth_seg_ros.virtual_world.data.manifest import Histogram


def main(argv: Sequence[str] | None = None) -> int:
    """Parse and do; 0, or 1 after one line on stderr."""
    args = _parser().parse_args(argv)
    return run(lambda: args.work(args), args)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("virtual_world", __doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    dataset = commands.add_parser("dataset", help="many scenes in the Virtual KITTI layout")
    dataset.add_argument(
        "--out", required=True, metavar="DIR", help="with --scheduler also a URL, such as s3://..."
    )
    dataset.add_argument("--scenes", type=ranged("scenes"), required=True, metavar="N")
    dataset.add_argument(
        "--frames", type=ranged("frames"), required=True, metavar="M", help="of each scene"
    )
    dataset.add_argument(
        "--variations", default="random", metavar="A,B",
        help="random (default: other light and camera in every scene), all (Virtual KITTI's ten), "
        "or names (also night, dusk, snow, low-sun, deep-shade, backlight, blown-sky, autumn)",
    )  # fmt: skip
    dataset.add_argument(
        "--workers", type=ranged("workers"), default=1, metavar="W", help="processes"
    )
    dataset.add_argument(
        "--scheduler", metavar="local|ADDRESS",
        help="draw on a fleet of machines: a Dask scheduler's address, or local for one of "
        "--workers processes here",
    )  # fmt: skip
    dataset.add_argument("--shard", default="1/1", metavar="i/n", help="do the i-th n-th, from 1")
    dataset.add_argument(
        "--rate-hz", type=ranged("rate_hz"), metavar="F",
        help="frames at a fixed rate from the start (default: spread over the whole drive)",
    )  # fmt: skip
    dataset.set_defaults(work=_dataset)

    drive = commands.add_parser("drive", help="one drive as a ROS 2 bag (mcap)")
    drive.add_argument("--out", type=Path, required=True, metavar="BAG.mcap")
    drive.add_argument(
        "--seconds", type=ranged("seconds"), metavar="T", help="default: the whole drive"
    )
    drive.add_argument("--rate-hz", type=ranged("rate_hz"), default=10.0, metavar="F")
    drive.add_argument("--variation", default="clone", metavar="NAME")
    drive.add_argument("--threads", type=ranged("threads"), metavar="K", help="default: all cores")
    drive.set_defaults(work=_drive)

    preview = commands.add_parser("preview", help="contact sheet (PNG or JPEG)")
    preview.add_argument("--out", type=Path, required=True, metavar="SHEET.png")
    preview.add_argument("--scenes", type=ranged("scenes"), default=12, metavar="N")
    preview.add_argument("--columns", type=ranged("columns"), default=3)
    preview.add_argument(
        "--width", type=ranged("width"), default=480, help="of one picture, in pixels"
    )
    preview.add_argument("--what", choices=("random", "variations", "truth", "places"),
                         default="random",
                         help="random scenes, every variation of one, picture, depth and labels "
                         "beside each other, or every place in three lights")  # fmt: skip
    preview.set_defaults(work=_preview)

    benchmark = commands.add_parser("benchmark", help="how long frames take on this machine")
    benchmark.add_argument("--scenes", type=ranged("scenes"), default=3, metavar="N")
    benchmark.add_argument("--frames", type=ranged("frames"), default=10, metavar="M")
    benchmark.add_argument(
        "--workers",
        type=ranged("workers"),
        metavar="W",
        help="also: wall time of the data set with 1 and W processes",
    )
    benchmark.add_argument(
        "--by-place", action="store_true",
        help="every place alone: CPU time of a frame, and at equal triangles",
    )  # fmt: skip
    benchmark.add_argument("--out", type=Path, metavar="FILE.json")
    benchmark.set_defaults(work=_benchmark)

    for command in (dataset, drive):
        command.add_argument(
            "--clutter", type=ranged("clutter"), metavar="SHARE",
            help="of places with randomised geometry: solids of any shape, odd materials "
            "(default: 0.35)",
        )  # fmt: skip
        command.add_argument(
            "--queues", type=ranged("queues"), default=0.0, metavar="SHARE",
            help="of drives put into a jam with many lorries, beyond those that their places draw "
            "(default: 0)",
        )  # fmt: skip
    for command in (dataset, drive, preview, benchmark):
        add_camera_options(command, "car")
        command.add_argument(
            "--scale", type=ranged("scale"), default=1.0, help="of the camera's image"
        )
        command.add_argument("--seed", type=ranged("seed"), default=0, metavar="S")
        command.add_argument(
            "--place", "--style", metavar="NAME[:W][,NAME[:W]...]", dest="places",
            help="kinds of place a drive may lead through, with weights: city, or city:2,park:1 "
            "(default: every kind)",
        )  # fmt: skip
    return parser


def _dataset(args: argparse.Namespace) -> None:
    _say_if_compiling()
    from depth_seg_ros.virtual_world.data.dataset import Plan, make_dataset
    from depth_seg_ros.virtual_world.light.environment import VARIATIONS
    from depth_seg_ros.virtual_world.scene import CLUTTER

    part, parts = _shard(args.shard)
    names = VARIATIONS if args.variations == "all" else tuple(args.variations.split(","))
    plan = Plan(
        Path(args.out), chosen_camera(args).scaled(args.scale), args.scenes, args.frames,
        seed=args.seed, variations=names, places=args.places, rate_hz=args.rate_hz,
        clutter=CLUTTER if args.clutter is None else args.clutter, queues=args.queues,
        part=part, parts=parts,
    )  # fmt: skip
    total = _on_fleet(args, plan) if args.scheduler else make_dataset(plan, args.workers)
    print(f"{args.out}: {total.frames} frames complete")


def _on_fleet(args: argparse.Namespace, plan: Plan) -> Histogram:
    from depth_seg_ros.fleet.dataset import make_dataset_at, make_dataset_on
    from depth_seg_ros.fleet.storage import Store, is_url

    with fleet(args) as client:
        if is_url(args.out):
            return make_dataset_at(client, plan, Store(args.out))
        return make_dataset_on(client, plan)


def _drive(args: argparse.Namespace) -> None:
    _say_if_compiling()
    from tqdm import tqdm

    from depth_seg_ros.virtual_world.data.drive import Drive
    from depth_seg_ros.virtual_world.data.manifest import versions
    from depth_seg_ros.virtual_world.data.writers.bag import write_bag
    from depth_seg_ros.virtual_world.scene import CLUTTER

    if args.out.exists():
        raise VirtualWorldError(f"{args.out} exists already; remove it or choose another name")
    camera = chosen_camera(args).scaled(args.scale)
    clutter = CLUTTER if args.clutter is None else args.clutter
    with Drive(
        args.seed,
        camera,
        places=args.places,
        clutter=clutter,
        queues=args.queues,
        threads=args.threads,
    ) as drive:
        seconds = drive.duration_s if args.seconds is None else args.seconds
        if seconds > drive.duration_s + 1e-6:
            longest = math.floor(drive.duration_s * 10 + 1e-6) / 10
            raise VirtualWorldError(
                f"the drive of seed {args.seed} lasts {longest:g} s, not {seconds:g} s; ask for "
                f"--seconds {longest:g} at most, or take another --seed"
            )
        moments = drive.frames(args.rate_hz, args.variation, seconds=seconds)
        total = math.ceil(seconds * args.rate_hz - 1e-9)
        facts = {"seed": str(args.seed), "places": " ".join(drive.scene.places), **versions()}
        count = write_bag(args.out, tqdm(moments, total=total, unit="frame"), facts)
    print(f"{args.out}: {count} frames")


def _preview(args: argparse.Namespace) -> None:
    _say_if_compiling()
    from depth_seg_ros.virtual_world.data.preview import write_sheet

    camera = chosen_camera(args).scaled(args.scale)
    write_sheet(
        args.out, camera, what=args.what, scenes=args.scenes, columns=args.columns,
        width=args.width, seed=args.seed, places=args.places,
    )  # fmt: skip
    print(f"{args.out}: {args.out.stat().st_size // 1024} KiB")


def _benchmark(args: argparse.Namespace) -> None:
    _say_if_compiling()
    from depth_seg_ros.virtual_world.data.benchmark import (
        measure,
        measure_by_place,
        measure_scaling,
        table,
    )
    from depth_seg_ros.virtual_world.data.dataset import Plan

    camera = chosen_camera(args).scaled(args.scale)
    if args.by_place:
        found = measure_by_place(camera, args.scenes, args.frames, args.seed, args.places)
        print(table(found))
        if args.out:
            write_text(args.out, json.dumps({n: asdict(m) for n, m in found.items()}, indent=1))
        return
    result = measure(camera, args.scenes, args.frames, args.seed, args.places)
    print(result.text())
    if args.workers:
        plan = Plan(Path("."), camera, args.scenes, args.frames, args.seed, places=args.places)
        scaling = measure_scaling(plan, args.workers)
        print(scaling.text())
        result = replace(result, scaling=scaling)
    if args.out:
        result.write(args.out)


def _say_if_compiling() -> None:
    from depth_seg_ros.virtual_world.render.jit import say_if_compiling

    say_if_compiling()


def _shard(text: str) -> tuple[int, int]:
    """ "i/n" -> (i, n)."""
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal()):
        raise VirtualWorldError(f"shard {text!r} is not i/n, such as 2/8")
    return int(part), int(parts)


if __name__ == "__main__":
    sys.exit(main())
