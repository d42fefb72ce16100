"""From an experiment to the live objects of a run, fresh or from a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.labels import NUM_CHANNELS
from training import networks
from training.baseline import Baseline, depth_baseline
from training.checkpoint import Checkpoint, Progress, load_weights
from training.config import Experiment
from training.data.frames import Frames, open_frames
from training.data.loader import stack
from training.distil import Lesson, open_teacher
from training.errors import TrainingError
from training.layers import batch_norm, mix_style
from training.layers.network import Network
from training.layers.winograd import use_winograd
from training.losses import Loss, class_weights
from training.optimise import AveragedWeights, freeze_blocks, make_optimizer
from training.runtime import Runtime
from training.start.initialise import start_network
from training.start.lsuv import unit_variance
from training.start.near_identity import near_identity
from training.start.starting_point import open_starting_point


@dataclass
class Run:
    """Everything the loop touches. ``model`` is ``network``, perhaps compiled or distributed."""

    experiment: Experiment
    runtime: Runtime
    train: Frames
    validation: Frames
    network: Network
    model: nn.Module
    loss: Loss
    optimizer: torch.optim.Optimizer
    scaler: torch.amp.GradScaler
    average: AveragedWeights | None
    judged: Network
    progress: Progress
    baseline: Baseline
    lesson: Lesson | None = None

    @property
    def steps(self) -> int:
        """Length of the run in steps."""
        optim = self.experiment.optim
        return optim.steps or optim.epochs * self.steps_per_epoch

    @property
    def steps_per_epoch(self) -> int:
        batch = self.experiment.optim.batch
        return max(1, sum(len(frames) // batch for frames in self.train.by_shape()))

    def weights_to_judge(self) -> Network:
        """The network to validate: a copy with the averaged weights, or the network itself."""
        if self.average is not None:
            self.judged.load_state_dict(self.average.average)
        return self.judged

    def checkpoint(self, about: Mapping[str, str]) -> Checkpoint:
        """Everything to go on from; ``about`` is the environment."""
        kept = {k: about[k] for k in ("git_commit", "torch", "gpu") if k in about}
        facts = kept | {
            "frames": len(self.train),
            "median_depth_m": self.baseline.median_depth_m,
        }
        return Checkpoint(
            experiment=self.experiment,
            progress=self.progress,
            weights=self.network.state_dict(),
            average=self.average.average if self.average else None,
            optimizer=self.optimizer.state_dict(),
            scaler=self.scaler.state_dict(),
            facts=facts,
        )


def set_up(
    experiment: Experiment, runtime: Runtime, resumed: Checkpoint | None, overfit: int = 0
) -> Run:
    """Open the data, build the network, and take up where ``resumed`` stood."""
    e = experiment
    train, validation = _open_data(e, runtime, overfit)
    network = build_network(e)
    progress = resumed.progress if resumed else Progress()
    if resumed:
        load_weights(network, resumed.weights, "the checkpoint")
    else:
        # A finished start brings the whole encoder: nothing has to be fetched for it.
        weights = "he" if e.network.start_from else e.network.encoder_weights
        progress.loaded = start_network(network, weights, e.network.typical_depth_m)
        if e.network.batch_norm and progress.loaded:
            batch_norm.unfold(network.encoder, _typical_images(train, 32))
        if e.network.near_identity:
            near_identity(network, progress.loaded)
        if e.network.lsuv:
            unit_variance(network, _typical_images(train, 8), progress.loaded)
        if e.network.start_from:
            progress.loaded += continue_from(network, e, train)
    network = network.to(runtime.device)
    winograd = e.loop.winograd and runtime.device.type == "cpu" and runtime.precision == "fp32"
    if e.loop.channels_last and not winograd:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average, judged = None, network
    if e.optim.ema:
        average = AveragedWeights(network, e.optim.ema)
        judged = build_network(e).to(runtime.device)
    if winograd:
        for each in {network, judged}:
            use_winograd(each)
    if e.augment.mix_style and not overfit:
        if e.network.freeze_blocks < max(mix_style.BLOCKS_MIXED):
            raise ConfigError(
                "augment.mix_style works on frozen blocks; set freeze_blocks to 2 or more"
            )
        mix_style.insert(network, e.augment.mix_style)
    optimizer = make_optimizer(network, e.optim, progress.loaded)
    scaler = torch.amp.GradScaler(runtime.device.type, enabled=runtime.precision == "fp16")
    run = Run(
        experiment=e, runtime=runtime, train=train, validation=validation, network=network,
        model=_wrap(network, e, runtime), loss=make_loss(e, train), optimizer=optimizer,
        scaler=scaler, average=average, judged=judged, progress=progress,
        baseline=depth_baseline(train, e.loss.max_depth_m),
    )  # fmt: skip
    if e.loss.teacher:
        teacher = open_teacher(e.loss.teacher, e.data.width, e.data.height)
        run.lesson = Lesson(teacher, e.loss.distil, runtime.device)
    if resumed:
        _restore(run, resumed)
    return run


def build_network(e: Experiment) -> Network:
    """The experiment's network as it is trained: with what is frozen, and with batch norms."""
    network = networks.build(e.network.name, **e.network.options())
    others = {(s.width, s.height) for s in (*e.data.train, *e.data.validation) if s.width}
    for width, height in ((e.data.width, e.data.height), *sorted(others)):
        if width % network.stride or height % network.stride:
            raise ConfigError(
                f"network input {width}x{height}: {network.name} takes multiples of "
                f"{network.stride} only"
            )
    freeze_blocks(network, e.network.freeze_blocks)
    if e.network.batch_norm:
        batch_norm.insert(network, e.network.fixed_statistics)
    return network


