"""What decides a training run: one :class:`Experiment`, stored whole in every checkpoint.

Defaults stand here and nowhere else, and which values may stand together. A value out of range is
one error naming its key. :mod:`training.config_file` reads an experiment's yaml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from typing import Any

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.limits import LIMITS, Limit
from training.geometry import NETWORK_HEIGHT, NETWORK_WIDTH


@dataclass(frozen=True)
class NetworkConfig:
    """name: of ``training.networks``; depth_head: ``relu`` (published) or ``exp`` (log depth).

    encoder_weights: ``imagenet``, ``he``, or the path of VGG19 weights.
    typical_depth_m: what the depth head says before training.
    near_identity: fresh encoder layers start by passing features on, up-sampling by interpolating.
    lsuv: rescale the fresh layers so that activations start with unit variance.
    freeze_blocks: the first N encoder blocks keep their weights.
    batch_norm: train with batch norms, which are folded into the weights for use.
    fixed_statistics: theirs stay those of ``start_from``: for sources of several shapes, see
    ``layers/batch_norm.py``.
    rig_input: the network is also told where flat ground would lie (``layers/rig.py``).
    ground_lean: its depth is drawn towards that ground (``ds_net_lite``;
    ``layers/ground_lean.py``).
    depth_confidence: it also says how sure it is of the depth (``layers/doubt.py``).
    context: its decoders also see a wide surrounding (``ds_net_skip``; ``layers/context.py``).
    start_from: a checkpoint or ONNX file to go on from (another camera, another resolution, the
    other network): what fits is taken, the depth is corrected for the focal length.
    """

    name: str = "ds_net"
    depth_head: str = "relu"
    encoder_weights: str = "imagenet"
    typical_depth_m: float = 12.0
    near_identity: bool = False
    lsuv: bool = False
    freeze_blocks: int = 0
    batch_norm: bool = False
    fixed_statistics: bool = False
    rig_input: bool = False
    ground_lean: bool = False
    depth_confidence: bool = False
    context: bool = False
    start_from: str = ""

    def options(self) -> dict[str, Any]:
        """What ``training.networks.build`` is given beside the name."""
        options = ("rig_input", "ground_lean", "depth_confidence", "context")
        extra = {k: True for k in options if getattr(self, k)}
        return {"depth_head": self.depth_head, **extra}


@dataclass(frozen=True)
class Source:
    """A data set on disk. worlds: names, ``a..b`` ranges of names, or all; variations likewise.

    width, height: of the network's input on these frames (0 = ``data.width`` x ``data.height``),
    for cameras of another aspect: no padding, the same focal length. What is exported then knows
    such shapes too.
    """

    root: str
    worlds: tuple[str, ...] = ()
    variations: tuple[str, ...] = ()
    width: int = 0
    height: int = 0

    def __post_init__(self) -> None:
        if min(self.width, self.height) < 0 or (self.width == 0) != (self.height == 0):
            raise ConfigError(
                f"{self.root}: width {self.width} and height {self.height} are given together, in "
                "pixels, or not at all"
            )


@dataclass(frozen=True)
class StreamConfig:
    """New scenes while the run trains, in the place of ``data.train`` (which then only tells what
    frames are like: class shares, typical depth).

    window: scenes in memory (0 = no stream). frames: of each scene. uses: how often a frame is seen
    on average. workers: processes that render (0 = the training's own). cameras: names or files,
    ``car:3`` for three shares of one. scale: of their images. places: the mix of kinds of place,
    empty for all. seed: of the first scene.
    """

    window: int = 0
    frames: int = 6
    uses: float = 1.0
    workers: int = 1
    cameras: tuple[str, ...] = ("car",)
    scale: float = 0.5
    places: str = ""
    seed: int = 1


@dataclass(frozen=True)
class DataConfig:
    """train, validation: what to learn from and what to watch.

    cache: folder of the memory-mapped caches. limit_train, limit_validation: use that many frames,
    spread evenly (0 = all). workers: loader processes (0 = in the training process).
    """

    train: tuple[Source, ...] = ()
    validation: tuple[Source, ...] = ()
    cache: str = "data/cache"
    width: int = NETWORK_WIDTH
    height: int = NETWORK_HEIGHT
    limit_train: int = 0
    limit_validation: int = 0
    workers: int = 0
    stream: StreamConfig = StreamConfig()


@dataclass(frozen=True)
class AugmentConfig:
    """How training images are varied; every value is a probability or a strength, 0 = off.

    zoom: largest zoom in (1.25 = by a quarter), depth scaled to match. shift: of the crop, share of
    the room there is. pad: probability of letterbox
    padding as other aspects bring it. color: brightness, contrast, gamma, saturation, white
    balance. Probabilities: blur, noise, jpeg, gray, haze, shade, flip.
    focus: probability of looking closely at a small thing (person, pole, ...) where there is one,
    enlarged by up to ``focus_zoom``.
    mix_style: probability that the images of a batch exchange the statistics of early features.
    rig_unknown: probability that a network with ``rig_input`` is told nothing of its rig;
    rig_noise: how wrong it is told it (1 = by 5 % of the height, 1 degree of pitch and roll).
    """

    flip: float = 0.0
    zoom: float = 1.0
    shift: float = 0.0
    pad: float = 0.0
    color: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    jpeg: float = 0.0
    gray: float = 0.0
    haze: float = 0.0
    shade: float = 0.0
    focus: float = 0.0
    focus_zoom: float = 2.0
    mix_style: float = 0.0
    rig_unknown: float = 0.0
    rig_noise: float = 0.0


@dataclass(frozen=True)
class LossConfig:
    """depth: weight of each loss of ``training.losses``; semantic: weight of the cross-entropy;
    confidence: weight of what teaches the network its own doubt.

    teacher: a checkpoint or ONNX file of ours whose answers are taught too; distil: their weight.
    max_depth_m, beyond (``clip`` or ``mask``), sky (``mask`` or ``far``); class_weights: ``none``,
    ``enet``, ``sqrt``.
    """

    depth: Mapping[str, float] = field(default_factory=lambda: {"log_rmse": 1.0})
    semantic: float = 1.0
    confidence: float = 1.0
    teacher: str = ""
    distil: float = 1.0
    class_weights: str = "none"
    max_depth_m: float = 80.0
    beyond: str = "clip"
    sky: str = "mask"


@dataclass(frozen=True)
class OptimConfig:
    """batch: images a step over all processes; accumulate: parts it is computed in.

    epochs or steps: the length (the other is 0); minutes: end, schedule and all, within that time
    (0 = as long as it takes; with it a run depends on the machine's speed). schedule:
    ``constant``, ``cosine``, ``poly``, ``onecycle``, ``trapezoid`` (last fifth down to 0); warmup:
    share of the run.
    encoder_lr: factor on the rate of loaded encoder blocks; clip: gradient norm (0 = off);
    ema: decay of the averaged weights (0 = off).
    """

    optimizer: str = "adam"
    lr: float = 1e-4
    encoder_lr: float = 1.0
    weight_decay: float = 0.0
    beta2: float = 0.999
    batch: int = 32
    accumulate: int = 1
    epochs: int = 0
    steps: int = 0
    minutes: float = 0.0
    schedule: str = "constant"
    warmup: float = 0.0
    clip: float = 1.0
    ema: float = 0.0


@dataclass(frozen=True)
class LoopConfig:
    """precision: ``fp32``, ``bf16``, ``fp16`` (scaled), ``auto`` (bf16 where the hardware has it,
    else fp32). validate_every, save_every, keep_every, log_every: steps (0 = each epoch;
    keep_every 0 = never). select: the validation score that makes ``best.pt``; patience:
    validations without improvement before stopping (0 = never). threads: of torch (0 = its
    default). winograd: on a CPU in fp32, wide 3x3 convolutions with fewer multiplications (a third
    faster from batch 8 on where there is no AVX-512), in the place of channels_last.
    """

    seed: int = 123
    precision: str = "fp32"
    channels_last: bool = True
    winograd: bool = False
    compile: bool = False
    threads: int = 0
    device: str = "auto"
    validate_every: int = 0
    save_every: int = 0
    keep_every: int = 0
    log_every: int = 10
    select: str = "abs_rel"
    patience: int = 0
    tensorboard: bool = True


@dataclass(frozen=True)
class Experiment:
    """Everything that decides what a run computes."""

    network: NetworkConfig = NetworkConfig()
    data: DataConfig = DataConfig()
    augment: AugmentConfig = AugmentConfig()
    loss: LossConfig = LossConfig()
    optim: OptimConfig = OptimConfig()
    loop: LoopConfig = LoopConfig()

    def __post_init__(self) -> None:
        _check(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers."""
        plain = _plain(asdict(self))
        assert isinstance(plain, dict)
        return plain


_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d{1,3})?")

CHOICES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("network", "depth_head"): ("relu", "exp"),
    ("loss", "class_weights"): ("none", "enet", "sqrt"),
    ("loss", "beyond"): ("clip", "mask"),
    ("loss", "sky"): ("mask", "far"),
    ("optim", "optimizer"): ("adam", "adamw"),
    ("optim", "schedule"): ("constant", "cosine", "poly", "onecycle", "trapezoid"),
    ("loop", "precision"): ("fp32", "bf16", "fp16", "auto"),
}


