"""Whether this process's receive sockets are large enough: measured on the sockets, not guessed.

An image of 1.4 MB travels as hundreds of UDP datagrams within a few milliseconds. What does not fit
into the socket's receive buffer is thrown away by the kernel, and a best-effort image with one hole
is lost as a whole, silently (with the 208 kB of a stock Linux, 42 to 99 % of such images). Linux
says per socket how large the buffer is and how many datagrams did not fit.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

from depth_seg_ros.perception import reliability

_SO_MEMINFO = 55
_MEMINFO = struct.Struct("9I")
_RCVBUF, _DROPS = 1, 8  # places in SO_MEMINFO, linux/sock_diag.h
_FDS = Path("/proc/self/fd")


@dataclass(frozen=True)
class ReceiveBuffers:
    """The UDP sockets of this process.

    smallest: bytes of the smallest receive buffer, as the user set it (the kernel keeps twice).
    dropped: datagrams the kernel has thrown away because a buffer was full.
    """

    smallest: int
    dropped: int


def measure() -> ReceiveBuffers | None:
    """Look at the sockets; None where the system cannot say (not Linux) or there are none."""
    if not sys.platform.startswith("linux"):
        return None
    found = [info for fd in os.listdir(_FDS) if (info := _meminfo(int(fd))) is not None]
    if not found:
        return None
    return ReceiveBuffers(min(i[_RCVBUF] for i in found) // 2, sum(i[_DROPS] for i in found))


def _meminfo(fd: int) -> tuple[int, ...] | None:
    """SO_MEMINFO of a UDP socket; None for anything else."""
    try:
        if not stat.S_ISSOCK(os.fstat(fd).st_mode):
            return None
        copy = socket.socket(fileno=os.dup(fd))
    except OSError:
        return None  # closed meanwhile
    with copy:
        if copy.family not in (socket.AF_INET, socket.AF_INET6) or copy.type != socket.SOCK_DGRAM:
            return None
        return _MEMINFO.unpack(copy.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size))


class BufferWatch:
    """Reports each trouble once when it begins, and again when it grows tenfold."""

    def __init__(self) -> None:
        self._told_dropped = 0
        self._told_size = False

    def problems(self, buffers: ReceiveBuffers | None, largest_message: int) -> list[str]:
        """What is newly wrong, with the cure. largest_message: [bytes] received so far."""
        if buffers is None:
            return []
        if buffers.dropped > 10 * self._told_dropped:
            self._told_dropped = buffers.dropped
            return [
                f"the kernel has thrown away {buffers.dropped} datagrams because the receive "
                f"buffer ({_kib(buffers.smallest)}) was full: images get lost. {cure()}"
            ]
        if largest_message > buffers.smallest and not self._told_size:
            self._told_size = True
            return [
                f"messages of {_kib(largest_message)} come through a receive buffer of "
                f"{_kib(buffers.smallest)}: best-effort images will get lost. {cure()}"
            ]
        return []


def cure() -> str:
    """What to do, in one line."""
    return f"Cure: {reliability.cure('', reliable=False)}, and start again"


def _kib(size: int) -> str:
    return f"{size // 1024} KiB"