def continue_from(network: Network, e: Experiment, train: Frames) -> list[str]:
    """Take what fits from ``network.start_from``; returns the encoder layers that were taken.

    At another resolution (or for another camera) everything looks f_new / f_old times as large in
    pixels, as if it were nearer by that factor: the depth head is scaled to undo it. Batch norms
    are folded away, or set anew on typical images of ``train``, as this run and its start differ.
    """
    source = open_starting_point(e.network.start_from)
    old, own = source.weights, network.state_dict()
    if batch_norm.is_normalised(old) and not e.network.batch_norm:
        old = batch_norm.fold(network, old)
    fitting = {k: v for k, v in old.items() if k in own and own[k].shape == v.shape}
    normalised = batch_norm.is_normalised(old)
    needed = {
        k
        for k in own
        if k.startswith(("encoder.", "depth_decoder."))
        and "doubt_head" not in k
        and (normalised or batch_norm.MARK not in k)
    }
    if not needed <= fitting.keys() or source.depth_head != e.network.depth_head:
        raise TrainingError(
            f"{e.network.start_from} is of {source.name} with depth head {source.depth_head}: its "
            f"encoder and depth decoder do not fit {network.name} with {e.network.depth_head}"
        )
    network.load_state_dict({**own, **fitting})
    network.started_from(fitting.keys())
    ratio = (e.data.width * e.data.height / (source.width * source.height)) ** 0.5
    network.depth_head.rescale(network.depth_decoder.head, ratio)
    if e.network.batch_norm and not normalised:
        batch_norm.unfold(network, _typical_images(train, 32))
    taken = (k.removeprefix("encoder.") for k in own if k.startswith("encoder."))
    return sorted(k for k in taken if k.endswith("weight"))


def _typical_images(frames: Frames, count: int) -> Tensor:
    """uint8 [n, h, w, 3]: up to ``count`` frames, evenly spread."""
    spread = frames.alike().spread(count)
    return stack(spread, list(range(len(spread)))).image


def make_loss(e: Experiment, train: Frames) -> Loss:
    """The loss of an experiment; class weights come from the training frames."""
    config = e.loss
    pixels = torch.from_numpy(train.class_pixels()[:NUM_CHANNELS])
    weights = class_weights(pixels, config.class_weights)
    return Loss(
        config.depth, config.semantic, config.max_depth_m, beyond=config.beyond, sky=config.sky,
        class_weights=weights, confidence=config.confidence,
    )  # fmt: skip


def _open_data(e: Experiment, runtime: Runtime, overfit: int) -> tuple[Frames, Frames]:
    if not runtime.leads:
        runtime.barrier()  # rank 0 builds the caches first
    train = open_frames(e.data.train, e.data, e.data.limit_train)
    if overfit:
        train = train.first(overfit)
        validation = train
    else:
        validation = open_frames(e.data.validation, e.data, e.data.limit_validation)
    if runtime.leads:
        runtime.barrier()
    return train, validation


def _wrap(network: Network, e: Experiment, runtime: Runtime) -> nn.Module:
    model: nn.Module = network
    if e.loop.compile:
        model = torch.compile(model)  # type: ignore[assignment]
    if runtime.world > 1:
        if e.optim.batch % (runtime.world * e.optim.accumulate):
            raise ConfigError(
                f"optim.batch {e.optim.batch} must be a multiple of {runtime.world} processes x "
                f"accumulate {e.optim.accumulate}"
            )
        devices = [runtime.device] if runtime.device.type == "cuda" else None
        model = DistributedDataParallel(model, device_ids=devices)
    return model


def _restore(run: Run, checkpoint: Checkpoint) -> None:
    run.optimizer.load_state_dict(dict(checkpoint.optimizer))
    run.scaler.load_state_dict(dict(checkpoint.scaler))
    if run.average is not None and checkpoint.average is not None:
        device = run.runtime.device
        averages: dict[str, Tensor] = {k: v.to(device) for k, v in checkpoint.average.items()}
        run.average.average = averages
