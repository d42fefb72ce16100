"""One thing that was looked at, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

OK, HINT, BROKEN = "ok", "hint", "broken"
"""Verdicts: as it should be; works, and could be better; does not work."""


@dataclass(frozen=True)
class Finding:
    """``name`` of ``section`` is ``value``.

    cure: what to do about it, one command or one step; only hints and broken things have one.
    blocks: the main job (a shipped model run on an image) cannot be done.
    """

    section: str
    name: str
    value: str
    verdict: str = OK
    cure: str = ""
    blocks: bool = False


def healthy(findings: Sequence[Finding]) -> bool:
    """Whether the main job can run."""
    return not any(f.blocks for f in findings)


def to_dict(findings: Sequence[Finding]) -> dict[str, Any]:
    """For JSON. ``format`` grows when a key changes its meaning."""
    return {"format": 1, "healthy": healthy(findings), "findings": [asdict(f) for f in findings]}
