"""How a data set scales: measured with 1 to W workers here, simulated up to 1,000 from that.

depth-seg fleet_benchmark --workers 2 --scenes 8 --frames 6
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from depth_seg_ros.cli.shared.camera_options import add_camera_options, chosen_camera
from depth_seg_ros.system.command import command_parser, ranged, run
from depth_seg_ros.system.machine import machine_name

SIMULATED = (1, 2, 8, 32, 100, 300, 1000)


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("fleet_benchmark", __doc__)
    parser.add_argument("--workers", type=ranged("workers"), default=2, metavar="W")
    parser.add_argument("--scenes", type=ranged("scenes"), default=8, metavar="N")
    parser.add_argument("--frames", type=ranged("frames"), default=6, metavar="M")
    parser.add_argument("--scale", type=ranged("scale"), default=0.5)
    parser.add_argument("--seed", type=ranged("seed"), default=0)
    parser.add_argument(
        "--tasks", type=ranged("scenes"), default=20000, help="scenes of the simulated data set"
    )
    add_camera_options(parser, "car")
    arguments = parser.parse_args(argv)

    def work() -> None:
        from depth_seg_ros.fleet.cluster import open_fleet
        from depth_seg_ros.fleet.dataset import make_dataset_on
        from depth_seg_ros.fleet.simulate import Measured, hand_out_seconds, table, warm
        from depth_seg_ros.virtual_world.data.dataset import Plan, make_scene
        from depth_seg_ros.virtual_world.data.manifest import write_statistics

        camera = chosen_camera(arguments).scaled(arguments.scale)
        with tempfile.TemporaryDirectory(prefix="fleet_") as folder:
            plan = Plan(Path(folder, "alone"), camera, arguments.scenes, arguments.frames,
                        arguments.seed)  # fmt: skip
            task_s = []
            for index in range(arguments.scenes):
                started = time.perf_counter()
                make_scene(plan, index, lambda _: None)
                task_s.append(time.perf_counter() - started)
            started = time.perf_counter()
            write_statistics(plan.root)
            reduce_s = (time.perf_counter() - started) / arguments.scenes
            print(f"machine: {machine_name()}; {arguments.scenes} scenes of {arguments.frames}")
            start_s = hand_out_s = 0.0
            for workers in range(1, arguments.workers + 1):
                started = time.perf_counter()
                with open_fleet("local", workers) as client:
                    client.run(warm)
                    start_s = time.perf_counter() - started
                    hand_out_s = hand_out_seconds(client)
                    started = time.perf_counter()
                    make_dataset_on(client, replace(plan, root=Path(folder, str(workers))), False)
                    seconds = time.perf_counter() - started
                print(
                    f"measured, {workers} workers: {seconds:.1f} s (and {start_s:.1f} s to start)"
                )
        measured = Measured(task_s[1:] or task_s, start_s, hand_out_s, 0.0, reduce_s)
        print(
            f"a scene {statistics.median(measured.task_s):.2f} s, handing one out "
            f"{1e3 * hand_out_s:.2f} ms, summing one up {1e3 * reduce_s:.2f} ms; simulated for "
            f"{arguments.tasks} scenes:"
        )
        for row in table(measured, arguments.tasks, SIMULATED):
            print("  ".join(cell.rjust(20) for cell in row))

    return run(work, arguments)


if __name__ == "__main__":
    sys.exit(main())
