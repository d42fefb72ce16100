"""A page of pictures: places, cameras, weathers, what each network says, where it fails.

Virtual imagery only, rendered now; the page is Markdown with JPEGs beside it (docs/gallery).

    depth-seg gallery --out docs/gallery
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from depth_seg_ros.cli.shared import gallery_shots as shots
from depth_seg_ros.cli.shared.gallery_shots import Answer
from depth_seg_ros.evaluation.legends import with_legend
from depth_seg_ros.evaluation.report.pictures import jpeg
from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.models import DEFAULT_MODEL, shipped_models
from depth_seg_ros.system.atomic import write_bytes, write_text
from depth_seg_ros.system.command import command_parser, ranged, run
from depth_seg_ros.types import UInt8Array
from depth_seg_ros.virtual_world.cameras import CAMERAS

WIDTH = 420
"""Of one picture on a sheet, in pixels."""
LINES = 16
"""Of the sheet of networks: a frame's truth is one, and each network's answer."""
FAILURES = 4
"""The worst frames."""


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("gallery", __doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/gallery"), metavar="DIR")
    parser.add_argument("--seed", type=ranged("seed"), default=7, metavar="S", help="which worlds")
    parser.add_argument("--scale", type=ranged("scale"), default=0.5, help="of the cameras' images")
    parser.add_argument(
        "--models", nargs="+", default=in_order(), metavar="NAME_OR_ONNX", help="networks"
    )
    arguments = parser.parse_args(argv)
    return run(lambda: _gallery(arguments), arguments)


def in_order() -> list[str]:
    """The shipped models, the one that runs by default first."""
    return sorted(shipped_models(), key=lambda name: (name != DEFAULT_MODEL, name))


def _gallery(arguments: argparse.Namespace) -> None:
    from depth_seg_ros.virtual_world.render.jit import say_if_compiling

    say_if_compiling()
    out, seed, scale = arguments.out, arguments.seed, arguments.scale
    car = CAMERAS["car"].scaled(scale)
    places = list(shots.shots_of_places(car, seed))
    said = shots.answers(places, arguments.models)
    first = said[: len(places)]
    sheets = {
        "places": shots.sheet([(s.name, s.frame.image) for s in places], 3, WIDTH),
        "cameras": shots.sheet(
            [p for s in shots.shots_of_cameras(seed, scale) for p in shots.truth_panels(s)],
            3, WIDTH,
        ),
        "lights": shots.sheet(
            [(s.name, s.frame.image) for s in shots.shots_of_lights(car, seed)], 3, WIDTH
        ),
        "networks": _networks(said, len(places)),
        "failures": _failures(first),
    }  # fmt: skip
    for name, picture in sheets.items():
        write_bytes(out / f"{name}.jpg", jpeg(picture))
    write_text(out / "index.md", page(said, arguments.models, seed))
    print(f"{out / 'index.md'}")


def _networks(said: Sequence[Answer], count: int) -> UInt8Array:
    """Some places, a line each network: truth first, then depth and labels."""
    panels = []
    shown = max(1, LINES // (1 + len(said) // count))
    for number in list(range(0, count, max(1, count // shown)))[:shown]:
        shot = said[number].shot
        panels += shots.truth_panels(shot)
        for answer in said[number::count]:
            panels += shots.answer_panels(answer)
    spoken = [a.prediction.labels.ravel() for a in said if a.prediction.labels is not None]
    sheet = shots.sheet(panels, 3, WIDTH)
    return with_legend(sheet, np.concatenate(spoken)[None], NETWORK_CLASSES) if spoken else sheet


def _failures(first: Sequence[Answer]) -> UInt8Array:
    """The frames where the first network's depth errs most."""
    worst = sorted(first, key=lambda a: -a.abs_rel)[:FAILURES]
    panels = []
    for answer in worst:
        panels += [shots.truth_panels(answer.shot)[0], *shots.answer_panels(answer)[:2]]
    return shots.sheet(panels, 3, WIDTH)


def page(said: Sequence[Answer], models: Sequence[str], seed: int) -> str:
    """The gallery's Markdown."""
    table: dict[str, list[str]] = {}
    for answer in said:
        table.setdefault(answer.shot.name, []).append(f"{answer.abs_rel:.2f}")
    names = list(dict.fromkeys(a.network for a in said))
    rows = [f"| {place} | {' | '.join(values)} |" for place, values in table.items()]
    return "\n".join([
        "# Gallery", "",
        f"Made by `depth-seg gallery --seed {seed}` (`make gallery`): every picture is rendered, "
        "none is of a real street. Depth: red is near (2 m), blue is far (80 m).", "",
        "## Places", "", "![Every kind of place](places.jpg)", "",
        "## Cameras", "", "![Car, robot and drone: picture, depth, labels](cameras.jpg)", "",
        "## Weather and light", "", "![One moment in every light](lights.jpg)", "",
        "## What each network says", "",
        "Of each place the picture with its exact depth and labels; then, a line each, what a "
        "network says: depth, its error (colours end at 50 %), labels.", "",
        "![Networks side by side](networks.jpg)", "",
        "## Where it fails", "",
        f"The places where {names[0]} errs most in these frames; the error's colours end at 50 %.",
        "",
        "![Worst places](failures.jpg)", "",
        "Mean relative error of one frame a place (dense truth up to 80 m): no score, but where to "
        "look.", "",
        f"| place | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}", *rows, "",
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
