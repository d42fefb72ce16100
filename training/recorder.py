"""The folder of a run: configuration, environment, a CSV of every number, TensorBoard, pictures."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import yaml

from depth_seg_ros.system.atomic import atomic_output, write_bytes, write_text
from depth_seg_ros.types import UInt8Array
from training.config import Experiment
from training.errors import TrainingError

COLUMNS = ("step", "kind", "name", "value")


class Recorder:
    """Writes ``scalars.csv`` (step, kind, name, value), TensorBoard events and ``pictures/``.

    Resumed at ``step``, it forgets the rows of steps that will be computed again.
    """

    def __init__(self, folder: Path, step: int, tensorboard: bool) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "scalars.csv"
        kept = [row for row in read_scalars(path) if int(row["step"]) <= step]
        with atomic_output(path) as temporary, temporary.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, COLUMNS)
            writer.writeheader()
            writer.writerows(kept)
        self._stream = path.open("a", newline="")
        self._csv = csv.writer(self._stream)
        self._board = _summary_writer(folder, step) if tensorboard else None

    def scalars(self, step: int, kind: str, values: Mapping[str, float]) -> None:
        """kind: ``train`` or ``validation``."""
        for name, value in values.items():
            self._csv.writerow((step, kind, name, repr(float(value))))
            if self._board is not None:
                self._board.add_scalar(f"{kind}/{name}", value, step)
        self._stream.flush()

    def picture(self, step: int, name: str, picture: UInt8Array) -> None:
        """uint8 [H, W, 3] RGB as PNG, and into TensorBoard."""
        done, data = cv2.imencode(".png", picture[..., ::-1])
        if not done:
            raise TrainingError(f"picture {name} of step {step} could not be encoded")
        write_bytes(self.folder / "pictures" / f"{name}_{step:06d}.png", data.tobytes())
        if self._board is not None:
            self._board.add_image(name, picture, step, dataformats="HWC")

    def close(self) -> None:
        self._stream.close()
        if self._board is not None:
            self._board.close()


def read_scalars(path: Path) -> list[dict[str, str]]:
    """Rows of ``scalars.csv``; [] where there is none. A row cut off by a crash is dropped."""
    if not path.exists():
        return []
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [r for r in rows if r["value"] and None not in r]


def write_identity(folder: Path, experiment: Experiment, environment: Mapping[str, str]) -> None:
    """The whole configuration and where it ran."""
    write_text(folder / "experiment.yaml", yaml.safe_dump(experiment.to_dict(), sort_keys=False))
    write_text(folder / "environment.json", json.dumps(dict(environment), indent=1))


def _summary_writer(folder: Path, step: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as e:
        raise TrainingError(
            f"tensorboard cannot be imported ({e}); install it or set loop.tensorboard: false"
        ) from e
    return SummaryWriter(folder / "tensorboard", purge_step=step + 1)
