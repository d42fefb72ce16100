import socket
import sys

import pytest

from depth_seg_ros.dds.receive_buffer import BufferWatch, ReceiveBuffers, measure

LARGE = ReceiveBuffers(smallest=4 << 20, dropped=0)
SMALL = ReceiveBuffers(smallest=208 << 10, dropped=0)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux tells per socket")
def test_real_drops_of_a_real_socket_are_seen():
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        receiver.bind(("127.0.0.1", 0))
        before = measure()
        for _ in range(200):
            sender.sendto(bytes(1000), receiver.getsockname())
        after = measure()
    assert before is not None and after is not None
    assert after.smallest <= 8192
    assert after.dropped - before.dropped > 100


def test_measuring_leaves_no_file_open():
    import os

    before = len(os.listdir("/proc/self/fd"))
    for _ in range(10):
        measure()
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_large_buffer_is_no_problem():
    assert BufferWatch().problems(LARGE, 1_400_000) == []
    assert BufferWatch().problems(None, 1_400_000) == []


def test_too_small_a_buffer_is_told_once_with_the_cure():
    watch = BufferWatch()
    (text,) = watch.problems(SMALL, 1_400_000)
    assert "1367 KiB" in text
    assert "208 KiB" in text
    assert "net.core.rmem_max" in text
    assert watch.problems(SMALL, 1_400_000) == []


def test_drops_are_told_again_when_they_grow_tenfold():
    watch = BufferWatch()
    told = [len(watch.problems(ReceiveBuffers(4 << 20, n), 0)) for n in (0, 5, 50, 51, 60, 511)]
    assert told == [0, 1, 0, 1, 0, 1]
