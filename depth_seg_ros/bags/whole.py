"""Whether a bag is there, whole and undamaged, before anything in it is believed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from depth_seg_ros.bags.mcap_checksums import MAGIC, check
from depth_seg_ros.errors import ReaderError

NO_CHECKSUMS = "damage that still decodes was not checked for: "


def check_whole(path: Path) -> str:
    """ReaderError where the bag is missing, unfinished, cut off or damaged as far as its format
    lets anybody see; else why damage may still go unnoticed, empty where checksums were held."""
    if not path.exists():
        raise ReaderError(f"no bag {path}; give a rosbag2 folder or an .mcap or .db3 file")
    if path.is_dir():
        if not (path / "metadata.yaml").is_file():
            raise ReaderError(
                f"{path} has no metadata.yaml: not a rosbag2 folder, or its recording was "
                "interrupted (`ros2 bag reindex` mends that)"
            )
        files = sorted(p for p in path.iterdir() if p.suffix in (".mcap", ".db3"))
    else:
        if path.suffix not in (".mcap", ".db3"):
            raise ReaderError(f"{path} is no rosbag2 bag (a folder, .mcap or .db3)")
        files = [path]
    doubts = {_check_mcap(f) if f.suffix == ".mcap" else _check_sqlite(f) for f in files}
    if not files:
        doubts.add("its files are compressed")
    told = sorted(doubts - {""})
    return NO_CHECKSUMS + "; ".join(told) if told else ""


def _check_mcap(path: Path) -> str:
    _check_file(path)
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(0)
        first = stream.read(len(MAGIC))
        stream.seek(max(0, size - len(MAGIC)))
        last = stream.read()
    if first != MAGIC:
        raise ReaderError(f"{path} is not an mcap file ({size} bytes)")
    if last != MAGIC or size < 64:
        raise ReaderError(
            f"{path} is cut off ({size} bytes, no end mark): the recording was interrupted or the "
            "copy is incomplete; copy it again, or `mcap recover` what is there"
        )
    return "" if check(path) else "the writer of this mcap left its checksums out"


def _check_sqlite(path: Path) -> str:
    _check_file(path)
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        answers = [row[0] for row in connection.execute("PRAGMA quick_check(1)")]
    except sqlite3.Error as e:
        raise ReaderError(f"{path}: the bag is damaged or no sqlite3 bag ({e})") from e
    finally:
        connection.close()
    if answers != ["ok"]:
        told = " ".join(str(answers[0]).split()) if answers else "no answer"
        raise ReaderError(f"{path}: the bag is damaged ({told}); copy it again")
    return "sqlite3 bags have no checksums"


def _check_file(path: Path) -> None:
    """A pipe would be waited for without end."""
    if not path.is_file():
        raise ReaderError(f"{path} is not a file (a folder, pipe or device)")
