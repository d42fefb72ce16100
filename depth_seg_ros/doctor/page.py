"""All findings, and the one page that shows them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import groupby

from depth_seg_ros.doctor import backends, machine, software, storage
from depth_seg_ros.doctor.findings import BROKEN, HINT, OK, Finding, healthy

_MARKS = {OK: " ", HINT: "+", BROKEN: "!"}
_WIDTH, _NAME = 100, 26


def examine() -> list[Finding]:
    """Look at everything; takes a second or two, and changes nothing."""
    return [
        *machine.findings(), *software.findings(), *backends.findings(), *storage.findings()
    ]  # fmt: skip


def render(findings: Sequence[Finding]) -> str:
    """Plain text: sections, ``!`` before what is broken, ``+`` before what could be better."""
    lines = []
    for section, members in groupby(findings, key=lambda f: f.section):
        lines.append(section)
        for finding in members:
            lines += _lines(finding)
        lines.append("")
    broken = sum(f.verdict == BROKEN for f in findings)
    hints = sum(f.verdict == HINT for f in findings)
    job = "the main job can run" if healthy(findings) else "the main job CANNOT run"
    return "\n".join([*lines, f"{job}; {broken} broken (!), {hints} hints (+)"])


def _lines(finding: Finding) -> list[str]:
    head = f"{_MARKS[finding.verdict]} {finding.name:<{_NAME}} "
    room = " " * (_NAME + 3)
    told = textwrap.wrap(finding.value, _WIDTH, initial_indent=head, subsequent_indent=room)
    cure = textwrap.wrap(finding.cure, _WIDTH, initial_indent=f"{room}-> ",
                         subsequent_indent=f"{room}   ")  # fmt: skip
    return [*told, *cure]
