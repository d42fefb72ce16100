"""The memory-mapped cache: a source at network resolution, decoded once.

A folder of plain ``.npy`` arrays, a row a frame: ``image`` u1 [N, h, w, 3], ``depth`` u2 [N, h, w]
(centimetres of the training camera; 0 = not measured, 65535 = sky), ``labels`` u1 [N, h, w],
``ground`` f4 [N, 3] (the ground's plane, see ``NetworkSample``),
``classes`` i4 [N, 256] (pixels of each id), ``checksum`` u4 [N] (CRC-32 of the row), ``status`` u1
[N]. Filled in parallel; what is done is remembered, so that an interrupted build goes on. A frame
that cannot be read is marked and named in ``skipped.txt``; training goes on without it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import multiprocessing
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from depth_seg_ros.errors import ReaderError
from depth_seg_ros.readers.base import Reader
from depth_seg_ros.system.atomic import refusal, remove, write_text
from depth_seg_ros.system.processes import end_with_parent, end_workers
from depth_seg_ros.system.reasons import system_reason
from depth_seg_ros.types import Float32Array, Intrinsics
from training.data.resample import NetworkSample, to_network
from training.errors import DatasetError
from training.geometry import training_camera

FORMAT = 5
MISSING, DONE, SKIPPED = 0, 1, 2
SKY = 65535
MAX_SKIPPED = 0.01
"""Share of unreadable frames up to which training goes on; more is a broken data set."""
SPOT_CHECKS = 3

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Cache:
    """An open cache; ``usable`` are the rows that hold a frame, ``camera`` sees them."""

    folder: Path
    keys: tuple[str, ...]
    arrays: Arrays
    usable: npt.NDArray[np.int64]
    camera: Intrinsics

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process opens the files; pickling memory maps would copy all of them.
        return _reopen, (self.folder, self.keys, self.usable, self.camera)

    def frame(self, row: int) -> NetworkSample:
        """One frame; the image and labels are views into the file."""
        depth_m = centimetres_to_metres(self.arrays["depth"][row])
        image, labels, ground = (self.arrays[k][row] for k in ("image", "labels", "ground"))
        return NetworkSample(image, depth_m, labels, ground)

    def class_pixels(self) -> npt.NDArray[np.int64]:
        """int64 [256]: pixels of each class id over the usable rows."""
        return np.asarray(self.arrays["classes"][self.usable].sum(0, dtype=np.int64))

    def damaged(self) -> list[str]:
        """Keys of usable rows whose bytes no longer match their checksum (reads everything)."""
        rows = self.usable.tolist()
        return [self.keys[r] for r in rows if _checksum(self.arrays, r) != self._checksum(r)]

    def _checksum(self, row: int) -> int:
        return int(self.arrays["checksum"][row])


@dataclass(frozen=True)
class Rows:
    """What a process needs to fill rows of a cache; picklable."""

    reader: Reader
    folder: Path
    camera: Intrinsics

    def store(self, rows: Sequence[int]) -> None:
        """Decode these frames into their rows."""
        arrays = _map(self.folder, "r+")
        for row in rows:
            _store(self.reader, arrays, row, self.camera)


Fill = Callable[[Rows, list[int]], None]


def open_cache(
    reader: Reader,
    parent: str | Path,
    camera: Intrinsics,
    workers: int | None = None,
    fill: Fill | None = None,
) -> Cache:
    """The cache of a reader below ``parent``, built or completed first where needed.

    camera: the training camera, see ``training.geometry``. workers: processes that fill it (None =
    one a core). fill: who fills the rows that are missing, in the place of processes here (a
    fleet). DatasetError where more than 1 % of the frames are unreadable, or the source changed.
    """
    keys = tuple(reader.keys)
    identity = _identity(keys, camera, str(getattr(reader, "root", "")))
    folder = Path(parent) / f"{Path(identity['root']).name}-{identity['fingerprint'][:12]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise refusal(folder, e) from e
    with _locked(folder):
        _prepare(folder, identity, len(keys), camera)
        arrays = _map(folder, "r")
        waiting = np.flatnonzero(arrays["status"] == MISSING).tolist()
        if waiting:
            arrays = _writable(folder)
            if fill is not None:
                fill(Rows(reader, folder, camera), waiting)
            else:
                _fill(reader, folder, arrays, waiting, camera, workers)
        elif len(keys):
            _spot_check(reader, arrays, folder, camera)
        _report_skipped(folder, keys, arrays["status"])
    arrays = _map(folder, "r")
    return Cache(folder, keys, arrays, np.flatnonzero(arrays["status"] == DONE), camera)


def metres_to_centimetres(depth_m: Float32Array) -> npt.NDArray[np.uint16]:
    """float32 metres -> uint16: NaN and <= 0 -> 0, +Inf and beyond 655.34 m -> 65535."""
    centimetres = np.nan_to_num(depth_m * 100, nan=0.0, posinf=float(SKY))
    return np.clip(np.rint(centimetres), 0, SKY).astype(np.uint16)


def centimetres_to_metres(depth_cm: npt.NDArray[np.uint16]) -> Float32Array:
    """The inverse: 0 -> NaN, 65535 -> +Inf."""
    depth_m = depth_cm.astype(np.float32) * np.float32(0.01)
    depth_m[depth_cm == 0] = np.nan
    depth_m[depth_cm == SKY] = np.inf
    return depth_m


def _reopen(
    folder: Path, keys: tuple[str, ...], usable: npt.NDArray[np.int64], camera: Intrinsics
) -> Cache:
    return Cache(folder, keys, _map(folder, "r"), usable, camera)


# --- building


def _identity(keys: tuple[str, ...], camera: Intrinsics, root: str) -> dict[str, str]:
    root = str(Path(root).resolve())
    size = f"{camera.width}x{camera.height}"
    if camera != training_camera(camera.width, camera.height):
        size += f" f {camera.fx:.6g} {camera.fy:.6g}"
    text = "\n".join((str(FORMAT), root, size, *keys))
    return {"root": root, "fingerprint": hashlib.sha256(text.encode()).hexdigest()}


def _layout(count: int, width: int, height: int) -> dict[str, tuple[str, tuple[int, ...]]]:
    return {
        "image": ("u1", (count, height, width, 3)),
        "depth": ("u2", (count, height, width)),
        "labels": ("u1", (count, height, width)),
        "ground": ("f4", (count, 3)),
        "classes": ("i4", (count, 256)),
        "checksum": ("u4", (count,)),
        "status": ("u1", (count,)),
    }


def _prepare(folder: Path, identity: dict[str, str], count: int, camera: Intrinsics) -> None:
    """Create the (sparse) files once; ``cache.json`` is written last and says they are whole."""
    description = folder / "cache.json"
    if description.exists():
        return
    for name, (dtype, shape) in _layout(count, camera.width, camera.height).items():
        path = folder / f"{name}.npy"
        try:
            np.lib.format.open_memmap(path, "w+", dtype, shape)  # type: ignore[no-untyped-call]
            _reserve(path)
        except OSError as e:
            for made in folder.glob("*.npy"):
                remove(made)
            raise refusal(folder, e) from e
    size = {"width": camera.width, "height": camera.height}
    facts = {**identity, "format": FORMAT, "frames": count, **size}
    write_text(description, json.dumps(facts, indent=1))


def _reserve(path: Path) -> None:
    """Take the room of a sparse file now: a disk that becomes full while a memory map is written
    kills the process (SIGBUS) without a word."""
    with path.open("r+b") as stream:
        os.posix_fallocate(stream.fileno(), 0, max(1, path.stat().st_size))


def _map(folder: Path, mode: Literal["r", "r+"]) -> Arrays:
    try:
        return {
            name: np.load(folder / f"{name}.npy", mmap_mode=mode, allow_pickle=False)
            for name in _layout(0, 0, 0)
        }
    except FileNotFoundError as e:
        raise DatasetError(f"cache {folder} lacks {e.filename}; delete the folder") from e
    except OSError as e:
        raise DatasetError(f"cache {folder} cannot be read ({system_reason(e)})") from e
    except ValueError as e:
        raise DatasetError(f"cache {folder} is damaged ({e}); delete the folder") from e


def _writable(folder: Path) -> Arrays:
    """The arrays to be filled on, with their room reserved (an older build may not have it)."""
    try:
        for name in _layout(0, 0, 0):
            _reserve(folder / f"{name}.npy")
    except OSError as e:
        raise refusal(folder, e) from e
    return _map(folder, "r+")


def _fill(
    reader: Reader, folder: Path, arrays: Arrays, waiting: list[int], camera: Intrinsics,
    workers: int | None,
) -> None:  # fmt: skip
    workers = (os.cpu_count() or 1) if workers is None else workers
    progress = tqdm(total=len(waiting), desc=f"cache {folder.name}", unit="frame", mininterval=1)
    with progress:
        if workers <= 1:
            for row in waiting:
                _store(reader, arrays, row, camera)
                progress.update()
            return
        context = multiprocessing.get_context("spawn")  # torch's threads do not survive a fork
        start = (reader, folder, camera)
        pool = ProcessPoolExecutor(min(workers, len(waiting)), context, _start_worker, start)
        try:
            for _ in pool.map(_work, waiting, chunksize=8):
                progress.update()
        except BrokenProcessPool as e:
            raise DatasetError(
                f"a worker process that filled {folder} died (killed, or out of memory); run the "
                "same command again to continue"
            ) from e
        except BaseException:
            end_workers()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


_worker: tuple[Reader, Arrays, Intrinsics]


def _start_worker(reader: Reader, folder: Path, camera: Intrinsics) -> None:
    import cv2

    global _worker
    end_with_parent()
    cv2.setNumThreads(1)
    _worker = (reader, _map(folder, "r+"), camera)


def _work(row: int) -> None:
    reader, arrays, camera = _worker
    _store(reader, arrays, row, camera)


def _store(reader: Reader, arrays: Arrays, row: int, camera: Intrinsics) -> None:
    """Decode one frame into its row; the status is set last."""
    try:
        sample = to_network(reader[row], camera)
    except ReaderError as e:
        tqdm.write(f"skipped {reader.keys[row]}: {e}")
        arrays["status"][row] = SKIPPED
        return
    arrays["image"][row] = sample.image
    arrays["depth"][row] = metres_to_centimetres(sample.depth_m)
    arrays["labels"][row] = sample.labels
    arrays["ground"][row] = sample.ground
    arrays["classes"][row] = np.bincount(sample.labels.ravel(), minlength=256)
    arrays["checksum"][row] = _checksum(arrays, row)
    arrays["status"][row] = DONE


def _checksum(arrays: Arrays, row: int) -> int:
    value = 0
    for name in ("image", "depth", "labels", "ground"):
        value = zlib.crc32(np.ascontiguousarray(arrays[name][row]).tobytes(), value)
    return value


def _spot_check(reader: Reader, arrays: Arrays, folder: Path, camera: Intrinsics) -> None:
    """Decode a few frames again: the files may have been replaced under the same names."""
    done = np.flatnonzero(arrays["status"] == DONE)
    for row in done[np.linspace(0, len(done) - 1, min(SPOT_CHECKS, len(done))).astype(int)]:
        sample = to_network(reader[int(row)], camera)
        fresh: Arrays = {
            "image": sample.image,
            "depth": metres_to_centimetres(sample.depth_m),
            "labels": sample.labels,
            "ground": sample.ground,
        }
        if not all(np.array_equal(arrays[k][row], v) for k, v in fresh.items()):
            raise DatasetError(
                f"cache {folder} no longer matches its source at {reader.keys[int(row)]}: the data "
                "set changed, or the file is damaged; delete the folder to build it again"
            )


def _report_skipped(folder: Path, keys: tuple[str, ...], status: npt.NDArray[Any]) -> None:
    skipped = [keys[i] for i in np.flatnonzero(status == SKIPPED)]
    if not skipped:
        return
    text, path = "\n".join(skipped) + "\n", folder / "skipped.txt"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_text(path, text)
    message = f"{len(skipped)} of {len(keys)} frames cannot be read (first: {skipped[0]})"
    if len(skipped) > MAX_SKIPPED * len(keys) and len(skipped) > 1:
        raise DatasetError(
            f"{message}; is the archive fully extracted? `python -m training.data.check` says what "
            f"is wrong with each. After repairing it delete {folder}"
        )
    tqdm.write(f"warning: {message}; training goes on without them, see {folder}/skipped.txt")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process builds, the others wait. A complete cache may lie where nobody may write."""
    try:
        stream = (folder / ".lock").open("w")
    except OSError as e:
        if not (folder / "cache.json").exists():
            raise refusal(folder, e) from e
        yield
        return
    with stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
