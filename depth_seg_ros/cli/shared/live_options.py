"""Options that the live commands share: the node's name, namespace and remappings."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from depth_seg_ros.messages.names import Names, parse_remaps


def add_node_options(parser: argparse.ArgumentParser, node: str) -> None:
    """``--name --namespace -r`` and ``--summary``."""
    parser.add_argument("--name", default=node, help="node name in the graph (default %(default)s)")
    parser.add_argument("--namespace", default="/", help="namespace of the node's topics")
    parser.add_argument(
        "-r", "--remap", action="append", default=[], metavar="FROM:=TO", help="remap a topic"
    )
    parser.add_argument(
        "--summary", type=Path, metavar="FILE.json", help="write counts and timings here at the end"
    )


def names_of(arguments: argparse.Namespace, **remaps: str | None) -> Names:
    """The node's names; ``remaps`` are options that name a topic directly."""
    rules = parse_remaps(arguments.remap)
    rules |= {source: target for source, target in remaps.items() if target is not None}
    return Names(arguments.name, arguments.namespace, rules)


class Console:
    """The log of a live command: a line each on stderr."""

    def info(self, message: str) -> None:
        print(message, file=sys.stderr, flush=True)

    def warning(self, message: str) -> None:
        self.info(f"warning: {message}")

    def error(self, message: str) -> None:
        self.info(f"error: {message}")


log = Console()
