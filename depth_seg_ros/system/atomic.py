"""Outputs appear whole or not at all: written under a hidden name beside the target, then renamed.

A crash, Ctrl-C or a full disk leaves the target as it was. Hidden names end in ``.partial``, so
what a killed process leaves behind matches no search by suffix.
"""

from __future__ import annotations

import io
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from depth_seg_ros.errors import OutputError
from depth_seg_ros.system.reasons import advice


def partial_path(target: Path) -> Path:
    """Where an output is written until it is complete; the same in every process, so that
    interrupted work can be found again."""
    return target.with_name(f".{target.name}.partial")


@contextmanager
def atomic_output(target: str | Path) -> Iterator[Path]:
    """A path of this process to write a file or a folder to; it becomes ``target`` when the block
    ends well and vanishes when it does not."""
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = _own_partial(target)
    try:
        yield partial
        publish(partial, target)
    except BaseException:
        with suppress(OSError):  # the first error is the one to report
            remove(partial)
        raise


def _own_partial(target: Path) -> Path:
    """Unique beyond the process: machines that share a folder may have the same process ids."""
    return target.with_name(f".{target.name}.{uuid.uuid4().hex[:12]}.partial")


def check_free(target: Path, overwrite: bool) -> None:
    """OutputError where the target exists and may not be replaced."""
    if target.exists() and not overwrite:
        raise OutputError(f"{target} exists already; remove it or choose another name")


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


def write_bytes(target: str | Path, data: bytes | memoryview) -> None:
    """Write a file, whole or not at all; OutputError where the system refuses."""
    try:
        with atomic_output(target) as partial:
            partial.write_bytes(data)
    except OSError as e:
        raise refusal(target, e) from e


def write_text(target: str | Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all; OutputError where the system refuses."""
    write_bytes(target, encode(text))


def encode(text: str) -> bytes:
    """UTF-8; what it cannot say (the bytes of a file name that is not UTF-8) is escaped."""
    return text.encode("utf-8", "backslashreplace")


def create_text(target: Path, text: str) -> bool:
    """Write a text file that nobody has written yet; False, and nothing changed, where another
    process, on any machine that shares the folder, was first."""
    partial = _own_partial(target)
    try:
        partial.write_bytes(encode(text))
        try:
            os.link(partial, target)  # unlike a rename, refuses to replace
        except FileExistsError:
            return False
        except OSError:  # no hard links on this disk: take the name first
            try:
                target.touch(exist_ok=False)
            except FileExistsError:
                return False
            os.replace(partial, target)
        return True
    except OSError as e:
        raise refusal(target, e) from e
    finally:
        with suppress(OSError):
            remove(partial)


def remove_stale(folder: Path, before_s: float) -> None:
    """Delete the partial files that killed processes left directly in a folder: those last written
    before ``before_s`` (seconds, by the clock of the disk)."""
    for path in folder.glob(".*.partial"):
        with suppress(OSError):  # gone, or not ours: no reason to fail
            if path.stat().st_mtime < before_s:
                remove(path)


def write_texts(texts: Mapping[Path, str]) -> None:
    """Write text files that belong together: all of them, or none where the disk is full."""
    with ExitStack() as stack:
        for target, text in texts.items():
            try:
                stack.enter_context(atomic_output(target)).write_bytes(encode(text))
            except OSError as e:
                raise refusal(target, e) from e


def write_array(target: str | Path, array: npt.NDArray[Any]) -> None:
    """Write a ``.npy`` file, whole or not at all; OutputError where the system refuses."""
    stream = io.BytesIO()  # into a full disk NumPy itself writes short, without a reason
    np.save(stream, array, allow_pickle=False)
    write_bytes(target, stream.getvalue())


def refusal(target: str | Path, error: OSError) -> OutputError:
    """The system's reason in one line that names the output."""
    todo = advice(error)
    return OutputError(
        f"cannot write {target} ({error.strerror or error})" + (f"; {todo}" if todo else "")
    )
