"""Files in any place that fsspec knows, by URL, written whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import fsspec

from depth_seg_ros.errors import FleetError


def is_url(text: str) -> bool:
    """``s3://bucket/world`` is one, ``data/world`` is not."""
    return "://" in text


@dataclass(frozen=True)
class Store:
    """A folder by URL; picklable, so that workers open it themselves.

    Object stores put a file whole or not at all, and so does fsspec's memory. FleetError where the
    place cannot be reached, or its protocol's library is missing.
    """

    url: str

    def _open(self) -> tuple[Any, str]:
        try:
            fs, root = fsspec.core.url_to_fs(self.url)
        except (ImportError, ValueError) as e:
            raise FleetError(f"{self.url}: {e}") from e
        return fs, root.rstrip("/")

    def write(self, name: str, data: bytes) -> None:
        fs, root = self._open()
        path = f"{root}/{name}"
        try:
            fs.makedirs(path.rpartition("/")[0], exist_ok=True)
            fs.pipe_file(path, data)
        except OSError as e:
            raise FleetError(f"cannot write {self.url}/{name} ({e})") from e

    def read_text(self, name: str) -> str:
        fs, root = self._open()
        try:
            return bytes(fs.cat_file(f"{root}/{name}")).decode("utf-8")
        except OSError as e:
            raise FleetError(f"cannot read {self.url}/{name} ({e})") from e

    def exists(self, name: str) -> bool:
        fs, root = self._open()
        return bool(fs.exists(f"{root}/{name}"))

    def names(self, folder: str) -> list[str]:
        """Names in a folder, sorted; none where it is not there."""
        fs, root = self._open()
        try:
            found = fs.ls(f"{root}/{folder}".rstrip("/"), detail=False)
        except FileNotFoundError:
            return []
        return sorted(str(path).rstrip("/").rpartition("/")[2] for path in found)
