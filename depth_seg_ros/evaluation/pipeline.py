"""Reading before and writing after inference, each in a thread of its own."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Generic, TypeVar

from depth_seg_ros.errors import DepthSegError
from depth_seg_ros.readers.base import Reader, Sample, Unpaired

T = TypeVar("T")


class _End:
    """The last thing in the queue, with whatever stopped the producer."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class Prefetch(Generic[T]):
    """Iterates over ``items`` in another thread, ``depth`` ahead; use as a context manager.

    An exception there is raised here, where the item would have come.
    """

    def __init__(self, items: Iterable[T], depth: int = 4) -> None:
        self._items = items
        self._queue: queue.Queue[T | _End] = queue.Queue(maxsize=depth)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._produce, name="prefetch", daemon=True)

    def __enter__(self) -> Iterator[T]:
        self._thread.start()
        return self._consume()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        while self._thread.is_alive():
            # The producer may be waiting for room in the queue.
            try:
                self._queue.get(timeout=0.05)
            except queue.Empty:
                continue
        self._thread.join()

    def _produce(self) -> None:
        error: BaseException | None = None
        try:
            for item in self._items:
                self._queue.put(item)
                if self._stop.is_set():
                    return
        except BaseException as e:
            error = e
        finally:
            self._queue.put(_End(error))

    def _consume(self) -> Iterator[T]:
        while True:
            item = self._queue.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item


def samples(reader: Reader) -> Iterator[Sample | Unpaired]:
    """Every sample of a reader; one that cannot be read comes as an Unpaired with the reason."""
    for index, key in enumerate(reader.keys):
        try:
            yield reader.load(index)
        except DepthSegError as e:
            yield Unpaired(key, str(e))


def groups(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of ``size`` items, the last one shorter."""
    source = iter(items)
    while group := list(islice(source, size)):
        yield group


class Sink:
    """Does work in another thread, in order, at most ``depth`` pieces behind; a context manager.

    An exception there is raised here, at the next ``put`` or at the end.
    """

    def __init__(self, depth: int = 4) -> None:
        self._depth = depth
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sink")
        self._pending: deque[Future[object]] = deque()

    def put(self, work: Callable[[], object]) -> None:
        """Queue a piece of work, after waiting for room."""
        while len(self._pending) >= self._depth:
            self._pending.popleft().result()
        self._pending.append(self._pool.submit(work))

    def __enter__(self) -> Sink:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=error is not None)
        if error is None:
            while self._pending:
                self._pending.popleft().result()
