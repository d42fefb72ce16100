"""Where a run computes: device, precision, and its place among the processes of ``torchrun``."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.system.memory import KEEP_ALL, keep_freed_memory
from training.config import LoopConfig

_AUTOCAST = {"bf16": torch.bfloat16, "fp16": torch.float16}
_CPU_BF16 = {"avx512_bf16", "amx_bf16", "bf16"}
"""Flags of processors with bf16 products: x86-64, and Arm's ``bf16``."""


@dataclass(frozen=True)
class Runtime:
    """rank of world processes; rank 0 writes files and talks."""

    device: torch.device
    precision: str
    rank: int
    world: int

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def autocast(self) -> contextlib.AbstractContextManager[Any]:
        """Mixed precision around the forward pass."""
        if self.precision == "fp32":
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, _AUTOCAST[self.precision])

    def seed(self, number: int) -> None:
        """Seed what is drawn during a step (``torch.manual_seed`` remembers every call for GPUs
        that may be used one day)."""
        torch.default_generator.manual_seed(number)
        if self.device.type == "cuda":
            torch.cuda.manual_seed(number)

    def mean(self, value: torch.Tensor) -> torch.Tensor:
        """Mean over all processes."""
        if self.world > 1:
            value = value.detach().clone()
            dist.all_reduce(value)
            value /= self.world
        return value

    def gather(self, value: Any) -> list[Any]:
        """Every process's (picklable) value, in rank order."""
        if self.world == 1:
            return [value]
        values: list[Any] = [None] * self.world
        dist.all_gather_object(values, value)
        return values

    def broadcast(self, value: Any) -> Any:
        """Rank 0's value."""
        if self.world == 1:
            return value
        holder = [value]
        dist.broadcast_object_list(holder, src=0)
        return holder[0]

    def barrier(self) -> None:
        if self.world > 1:
            dist.barrier()


@contextlib.contextmanager
def start(config: LoopConfig) -> Iterator[Runtime]:
    """Seeds, threads, device and process group of this process."""
    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    device = _device(config.device, int(os.environ.get("LOCAL_RANK", 0)))
    if config.precision == "fp16" and device.type == "cpu":
        raise ConfigError("loop.precision fp16 needs a GPU; take bf16 or fp32")
    if device.type == "cpu":
        # Fetching zeroed pages anew for each activation costs a tenth to a fifth of a CPU step.
        keep_freed_memory(KEEP_ALL)
    if config.threads:
        torch.set_num_threads(config.threads)
    random.seed(config.seed)
    np.random.seed(config.seed)  # noqa: NPY002 - libraries may draw from it, we do not
    torch.manual_seed(config.seed)
    if device.type == "cuda":
        torch.cuda.set_device(device)
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
    if world > 1:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Runtime(device, resolve_precision(config.precision, device), rank, world)
    finally:
        if world > 1:
            dist.destroy_process_group()


def resolve_precision(wanted: str, device: torch.device) -> str:
    """``auto`` becomes bf16 where the device multiplies it in hardware, else fp32.

    Elsewhere bf16 is emulated, several times slower than fp32.
    """
    if wanted != "auto":
        return wanted
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    return "bf16" if _CPU_BF16 & _cpu_flags() else "fp32"


def _cpu_flags() -> set[str]:
    """What Linux says of the first processor; nothing elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return set()
    found = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return set(found.partition(":")[2].split())


def _device(name: str, local_rank: int) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name.startswith("cuda"):
        if not torch.cuda.is_available():
            raise ConfigError(f"loop.device is {name}, but torch sees no GPU; set it to auto")
        return torch.device("cuda", local_rank)
    return torch.device(name)
