"""The page, its JSON and the last logs in one file, without names of people, machines and places.

Convention: of a path only the last part is kept, unless it lies in a folder that every system has;
user and host names are replaced wherever they stand as a word. Read it before sending it all the
same: what a program logged is its own.
"""

from __future__ import annotations

import getpass
import json
import os
import re
import socket
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from depth_seg_ros.doctor.findings import Finding, to_dict
from depth_seg_ros.doctor.page import render
from depth_seg_ros.system.atomic import atomic_output, refusal

LOGS, LOG_BYTES = 6, 200_000
"""How many logs, newest first, and how much of the end of each."""

_PATH = re.compile(r"(?<![\w.:/])(?:~|/)[^\s'\":,;()<>\[\]]*/[^\s'\":,;()<>\[\]]*")
_COMMON = ("/usr/", "/opt/ros/", "/opt/nvidia/", "/etc/", "/proc/", "/sys/", "/dev/", "/lib/")
_NAMELESS = {"root", "user", "ubuntu", "localhost", "host"}


class Redaction:
    """Takes names out of a text."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """names: word -> what stands for it."""
        self._names = {n: r for n, r in names.items() if len(n) > 1 and n not in _NAMELESS}

    @classmethod
    def of_this_machine(cls) -> Redaction:
        """User and host, as the system and the environment tell them."""
        hosts = {socket.gethostname(), socket.getfqdn(), os.environ.get("HOSTNAME", "")}
        hosts |= {h.partition(".")[0] for h in hosts}
        users = {os.environ.get(n, "") for n in ("USER", "LOGNAME", "SUDO_USER")}
        users |= {getpass.getuser(), Path.home().name}
        return cls({**dict.fromkeys(hosts, "HOST"), **dict.fromkeys(users, "USER")})

    def __call__(self, text: str) -> str:
        text = _PATH.sub(self._path, text)
        for name, stands_for in sorted(self._names.items(), key=lambda n: -len(n[0])):
            text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", stands_for, text)
        return text

    @staticmethod
    def _path(match: re.Match[str]) -> str:
        path = match.group()
        return path if path.startswith(_COMMON) else f"…/{path.rstrip('/').rpartition('/')[2]}"


def log_files(environment: Mapping[str, str] = os.environ) -> list[Path]:
    """The newest logs that ROS keeps for this user and that say something, newest first."""
    home = environment.get("ROS_HOME") or Path.home() / ".ros"
    folder = Path(environment.get("ROS_LOG_DIR") or Path(home) / "log")
    found = [p for p in folder.rglob("*.log") if p.is_file() and not p.is_symlink()]
    told = [p for p in found if p.stat().st_size]
    return sorted(told, key=lambda p: p.stat().st_mtime, reverse=True)[:LOGS]


def pack(
    target: Path,
    findings: Sequence[Finding],
    logs: Sequence[Path],
    redact: Redaction | None = None,
) -> None:
    """Write the report as a ZIP file; OutputError where the system refuses."""
    redact = redact or Redaction.of_this_machine()
    texts = {
        "doctor.txt": render(findings),
        "doctor.json": json.dumps(to_dict(findings), indent=1, ensure_ascii=False),
        **{f"log_{i}.txt": _end_of(path) for i, path in enumerate(logs, 1)},
    }
    try:
        with (
            atomic_output(target) as partial,
            zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for name, text in texts.items():
                archive.writestr(name, redact(text))
    except OSError as e:
        raise refusal(target, e) from e


def _end_of(path: Path) -> str:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - LOG_BYTES))
        return stream.read().decode("utf-8", errors="replace")
