"""The hardware and the system: processor, memory, GPU, clock, receive buffers."""

from __future__ import annotations

import ctypes
import platform
from pathlib import Path

from depth_seg_ros.dds import receive_buffer
from depth_seg_ros.doctor.findings import BROKEN, HINT, OK, Finding
from depth_seg_ros.engines.gpu import probe
from depth_seg_ros.system.machine import cpu_name, usable_cores

ENOUGH_MEMORY_MIB = 1024
"""Below it, loading a network (300 MiB, half as much again for a moment) beside ROS is tight."""
ENOUGH_RECEIVE_BYTES = 4 << 20
"""For best-effort images of a few megabytes; a stock Linux has 208 kB."""

_FEATURES = {
    "avx2": "AVX2", "avx512f": "AVX-512", "avx512_vnni": "VNNI", "avx_vnni": "VNNI",
    "avx512_bf16": "bf16", "amx_tile": "AMX", "amx_bf16": "AMX bf16", "amx_int8": "AMX int8",
    "asimddp": "dot product", "bf16": "bf16", "i8mm": "int8 matrix product", "sve": "SVE",
}  # fmt: skip
"""/proc/cpuinfo's flags that decide which arithmetic is fast."""

_MODES_NONE, _TIME_ERROR = 0, 5  # adjtimex: change nothing; "clock not synchronised"
_TIMEX_BYTES = 256  # struct timex is 208


def findings(cpuinfo: Path = Path("/proc/cpuinfo")) -> list[Finding]:
    """All of it."""
    return [
        Finding("machine", "system", f"{platform.system()} {platform.release()}, "
                f"{platform.machine()}"),
        Finding("machine", "processor", f"{cpu_name()}, {usable_cores()} usable cores"),
        Finding("machine", "arithmetic", ", ".join(cpu_features(cpuinfo)) or "nothing special"),
        _memory(),
        _gpu(),
        _clock(),
        _receive_buffers(Path("/proc/sys/net/core/rmem_max")),
    ]  # fmt: skip


def cpu_features(cpuinfo: Path) -> list[str]:
    """Names of the features found, each once, in the table's order."""
    if not cpuinfo.is_file():
        return []
    lines = cpuinfo.read_text(encoding="utf-8").splitlines()
    flags = next((x for x in lines if x.lower().startswith(("flags", "features"))), "").split()
    return list(dict.fromkeys(title for flag, title in _FEATURES.items() if flag in flags))


def _memory(meminfo: Path = Path("/proc/meminfo")) -> Finding:
    if not meminfo.is_file():
        return Finding("machine", "memory", "this system does not tell")
    lines = dict(x.split(":", 1) for x in meminfo.read_text(encoding="utf-8").splitlines())
    total, free = (int(lines[n].split()[0]) >> 10 for n in ("MemTotal", "MemAvailable"))
    value = f"{total} MiB, {free} MiB available"
    if free >= ENOUGH_MEMORY_MIB:
        return Finding("machine", "memory", value)
    return Finding("machine", "memory", value, HINT, "a network takes 300 MiB: close other things")


def _gpu() -> Finding:
    found = probe()
    if not found.gpus:
        broken = Path("/proc/driver/nvidia").exists() or Path("/dev/nvidia0").exists()
        cure = "the kernel driver is loaded, its library does not answer: run nvidia-smi"
        return Finding("machine", "NVIDIA GPU", f"none: {found.reason}", BROKEN if broken else OK,
                       cure if broken else "")  # fmt: skip
    told = [f"{g.name} ({g.compute_capability}, {g.memory_mib} MiB)" for g in found.gpus]
    return Finding("machine", "NVIDIA GPU", f"{'; '.join(told)}; driver {found.gpus[0].driver}")


def _clock() -> Finding:
    """Stamps of several machines are compared with each other."""
    try:
        library = ctypes.CDLL(None)
        state = library.adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (OSError, AttributeError):
        return Finding("machine", "clock", "this system does not tell whether it is synchronised")
    if state != _TIME_ERROR and state >= 0:
        return Finding("machine", "clock", "synchronised")
    return Finding(
        "machine", "clock", "not synchronised, as far as the kernel knows", HINT,
        "with several machines: run chrony or systemd-timesyncd, or stamps disagree",
    )  # fmt: skip


def _receive_buffers(limit: Path) -> Finding:
    if not limit.is_file():
        return Finding("machine", "receive buffers", "this system does not tell")
    size = int(limit.read_text(encoding="utf-8"))
    value = f"net.core.rmem_max = {size} bytes"
    if size >= ENOUGH_RECEIVE_BYTES:
        return Finding("machine", "receive buffers", value)
    return Finding("machine", "receive buffers", f"{value}: best-effort images may be lost", HINT,
                   receive_buffer.cure())  # fmt: skip
