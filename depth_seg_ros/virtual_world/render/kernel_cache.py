"""Numba's disk cache of compiled kernels, made to heal itself.

Numba believes what it finds: a file that is cut off, of moved modules, or of a disk with a bad
block raises the same error in every process for ever, and machine code with a flipped bit would be
run. Here every file carries its SHA-256; what does not fit is forgotten and compiled anew. A cache
that cannot be written (full disk, read-only folder) costs time, not the work.
"""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from numba.core.caching import FunctionCache, IndexDataCacheFile

from depth_seg_ros.system.reasons import system_reason

_log = logging.getLogger(__name__)
_told: set[str] = set()


class _DamagedError(Exception):
    """The bytes of a cache file are not those that were written."""


class _CheckedFile(IndexDataCacheFile):  # type: ignore[misc]
    """Data files begin with the digest of what follows."""

    def _save_data(self, name: str, data: Any) -> None:
        content = self._dump(data)
        with self._open_for_write(self._data_path(name)) as stream:
            stream.write(hashlib.sha256(content).digest() + content)

    def _load_data(self, name: str) -> Any:
        with open(self._data_path(name), "rb") as stream:
            stored, content = stream.read(32), stream.read()
        if hashlib.sha256(content).digest() != stored:
            raise _DamagedError("its checksum fails")
        return _plain(content)


class HealingCache(FunctionCache):  # type: ignore[misc]
    """A cache of one kernel that never stands in its way."""

    def __init__(self, function: Any) -> None:
        super().__init__(function)
        self._cache_file: Any = _CheckedFile(
            cache_path=self._cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=self._impl.locator.get_source_stamp(),
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception as e:  # whatever unpickling strange bytes raises, ImportError too
            reason = f"is damaged or of other code ({type(e).__name__}: {e})"
            _tell(str(self._cache_path), f"kernel cache {self._cache_path} {reason}; made anew")
            try:
                self.flush()
            except OSError as again:
                self._give_up(again)
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except OSError as e:
            self._give_up(e)

    def _give_up(self, error: OSError) -> None:
        self.disable()
        _tell(
            str(self._cache_path),
            f"kernel cache {self._cache_path} cannot be written ({system_reason(error)}): kernels "
            "are compiled in every process; NUMBA_CACHE_DIR names another folder",
        )


def _plain(content: bytes) -> Any:
    """Numba's own format; its digest was checked."""
    from numba.core.serialize import pickle

    return pickle.loads(content)


def _tell(place: str, text: str) -> None:
    """Once a folder: there are dozens of kernels."""
    if place not in _told:
        _told.add(place)
        _log.warning(text)
