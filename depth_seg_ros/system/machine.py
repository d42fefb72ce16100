"""Naming the machine a figure was taken on: a number without it means nothing."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def cpu_name() -> str:
    """The processor's own name, as far as the system tells."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass  # not Linux: the portable answer below has to do
    return platform.processor() or platform.machine()


def usable_cores() -> int:
    """Cores this process may run on (fewer than the machine has, in a container)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def machine_name() -> str:
    """One line for reports: processor, cores, system, Python."""
    cores = usable_cores()
    return (
        f"{cpu_name()}, {cores} core{'s' if cores > 1 else ''}, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )
