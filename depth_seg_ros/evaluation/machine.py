"""The machine in words, for every measured number."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def machine_name() -> str:
    """Cores available to this process, processor model, system; no host name."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores}-core {_processor()}, {platform.system()} {platform.machine()}"


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() in ("model name", "Model"):
                return value.strip()
    except OSError:  # not Linux
        pass
    return platform.processor() or platform.machine()
