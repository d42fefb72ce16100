"""Everything that only a GPU can show, in one call: every backend, precision and batch, and more.

Builds, parity with the CPU, p50/p95/p99, throughput, memory, CUDA graphs or why not, the node's
path from image to metres, two engines side by side, a build killed half way, the cache used again,
PyTorch as a reference. Backends that are not here are named and skipped; on a machine without a GPU
the CPU's rows remain. Writes gpu_report.json and gpu_report.md.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from depth_seg_ros.doctor.findings import to_dict
from depth_seg_ros.doctor.page import examine
from depth_seg_ros.engines.report.page import render
from depth_seg_ros.engines.report.schedule import BATCHES
from depth_seg_ros.engines.report.session import Session
from depth_seg_ros.models import DEFAULT_MODEL, resolve_model
from depth_seg_ros.system.atomic import write_texts
from depth_seg_ros.system.command import command_parser, ranged, run


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("gpu_report", __doc__)
    parser.add_argument("model", nargs="?", default=DEFAULT_MODEL, help="shipped name or ONNX file")
    parser.add_argument(
        "--minutes", type=ranged("minutes"), default=8.0, help="begin nothing new after these"
    )
    parser.add_argument("--frames", type=ranged("frames"), default=200, help="calls a row")
    parser.add_argument(
        "--batches", type=ranged("batch"), nargs="+", default=list(BATCHES), metavar="N"
    )
    parser.add_argument("--out", type=Path, default=Path(), help="folder of the two files")
    arguments = parser.parse_args(argv)

    def work() -> None:
        model = resolve_model(arguments.model)
        batches = tuple(sorted(set(arguments.batches)))
        say = lambda line: print(line, file=sys.stderr, flush=True)  # noqa: E731
        report = Session(model, arguments.minutes, arguments.frames, say, batches).run()
        report["doctor"] = to_dict(examine())
        page = render(report)
        arguments.out.mkdir(parents=True, exist_ok=True)
        write_texts(
            {
                arguments.out / "gpu_report.json": json.dumps(report, indent=1),
                arguments.out / "gpu_report.md": page,
            }
        )
        print(page)

    return run(work, arguments)


if __name__ == "__main__":
    sys.exit(main())
