"""Writing rosbag2 bags: payloads in, an mcap folder (or one ``.mcap`` file) out, whole or not at
all."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from rosbags.interfaces import (
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)
from rosbags.rosbag2 import StoragePlugin, Writer

from depth_seg_ros.bags.mcap_checksums import seal
from depth_seg_ros.errors import EvaluationError
from depth_seg_ros.messages.cdr import serialize, serialize_transforms
from depth_seg_ros.messages.payloads import LabelInfoPayload, Payload
from depth_seg_ros.messages.transforms import Transform
from depth_seg_ros.messages.type_names import TF_MESSAGE
from depth_seg_ros.messages.typestore import typestore
from depth_seg_ros.system.atomic import (
    check_free,
    partial_path,
    publish,
    refusal,
    remove,
)
from depth_seg_ros.system.reasons import no_room

METADATA_VERSION: Final = 8
"""The newest rosbag2 metadata that Humble reads too (9 changed how QoS is stored)."""

_EMPTY_BYTES = 256
"""An mcap file without a message is not larger."""

_FOREVER = QosTime(9223372036, 854775807)


class BagWriter:
    """A rosbag2 recording under construction; use as a context manager.

    path: a folder (rosbag2's usual form, with ``metadata.yaml``), or a single file ``*.mcap``.
    The bag is written beside its target under a hidden name and renamed at the end; an exception
    removes it. Topics are made by their first message. The log time is the header's stamp.
    precious: it cannot be made again (a live recording): what an interrupted one left, and what was
    recorded when an exception came, is kept under a name with a number.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        overwrite: bool = False,
        facts: Mapping[str, str] | None = None,
        precious: bool = False,
    ) -> None:
        self.path = Path(path)
        check_free(self.path, overwrite)
        if self.path.is_dir() and not (self.path / "metadata.yaml").is_file():
            raise EvaluationError(f"{self.path} is a folder but no bag: not overwriting it")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # rosbags names the file inside after the folder.
        self._partial = partial_path(self.path)
        self._folder = self._partial / self.path.stem
        self._precious = precious
        self.kept: list[Path] = []
        """Files of interrupted recordings that were put beside the target."""
        self._let_go()
        self._writer = Writer(
            self._folder, version=METADATA_VERSION, storage_plugin=StoragePlugin.MCAP
        )
        for key, value in (facts or {}).items():
            self._writer.set_custom_data(key, value)
        self._connections: dict[str, Any] = {}

    def write(self, topic: str, payload: Payload) -> None:
        """Append one message."""
        name, data = serialize(payload)
        latched = isinstance(payload, LabelInfoPayload)
        self.write_raw(topic, name, payload.header.stamp_ns, data, latched)

    def write_static_transforms(self, transforms: list[Transform], stamp_ns: int) -> None:
        """One latched message on ``/tf_static``."""
        data = serialize_transforms(transforms)
        self.write_raw("/tf_static", TF_MESSAGE, stamp_ns, data, latched=True)

    def write_raw(
        self, topic: str, message_type: str, stamp_ns: int, data: memoryview, latched: bool = False
    ) -> None:
        """Append serialized bytes."""
        if topic not in self._connections:
            self._connections[topic] = self._writer.add_connection(
                topic,
                message_type,
                typestore=typestore(),
                offered_qos_profiles=[_qos(latched)],
            )
        self._writer.write(self._connections[topic], stamp_ns, data)

    def __enter__(self) -> BagWriter:
        self._writer.open()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            # The disk may be full: closing, which writes the index, may fail again. The first
            # error is the one to report.
            with suppress(Exception):
                self._writer.close()
            self._let_go()
            if isinstance(error, OSError) and no_room(error):
                raise refusal(self.path, error) from error
            return
        try:
            self._writer.close()
            file = self._folder / f"{self._folder.name}.mcap"
            seal(file)
            whole = file if self.path.suffix == ".mcap" else self._folder
            publish(whole, self.path)
        except OSError as e:
            raise refusal(self.path, e) from e
        finally:
            self._let_go()

    def _let_go(self) -> None:
        """Remove what is under the hidden name, or keep it."""
        if self._precious:
            for file in sorted(self._partial.rglob("*.mcap")):
                if file.stat().st_size > _EMPTY_BYTES:
                    kept = _numbered(self.path)
                    os.replace(file, kept)
                    self.kept.append(kept)
        remove(self._partial)


def _numbered(path: Path) -> Path:
    """The first free ``<name>_interrupted_<n>.mcap`` beside a bag."""
    numbers = itertools.count(1)
    names = (path.with_name(f"{path.stem}_interrupted_{n}.mcap") for n in numbers)
    return next(name for name in names if not name.exists())


def _qos(latched: bool) -> Qos:
    """Reliable; latched topics reach those who come late."""
    return Qos(
        QosHistory.KEEP_LAST,
        1 if latched else 10,
        QosReliability.RELIABLE,
        QosDurability.TRANSIENT_LOCAL if latched else QosDurability.VOLATILE,
        _FOREVER,
        _FOREVER,
        QosLiveliness.AUTOMATIC,
        _FOREVER,
        False,
    )
