import threading
from collections.abc import Iterator

import pytest

from depth_seg_ros.evaluation.pipeline import Prefetch, Sink


def test_items_come_in_order_from_another_thread() -> None:
    threads: set[int] = set()

    def produce() -> Iterator[int]:
        for i in range(20):
            threads.add(threading.get_ident())
            yield i

    with Prefetch(produce(), depth=2) as items:
        assert list(items) == list(range(20))
    assert threads and threading.get_ident() not in threads


def test_an_error_of_the_producer_arrives_after_what_came_before() -> None:
    def produce() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    got = []
    with pytest.raises(ValueError, match="broken"), Prefetch(produce()) as items:
        for item in items:
            got.append(item)
    assert got == [1]


def test_leaving_early_stops_the_producer() -> None:
    produced = []

    def produce() -> Iterator[int]:
        for i in range(10_000):
            produced.append(i)
            yield i

    with Prefetch(produce(), depth=2) as items:
        next(items)
    assert len(produced) < 100


def test_work_is_done_in_order_elsewhere() -> None:
    done: list[tuple[int, int]] = []
    with Sink(depth=2) as sink:
        for i in range(10):
            sink.put(lambda i=i: done.append((i, threading.get_ident())))
    assert [i for i, _ in done] == list(range(10))
    assert {t for _, t in done} != {threading.get_ident()}


def test_an_error_of_the_worker_is_raised_here() -> None:
    def fail() -> None:
        raise ValueError("disk full")

    with pytest.raises(ValueError, match="disk full"), Sink() as sink:
        sink.put(fail)
