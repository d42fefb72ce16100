"""How fast a network of ours is in PyTorch, autocast to bfloat16: a reference for engines.

Channels last, fresh weights (speed does not depend on them), images on the device, one wait a
call. Prints one JSON object.
"""

from __future__ import annotations

import json
import sys
from time import perf_counter

import torch

from depth_seg_ros.metrics.latency import latency_statistics
from depth_seg_ros.system.command import command_parser, ranged, run
from training import networks
from training.geometry import NETWORK_HEIGHT, NETWORK_WIDTH

WARM_UP = 3


def measure(name: str, batch: int, frames: int, device: str) -> dict[str, float]:
    """Statistics of the calls [ms]."""
    network = networks.build(name).eval().to(device)
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    shape = (batch, NETWORK_HEIGHT, NETWORK_WIDTH, 3)
    images = torch.zeros(shape, dtype=torch.uint8, device=device)
    times = []
    with torch.inference_mode(), torch.autocast(device, torch.bfloat16):
        for _ in range(WARM_UP + frames):
            start = perf_counter()
            network(images)
            if device == "cuda":
                torch.cuda.synchronize()
            times.append((perf_counter() - start) * 1e3)
    return latency_statistics(times[WARM_UP:])


def main(argv: list[str] | None = None) -> int:
    parser = command_parser("python -m training.torch_speed", __doc__)
    parser.add_argument("network", choices=networks.names())
    parser.add_argument("--frames", type=ranged("frames"), default=50)
    parser.add_argument("--batches", type=ranged("batch"), nargs="+", default=[1])
    arguments = parser.parse_args(argv)

    def work() -> None:
        device = "cuda" if torch.cuda.is_available() else "cpu"
        rows = [
            {"batch": b, **measure(arguments.network, b, arguments.frames, device)}
            for b in arguments.batches
        ]
        name = torch.cuda.get_device_name() if device == "cuda" else "the CPU"
        print(json.dumps({"version": torch.__version__, "device": name, "rows": rows}))

    return run(work, arguments)


if __name__ == "__main__":
    sys.exit(main())
