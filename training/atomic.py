"""Files that are whole or absent: written beside their place, then renamed into it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A temporary path in the same folder; renamed to ``path`` if the block succeeds."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def save_array(path: str | Path, array: npt.NDArray[Any]) -> None:
    """Write a whole ``.npy`` file or none."""
    with replacing(path) as temporary, temporary.open("wb") as stream:
        np.save(stream, array)


def write_text(path: str | Path, text: str) -> None:
    """Write a whole text file or none."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
