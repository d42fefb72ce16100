"""Every backend and precision present on this machine, interleaved, with percentiles and parity."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from depth_seg_ros.engines.benchmark import WARM_UP, benchmark
from depth_seg_ros.models import DEFAULT_MODEL, resolve_model
from depth_seg_ros.system.atomic import write_text
from depth_seg_ros.system.command import command_parser, ranged, run


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("benchmark_engine", __doc__)
    parser.add_argument("model", nargs="?", default=DEFAULT_MODEL, help="shipped name or ONNX file")
    parser.add_argument("--frames", type=ranged("frames"), default=100)
    parser.add_argument("--batch", type=ranged("batch"), default=1, help="images a call")
    parser.add_argument(
        "--threads", type=ranged("threads"), help="CPU threads; default: the runtimes' choice"
    )
    parser.add_argument("--out", type=Path, help="also write the report as JSON")
    arguments = parser.parse_args(argv)

    def work() -> None:
        path = resolve_model(arguments.model)
        with tqdm(total=WARM_UP + arguments.frames, desc="rounds", leave=False) as bar:
            report = benchmark(
                path,
                frames=arguments.frames,
                batch=arguments.batch,
                threads=arguments.threads,
                progress=lambda done: bar.update(done - bar.n),
            )
        print(report.table())
        if arguments.out:
            write_text(arguments.out, json.dumps(report.to_dict(), indent=1))

    return run(work, arguments)


if __name__ == "__main__":
    sys.exit(main())
