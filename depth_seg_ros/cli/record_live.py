"""``record_live``: record topics of a ROS 2 graph into an mcap bag, without a ROS install."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from depth_seg_ros.cli.shared.live_options import add_node_options, log, names_of
from depth_seg_ros.dds.installation import require_dds
from depth_seg_ros.system.command import command_parser, ranged, run
from depth_seg_ros.system.memory import keep_freed_memory


def main(argv: Sequence[str] | None = None) -> int:
    """Command line entry."""
    arguments = _parser().parse_args(argv)
    return run(lambda: _record(arguments), arguments)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "record_live",
        "Record topics into a rosbag2 (mcap) until stopped, and account for every "
        "frame: which of the camera's images have an answer on which topic.",
    )
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help="default: all there are")
    parser.add_argument(
        "--out", type=Path, metavar="BAG", help="folder or .mcap; without it, only count and time"
    )
    parser.add_argument(
        "--seconds", type=ranged("seconds"), help="stop after so long; default: Ctrl-C"
    )
    parser.add_argument(
        "--frames-of", default="image", metavar="TOPIC", help="what all other topics are held to"
    )
    add_node_options(parser, "recorder")
    return parser


def _record(arguments: argparse.Namespace) -> None:
    require_dds()
    keep_freed_memory()
    from depth_seg_ros.bags.writer import BagWriter
    from depth_seg_ros.dds.participant import Participant
    from depth_seg_ros.dds.recorder import Recorder
    from depth_seg_ros.system.signals import stop_on_signals, write_summary

    writer = None if arguments.out is None else BagWriter(arguments.out, precious=True)
    for kept in writer.kept if writer else ():
        log.warning(f"an interrupted recording was kept: {kept}; `mcap recover` mends it")
    with stop_on_signals() as stop, writer or nullcontext() as bag:
        if arguments.seconds is not None:
            timer = threading.Timer(arguments.seconds, stop.set)
            timer.daemon = True
            timer.start()
        with Participant(names_of(arguments)) as participant:
            recorder = Recorder(participant, bag, arguments.topics, log, arguments.frames_of)
            recorder.run(stop)
            summary = recorder.summary()
    for topic, count in summary["messages"].items():
        age = summary["age_ms"].get(topic)
        timing = f"  age p50 {age['p50']:.1f} p95 {age['p95']:.1f} ms" if age else ""
        log.info(f"{count:7d} {topic}{timing}")
    write_summary(arguments.summary, summary)


if __name__ == "__main__":
    sys.exit(main())
