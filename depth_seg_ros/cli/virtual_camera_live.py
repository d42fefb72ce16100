"""``virtual_camera_live``: a camera for a ROS 2 graph, without ROS and without a camera."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path

from depth_seg_ros.cli.shared.camera_options import add_camera_options, chosen_camera
from depth_seg_ros.cli.shared.live_options import add_node_options, log, names_of
from depth_seg_ros.dds.installation import require_dds
from depth_seg_ros.errors import LiveError
from depth_seg_ros.perception.virtual_camera import View
from depth_seg_ros.readers.image_folder import ImageFolder
from depth_seg_ros.system.command import command_parser, ranged, run
from depth_seg_ros.system.memory import keep_freed_memory
from depth_seg_ros.types import Intrinsics

_KEPT = 64  # decoded images of a folder that stay in memory


def main(argv: Sequence[str] | None = None) -> int:
    """Command line entry."""
    arguments = _parser().parse_args(argv)
    return run(lambda: _publish(arguments), arguments)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "virtual_camera_live",
        "Publish a drive through the virtual world (or a folder of images) as a live "
        "camera: image, camera_info and the exact depth and labels, stamped with the time of "
        "sending.",
    )
    add_camera_options(parser, "car")
    parser.add_argument("--seed", type=ranged("seed"), default=1, help="which world")
    parser.add_argument(
        "--images", type=Path, metavar="DIR", help="publish these instead, with label/ and depth/"
    )
    parser.add_argument(
        "--focal",
        type=ranged("focal_px"),
        metavar="PX",
        help="of --images; without it there is no camera_info",
    )
    parser.add_argument("--rate", type=ranged("rate_hz"), default=10.0, metavar="HZ")
    parser.add_argument(
        "--frames", type=ranged("frames"), metavar="N", help="stop after N; default: never"
    )
    parser.add_argument(
        "--wait-for",
        type=ranged("subscribers"),
        default=0,
        metavar="N",
        help="start when N subscribe to the image",
    )
    parser.add_argument(
        "--wait-timeout",
        type=ranged("timeout_s"),
        default=60.0,
        metavar="S",
        help="how long to wait for them",
    )
    add_node_options(parser, "virtual_camera")
    return parser


def _publish(arguments: argparse.Namespace) -> None:
    require_dds()
    keep_freed_memory()
    from depth_seg_ros.dds.camera import VirtualCamera
    from depth_seg_ros.dds.participant import Participant
    from depth_seg_ros.system.signals import stop_on_signals, write_summary

    views = islice(_views(arguments), arguments.frames)
    with stop_on_signals() as stop, Participant(names_of(arguments)) as participant:
        camera = VirtualCamera(participant, log)
        waiting_s = arguments.wait_timeout
        if not camera.wait_for_subscribers(arguments.wait_for, stop, waiting_s):
            if stop.is_set():
                return
            raise LiveError(f"not {arguments.wait_for} subscribers after {waiting_s:g} s")
        camera.run(views, arguments.rate, stop)
        summary = camera.summary()
    log.info(f"{summary['frames']} frames published")
    write_summary(arguments.summary, summary)


def _views(arguments: argparse.Namespace) -> Iterator[View]:
    """Endless views of the world, or of a folder over and over."""
    if arguments.images is not None:
        yield from _folder(ImageFolder(arguments.images), arguments.focal)
        return
    from depth_seg_ros.virtual_world.data.drive import open_live

    for moment in open_live(arguments.seed, chosen_camera(arguments), arguments.rate):
        yield View(moment.frame, moment.truth)


def _folder(images: ImageFolder, focal_px: float | None) -> Iterator[View]:
    # Decoding a PNG takes longer than a camera's period: a short folder is decoded once.
    decoded = lru_cache(maxsize=_KEPT)(images.__getitem__)
    while True:
        for sample in map(decoded, range(len(images))):
            frame = sample.frame
            if focal_px is not None:
                height, width = frame.image.shape[:2]
                centre = (width - 1) / 2, (height - 1) / 2
                camera = Intrinsics(width, height, focal_px, focal_px, *centre)
                frame = replace(frame, intrinsics=camera)
            yield View(frame, sample.truth)


if __name__ == "__main__":
    sys.exit(main())
