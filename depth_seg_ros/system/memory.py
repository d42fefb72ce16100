"""Keeps freed memory in the process: images come and go thirty times a second.

glibc hands every freed megabyte back to the kernel and asks for it again with the next image; the
page faults this costs are 2 to 3 ms a frame of 1242 x 375 (measured on a 2-core AMD EPYC (Zen 3)
VM), more than sending it. Other C libraries do as they please.
"""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
TRIM_THRESHOLD = 256 << 20
"""Bytes of free memory above which some goes back to the kernel, unless asked otherwise."""
KEEP_ALL = 2**31 - 1
"""A trim threshold that no process reaches: the largest that glibc takes."""
MMAP_THRESHOLD = 32 << 20
"""Bytes from which an allocation is a mapping of its own; the largest that glibc takes."""


def keep_freed_memory(trim_threshold: int = TRIM_THRESHOLD) -> bool:
    """Set it for this process; False where there is no such setting."""
    if not sys.platform.startswith("linux"):
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return False
    settings = ((_M_TRIM_THRESHOLD, trim_threshold), (_M_MMAP_THRESHOLD, MMAP_THRESHOLD))
    return all(library.mallopt(name, value) == 1 for name, value in settings)
