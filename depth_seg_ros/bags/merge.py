"""Several mcap bags that follow each other -> one bag folder with several files."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from depth_seg_ros.system.atomic import write_text

_ROOT = "rosbag2_bagfile_information"


def join_bags(folders: Sequence[Path], joined: Path) -> None:
    """Make the folder ``joined`` of bag folders ``X`` holding ``X.mcap`` and ``metadata.yaml``.

    The files are hard links: the parts stay whole until somebody removes them.
    """
    shutil.rmtree(joined, ignore_errors=True)
    joined.mkdir()
    parts = [yaml.safe_load((f / "metadata.yaml").read_text("utf-8"))[_ROOT] for f in folders]
    for folder in folders:
        name = f"{folder.name}.mcap"
        (joined / name).hardlink_to(folder / name)
    text = yaml.safe_dump({_ROOT: merged_metadata(parts)}, sort_keys=False)
    write_text(joined / "metadata.yaml", text)


def merged_metadata(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """rosbag2 metadata (any version with ``files``) of bags that follow each other."""
    files = [file for part in parts for file in part["files"]]
    starts = [f["starting_time"]["nanoseconds_since_epoch"] for f in files]
    ends = [s + f["duration"]["nanoseconds"] for s, f in zip(starts, files, strict=True)]
    topics: dict[str, dict[str, Any]] = {}
    for part in parts:
        for topic in part["topics_with_message_count"]:
            name = topic["topic_metadata"]["name"]
            before = topics[name]["message_count"] if name in topics else 0
            topics[name] = {**topic, "message_count": topic["message_count"] + before}
    return {
        **parts[0],
        "relative_file_paths": [f["path"] for f in files],
        "starting_time": {"nanoseconds_since_epoch": min(starts)},
        "duration": {"nanoseconds": max(ends) - min(starts)},
        "message_count": sum(f["message_count"] for f in files),
        "topics_with_message_count": list(topics.values()),
        "files": files,
    }
