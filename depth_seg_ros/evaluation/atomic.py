"""Outputs appear whole or not at all: written under a hidden name beside the target, then renamed.

A crash, Ctrl-C or a full disk leaves the target as it was.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from depth_seg_ros.errors import EvaluationError


def partial_path(target: Path) -> Path:
    """Where an output is written until it is complete; keeps the suffix (formats go by it)."""
    return target.with_name(f".partial.{target.name}")


@contextmanager
def atomic_output(target: Path, overwrite: bool = True) -> Iterator[Path]:
    """A path to write a file or a folder to; it becomes ``target`` when the block ends well."""
    check_free(target, overwrite)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = partial_path(target)
    remove(partial)
    try:
        yield partial
    except BaseException:
        remove(partial)
        raise
    publish(partial, target)


def check_free(target: Path, overwrite: bool) -> None:
    """EvaluationError where the target exists and may not be replaced."""
    if target.exists() and not overwrite:
        raise EvaluationError(f"{target} exists already; remove it or choose another name")


def publish(partial: Path, target: Path) -> None:
    """Rename; a folder cannot replace another one in one step, so the old one goes first."""
    if target.is_dir() or (partial.is_dir() and target.exists()):
        remove(target)
    os.replace(partial, target)


def remove(path: Path) -> None:
    """Delete a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_text(target: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    with atomic_output(target) as partial:
        partial.write_text(text, encoding="utf-8")
