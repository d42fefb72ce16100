"""Fill the caches of an experiment ahead of its training, here or on a fleet of machines.

    python -m training.data.build_cache config/training/best.yaml --scheduler local --workers 4
    python -m training.data.build_cache best.yaml --scheduler tcp://10.0.0.5:8786

The cache's folder and the data sets are on a disk that all workers see. The bytes are those of a
cache that the training fills itself; what is there already is kept.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from tqdm import tqdm

from depth_seg_ros.cli.shared.fleet_options import add_fleet_options, fleet
from depth_seg_ros.errors import DepthSegError
from depth_seg_ros.system.command import command_parser, run
from training.config import Experiment
from training.config_file import load_experiment
from training.data.cache import Cache, Rows, open_cache
from training.data.sources import camera_of, open_source

FRAMES_A_TASK = 64


def build(experiment: Experiment, client: Any) -> list[Cache]:
    """The caches of an experiment, completed by the workers of ``client``."""
    from depth_seg_ros.fleet.work import run_all

    def fill(rows: Rows, waiting: list[int]) -> None:
        bar = tqdm(total=len(waiting), desc=f"cache {rows.folder.name}", unit="frame")
        parts = {n: (rows, part) for n, part in enumerate(_parts(waiting))}
        with bar:
            for n, result in run_all(client, store, parts, bar, 0):
                if isinstance(result, DepthSegError):
                    raise result
                bar.update(len(parts[n][1]))

    data = experiment.data
    sources = (*data.train, *data.validation)
    return [open_cache(open_source(s), data.cache, camera_of(s, data), fill=fill) for s in sources]


def _parts(waiting: list[int]) -> list[list[int]]:
    return [waiting[i : i + FRAMES_A_TASK] for i in range(0, len(waiting), FRAMES_A_TASK)]


def store(rows: Rows, part: Sequence[int]) -> None:
    """The task."""
    import cv2

    cv2.setNumThreads(1)
    rows.store(part)


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("python -m training.data.build_cache", __doc__)
    parser.add_argument("config", help="an experiment, see config/training/")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE")
    add_fleet_options(parser)
    args: argparse.Namespace = parser.parse_args(argv)

    def work() -> None:
        experiment = load_experiment(args.config, args.set)
        with fleet(args) as client:
            for cache in build(experiment, client):
                print(f"{cache.folder}: {len(cache.usable)} frames")

    return run(work, args)


if __name__ == "__main__":
    sys.exit(main())