def _check(e: Experiment) -> None:
    _check_ranges(e, "")
    for (section, key), allowed in CHOICES.items():
        value = getattr(getattr(e, section), key)
        if value not in allowed:
            raise ConfigError(f"{section}.{key} is {value!r}; known: {', '.join(allowed)}")
    if (e.optim.epochs > 0) == (e.optim.steps > 0):
        raise ConfigError(
            f"optim.epochs is {e.optim.epochs} and optim.steps is {e.optim.steps}; "
            "give exactly one of them"
        )
    if e.optim.batch % e.optim.accumulate:
        raise ConfigError(
            f"optim.batch {e.optim.batch} must be a multiple of accumulate {e.optim.accumulate}"
        )
    stream = e.data.stream
    if stream.window and stream.window * stream.frames < e.optim.batch:
        raise ConfigError(
            f"data.stream keeps {stream.window} scenes of {stream.frames} frames, fewer frames "
            f"than optim.batch {e.optim.batch}; raise window"
        )
    if e.network.fixed_statistics and not (e.network.batch_norm and e.network.start_from):
        raise ConfigError(
            "network.fixed_statistics keeps the statistics of a start; set network.batch_norm and "
            "network.start_from too"
        )
    if e.data.width % 16 or e.data.height % 16:
        raise ConfigError(f"network input {e.data.width}x{e.data.height}: multiples of 16 only")
    if not _DEVICE.fullmatch(e.loop.device):
        raise ConfigError(f"loop.device is {e.loop.device!r}; known: auto, cpu, cuda, cuda:N, mps")


def _check_ranges(config: Any, where: str) -> None:
    """Every number of an experiment against its declared range; ConfigError names the key."""
    for f in fields(config):
        value, key = getattr(config, f.name), f"{where}{f.name}"
        if is_dataclass(value):
            _check_ranges(value, f"{key}.")
        elif isinstance(value, Mapping):
            for name, number in value.items():
                _limit(key).check(f"{key}.{name}", number)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            _limit(key).check(key, value)


def _limit(key: str) -> Limit:
    if key not in LIMITS:
        raise ConfigError(f"{key} has no range in depth_seg_ros/limits.py; declare one")
    return LIMITS[key]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value
