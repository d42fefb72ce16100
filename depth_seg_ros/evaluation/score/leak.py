"""Which frames of KITTI a network trained on Virtual KITTI may have seen the twin of.

Virtual KITTI's worlds are clones of five raw drives (Gaidon et al. 2016). Two of them, 09_26_0009
and 10_03_0047, are test drives of the Eigen split, and 0047 is in val_selection_cropped.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

CLONED_DRIVES = {
    "2011_09_26_drive_0009": "0001",
    "2011_09_26_drive_0011": "0002",
    "2011_09_26_drive_0018": "0006",
    "2011_09_29_drive_0004": "0018",
    "2011_10_03_drive_0047": "0020",
}
"""Drive -> Virtual KITTI world."""

_DRIVE = re.compile(r"20\d\d_\d\d_\d\d_drive_\d{4}")


def drive_of(text: str) -> str | None:
    """The KITTI drive named in a key or a path."""
    found = _DRIVE.search(text)
    return found.group() if found else None


def drive_of_folder(folder: Path) -> str:
    """The KITTI drive of a folder: by the name it was given, else by what that links to; empty
    where neither names one."""
    names = (os.path.abspath(folder), str(folder.resolve()))
    return next((d for d in map(drive_of, names) if d), "")


def is_cloned(text: str) -> bool:
    """Whether the frame of this key has a twin in Virtual KITTI."""
    drive = drive_of(text)
    return drive is not None and drive in CLONED_DRIVES


def leak_note(keys: list[str]) -> str | None:
    """What to say about the frames of these keys; None where no KITTI drive is named."""
    drives = {d for d in map(drive_of, keys) if d}
    if not drives:
        return None
    cloned = sorted(drives & CLONED_DRIVES.keys())
    frames = sum(map(is_cloned, keys))
    if not cloned:
        return "No frame is from a drive that Virtual KITTI clones."
    return (
        f"{frames} of {len(keys)} frames are from drives that Virtual KITTI clones "
        f"({', '.join(cloned)}): a network trained on Virtual KITTI has seen their twins. "
        "The table gives the scores with and without them."
    )
