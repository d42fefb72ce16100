"""What a training step costs on this machine, and the loader beside it.

    python -m training.benchmark
    python -m training.benchmark --batch 4 8 --precision fp32 bf16 --freeze 0 2 3
    python -m training.benchmark --layout first --kernels plain winograd --freeze 3

Wall time is what a user waits; processor time a thread is what the machine would need if nobody
else used it. Where the two differ, the machine was shared.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from depth_seg_ros.system.command import command_parser, ranged, run
from training import networks
from training.config import AugmentConfig, LoopConfig, OptimConfig
from training.data.augment import augment
from training.data.loader import Batch
from training.data.resample import NetworkSample
from training.geometry import NETWORK_HEIGHT, NETWORK_WIDTH
from training.layers.network import Network
from training.layers.winograd import use_winograd
from training.losses import Loss
from training.optimise import freeze_blocks, make_optimizer
from training.runtime import Runtime, start


@dataclass(frozen=True)
class Case:
    network: str
    batch: int
    precision: str
    channels_last: bool
    frozen: int
    winograd: bool


@dataclass(frozen=True)
class Cost:
    """Images a second by wall time, and by processor time a thread."""

    images_per_s: float
    images_per_cpu_s: float


def step_cost(case: Case, steps: int, size: tuple[int, int]) -> Cost:
    """Mean over ``steps`` training steps after one that is not counted."""
    config = LoopConfig(precision=case.precision)
    with start(config) as runtime:
        network = networks.build(case.network, depth_head="exp").to(runtime.device)
        freeze_blocks(network, case.frozen)
        if case.channels_last:
            network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if case.winograd:
            use_winograd(network)
        optimizer = make_optimizer(network, OptimConfig(lr=1e-5), ())
        batch = made_up_batch(case.batch, size).to(runtime.device)
        _step(network, optimizer, batch, runtime)
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(steps):
            _step(network, optimizer, batch, runtime)
        if runtime.device.type == "cuda":
            torch.cuda.synchronize()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    images = steps * case.batch
    return Cost(images / wall, images * torch.get_num_threads() / cpu)


def _step(
    network: Network, optimizer: torch.optim.Optimizer, batch: Batch, runtime: Runtime
) -> None:
    loss = Loss({"log_l1": 1.0, "silog": 1.0}, 0.3, 80.0)
    with runtime.autocast():
        outputs = network(batch.image)
    total, _ = loss(outputs, batch.depth_m, batch.labels)
    total.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)


def made_up_batch(count: int, size: tuple[int, int]) -> Batch:
    """Noise of the right shapes; size is (width, height)."""
    shape = (count, size[1], size[0])
    return Batch(
        torch.randint(0, 256, (*shape, 3), dtype=torch.uint8),
        torch.rand(shape) * 60 + 2,
        torch.randint(7, 30, shape, dtype=torch.uint8),
        torch.tensor([0.0, 0.002, -0.16]).expand(count, 3),
    )


def augmentation_cost(size: tuple[int, int], count: int = 200) -> float:
    """Milliseconds of processor time to vary one frame with everything on at usual strength."""
    config = AugmentConfig(
        flip=0.5, zoom=1.3, shift=1.0, pad=0.2, color=1.0, blur=0.3, noise=0.4, jpeg=0.3, gray=0.05,
        haze=0.2, shade=0.4,
    )  # fmt: skip
    batch = made_up_batch(1, size)
    sample = NetworkSample(*(t[0].numpy() for t in batch))
    begun = time.process_time()
    for i in range(count):
        augment(sample, config, np.random.default_rng(i))
    return 1000 * (time.process_time() - begun) / count


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("python -m training.benchmark", __doc__)
    parser.add_argument("--network", default="ds_net", choices=networks.names())
    parser.add_argument("--batch", type=ranged("batch"), nargs="+", default=[4])
    parser.add_argument("--precision", nargs="+", default=["fp32"])
    parser.add_argument("--layout", nargs="+", default=["last"], choices=("first", "last"))
    parser.add_argument("--kernels", nargs="+", default=["plain"], choices=("plain", "winograd"))
    parser.add_argument("--freeze", type=ranged("network.freeze_blocks"), nargs="+", default=[0])
    parser.add_argument(
        "--size", type=ranged("data.width"), nargs=2, default=[NETWORK_WIDTH, NETWORK_HEIGHT]
    )
    parser.add_argument("--steps", type=ranged("frames"), default=3)
    parser.add_argument("--threads", type=ranged("loop.threads"), default=0)
    args = parser.parse_args(argv)
    if args.threads:
        torch.set_num_threads(args.threads)
    size = (args.size[0], args.size[1])
    print(f"{args.network} at {size[0]}x{size[1]}, {torch.get_num_threads()} threads")
    print("batch  precision  channels  kernels   frozen  images/s  images/s of processor time")

    def work() -> None:
        for batch, precision, layout, kernels, frozen in itertools.product(
            args.batch, args.precision, args.layout, args.kernels, args.freeze
        ):
            winograd = kernels == "winograd"
            case = Case(args.network, batch, precision, layout == "last", frozen, winograd)
            cost = step_cost(case, args.steps, size)
            print(
                f"{batch:5d}  {precision:9s}  {layout:8s}  {kernels:8s}  {frozen:6d}  "
                f"{cost.images_per_s:8.2f}  "
                f"{cost.images_per_cpu_s:8.2f}",
                flush=True,
            )
        print(f"augmentation: {augmentation_cost(size):.2f} ms of one core a frame")

    return run(work, args)


if __name__ == "__main__":
    sys.exit(main())
