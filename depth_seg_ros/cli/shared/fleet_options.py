"""Options of the commands that may run on many machines."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from depth_seg_ros.system.command import ranged


def add_fleet_options(parser: argparse.ArgumentParser) -> None:
    """``--scheduler`` and ``--workers``."""
    group = parser.add_argument_group("machines")
    group.add_argument(
        "--scheduler",
        default="local",
        metavar="local|ADDRESS",
        help="a Dask scheduler, or processes of this machine",
    )
    group.add_argument(
        "--workers",
        type=ranged("workers"),
        default=1,
        metavar="W",
        help="processes of a local fleet",
    )


@contextmanager
def fleet(arguments: argparse.Namespace) -> Iterator[Any]:
    """The client of the chosen fleet."""
    from depth_seg_ros.fleet.cluster import open_fleet, tell_dashboard

    with open_fleet(arguments.scheduler, arguments.workers) as client:
        tell_dashboard(client)
        yield client
