"""Batches of augmented frames, the same for any number of loader processes and ranks.

The plan is a pure function of (seed, step): step s of epoch e is a slice of that epoch's
permutation, rank r takes every world-th frame of it. Resuming is starting at a later step. A batch
holds frames of one shape; batches of several shapes take turns in random order.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from training.config import AugmentConfig
from training.data.augment import augment
from training.data.frames import Frames
from training.data.resample import NetworkSample
from training.errors import DatasetError
from training.layers.network import Network
from training.layers.rig import draw_ground


class Batch(NamedTuple):
    """image uint8 [B, h, w, 3]; depth_m float32 [B, h, w]; labels uint8 [B, h, w]; ground float32
    [B, 3], its plane as in ``NetworkSample``."""

    image: Tensor
    depth_m: Tensor
    labels: Tensor
    ground: Tensor

    def inputs(self, network: Network) -> tuple[Tensor, ...]:
        """What a network's ``forward`` is given."""
        if network.rig is None:
            return (self.image,)
        return self.image, draw_ground(self.ground, *self.labels.shape[1:])

    def to(self, device: torch.device) -> Batch:
        return Batch(*(t.to(device, non_blocking=True) for t in self))

    def parts(self, count: int) -> Iterator[Batch]:
        """Split into ``count`` equal parts (gradient accumulation)."""
        for part in zip(*(t.chunk(count) for t in self), strict=True):
            yield Batch(*part)


Pick = tuple[int, int]
"""(epoch, frame)."""


class _AugmentedFrames(Dataset[Any]):
    def __init__(self, frames: Frames, config: AugmentConfig | None, seed: int) -> None:
        self.frames, self.config, self.seed = frames, config, seed

    def __getitem__(self, pick: Pick) -> NetworkSample:
        epoch, frame = pick
        sample = self.frames[frame]
        if self.config is not None:
            rng = np.random.default_rng((self.seed, epoch, frame))
            sample = augment(sample, self.config, rng, self.frames.camera(frame))
        return sample


class Plan(Sampler[list[Pick]]):
    """The frames of every step from ``start`` to ``steps``, for one rank.

    groups: the numbers of the frames of each shape, int [n] each."""

    def __init__(
        self, groups: Sequence[npt.NDArray[np.int64]], batch: int, *, seed: int, start: int,
        steps: int, rank: int, world: int,
    ) -> None:  # fmt: skip
        if batch % world:
            raise DatasetError(f"batch {batch} cannot be shared by {world} processes")
        for frames in map(len, groups):
            if frames < batch:
                raise DatasetError(
                    f"{frames} frames{' of one shape' if len(groups) > 1 else ''} do not fill a "
                    f"batch of {batch}; lower optim.batch"
                )
        self.groups, self.batch, self.seed = groups, batch, seed
        self.start, self.steps, self.rank, self.world = start, steps, rank, world

    def __len__(self) -> int:
        return self.steps - self.start

    def __iter__(self) -> Iterator[list[Pick]]:
        per_epoch = sum(len(frames) // self.batch for frames in self.groups)
        shuffled = -1
        order: list[npt.NDArray[np.int64]] = []
        for step in range(self.start, self.steps):
            epoch, position = divmod(step, per_epoch)
            if epoch != shuffled:
                order, shuffled = self._epoch(epoch), epoch
            yield [(epoch, int(i)) for i in order[position][self.rank :: self.world]]

    def _epoch(self, epoch: int) -> list[npt.NDArray[np.int64]]:
        """Its batches."""
        rng = np.random.default_rng((self.seed, epoch))
        made: list[npt.NDArray[np.int64]] = []
        for frames in self.groups:
            order = frames[rng.permutation(len(frames))]
            made += np.split(order, range(self.batch, len(order), self.batch))
        made = [batch for batch in made if len(batch) == self.batch]
        if len(self.groups) == 1:
            return made
        return [made[i] for i in rng.permutation(len(made))]


def batches(
    frames: Frames, config: AugmentConfig | None, seed: int, plan: Plan, workers: int, pin: bool
) -> Generator[Batch, None, None]:
    """The batches of a plan; ``config`` None leaves the frames as they are."""
    loader: DataLoader[Any] = DataLoader(
        _AugmentedFrames(frames, config, seed),
        batch_sampler=plan,
        num_workers=workers,
        collate_fn=collate,
        pin_memory=pin,
        worker_init_fn=_one_thread if workers else None,
        prefetch_factor=4 if workers else None,
        multiprocessing_context="spawn" if workers else None,
    )
    yield from loader


def stack(frames: Frames, chosen: list[int]) -> Batch:
    """Frames without augmentation."""
    return collate([frames[i] for i in chosen])


def collate(samples: Sequence[NetworkSample]) -> Batch:
    """Frames of one size -> a batch."""
    parts = zip(*((s.image, s.depth_m, s.labels, s.ground) for s in samples), strict=True)
    return Batch(*(torch.from_numpy(np.stack(part)) for part in parts))


def _one_thread(worker: int) -> None:
    import cv2

    cv2.setNumThreads(1)
    torch.set_num_threads(1)
