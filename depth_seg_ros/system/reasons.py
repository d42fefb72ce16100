"""What an error of the system, of memory or of a worker means to the person at the keyboard."""

from __future__ import annotations

import errno
from concurrent.futures.process import BrokenProcessPool

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_TOO_MANY = (errno.EMFILE, errno.ENFILE)


def no_room(error: BaseException | None) -> bool:
    """Whether the system refused to write: full disk, quota, limit on file sizes."""
    return isinstance(error, OSError) and error.errno in _FULL


def too_many_files(error: BaseException | None) -> bool:
    """Whether the process, or the machine, is out of file descriptors."""
    return isinstance(error, OSError) and error.errno in _TOO_MANY


def advice(error: OSError) -> str:
    """What to do about it; empty where the system's own words say all there is."""
    if no_room(error):
        return "free some space or choose another folder"
    if error.errno in _FORBIDDEN:
        return "choose a place you may use, or change its permissions"
    if too_many_files(error):
        return "raise the limit (`ulimit -n 4096`) or use fewer workers"
    if error.errno == errno.ENAMETOOLONG:
        return "choose a shorter name"
    if error.errno in (errno.ENOMEM, errno.EAGAIN):
        return "the machine is out of memory or processes; use fewer workers or threads"
    return ""


def system_reason(error: OSError) -> str:
    """The system's words, the file it is about, and what to do, in one line."""
    what = error.strerror or str(error) or type(error).__name__
    about = f": {error.filename}" if error.filename is not None else ""
    todo = advice(error)
    return f"{what}{about}" + (f"; {todo}" if todo else "")


def out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, whichever library noticed (NumPy, OpenCV and torch each say it in
    their own way)."""
    if isinstance(error, MemoryError):
        return True
    text = str(error).lower()
    words = ("out of memory", "not enough memory", "insufficient memory", "bad_alloc")
    return not isinstance(error, OSError) and any(w in text for w in words)


def expected(error: BaseException) -> str | None:
    """One line for errors that come from the machine and not from our code; None for others."""
    if isinstance(error, OSError):
        return system_reason(error)
    if out_of_memory(error):
        told = " ".join(str(error).split())
        return (
            f"out of memory{f' ({told})' if told else ''}; use smaller images, fewer workers or "
            "threads, or a machine with more"
        )
    if isinstance(error, BrokenProcessPool):
        return "a worker process was killed, most likely for lack of memory; use fewer workers"
    return None
