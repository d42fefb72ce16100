"""The code blocks of the documentation: found, told apart by their tags, and run at toy size.

A block of ``bash`` or ``python`` follows a line ``<!-- ci: run -->`` or ``<!-- ci: no, WHY -->``.
The blocks of one page run one after the other in one folder, as a reader would type them; a
``python`` block is a file, whose name the tag gives: ``<!-- ci: run as NAME.py -->``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "training" / "README.md",
    ROOT / "depth_seg_ros" / "weights" / "README.md",
]

_BLOCK = re.compile(
    r"(?:^<!-- ci: (?P<tag>[^\n]*?) -->\n)?^```(?P<language>bash|python)\n(?P<text>.*?)^```",
    re.MULTILINE | re.DOTALL,
)

TOY = (
    (r"--scenes \d+", "--scenes 1"),
    (r"--test-scenes \d+", "--test-scenes 1"),
    (r"--frames \d+", "--frames 2"),
    (r"--workers \d+", "--workers 1"),
    (r"--seconds \d+", "--seconds 0.3"),
    (r"--minutes \d+", "--minutes 0.05"),
    (r"(virtual_world (?:dataset|preview|drive) )", r"\1--scale 0.3 "),
    (
        r"((?:depth-seg |training\.)make_your_own )",
        r"\1--scale 0.3 --scenes 1 --test-scenes 1 --frames 2 {small} ",
    ),
    (r"((?:depth-seg |training\.)train [^\n\\]*)", r"\1 {small} "),
)  # fmt: skip
"""What makes a command of a page quick; everything else of it stays as it is written."""

SMALL = " ".join(
    f"--set {setting}"
    for setting in (
        "optim.steps=2", "optim.batch=2", "data.limit_validation=2", "data.workers=0",
        "loop.validate_every=2", "loop.tensorboard=false", "loop.threads=1",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Block:
    """tag: what follows ``ci:``, or "" where a block has none."""

    tag: str
    language: str
    text: str

    @property
    def runs(self) -> bool:
        return self.tag == "run" or self.tag.startswith("run as ")

    @property
    def file(self) -> str:
        return self.tag.removeprefix("run as ")


def blocks_of(page: Path) -> list[Block]:
    """Every block of code of a page, in order."""
    found = _BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [Block(m["tag"] or "", m["language"], m["text"]) for m in found]


def at_toy_size(script: str) -> str:
    """The same commands, small; installing is left out, since that has been done."""
    for pattern, small in TOY:
        script = re.sub(pattern, small.replace("{small}", SMALL), script)
    return re.sub(r"^(sudo |pip |git clone |cd depth).*$", "true", script, flags=re.MULTILINE)


def extras_named(script: str) -> set[str]:
    """Names inside ``'.[...]'``."""
    return {e for m in re.finditer(r"\.\[([a-z,]+)\]", script) for e in m[1].split(",")}
