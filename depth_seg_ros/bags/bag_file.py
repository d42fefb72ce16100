"""Random access to the messages of a rosbag2 bag (mcap or sqlite3), with errors a user can act on.

Knows topics, stamps and message objects; nothing of depth, frames or scores.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import Reader

from depth_seg_ros.bags.whole import check_whole
from depth_seg_ros.errors import LiveError, ReaderError
from depth_seg_ros.messages.cdr import peek_stamp_ns
from depth_seg_ros.messages.typestore import typestore
from depth_seg_ros.system.reasons import system_reason

_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True)
class Entry:
    """Where one message is: its log time, which of the messages of that time it is, its stamp."""

    log_ns: int
    ordinal: int
    stamp_ns: int


class BagFile:
    """An open bag. Each thread that reads gets its own file handle; use as a context manager."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.unchecked = check_whole(self.path)
        """Why damage that still decodes would go unnoticed; empty where checksums were held."""
        self._readers: dict[int, AnyReader] = {}
        self.topics: dict[str, str] = {}
        """Message type by topic."""
        self.counts: dict[str, int] = {}
        """Number of messages by topic."""
        self.facts: dict[str, str] = {}
        """What its writer stored with it (rosbag2's custom data)."""
        for storage in self._reader().readers:
            if isinstance(storage, Reader):
                self.facts.update(storage.storage.metadata.custom or {})
        for connection in self._reader().connections:
            if not isinstance(connection.msgtype, str) or not isinstance(connection.topic, str):
                raise ReaderError(
                    f"{self.path} has a topic {connection.topic!r} of type {connection.msgtype!r}: "
                    "its table of topics is damaged"
                )
            self.topics[connection.topic] = connection.msgtype
            self.counts[connection.topic] = (
                self.counts.get(connection.topic, 0) + connection.msgcount
            )

    def of_type(self, *message_types: str) -> list[str]:
        """Topics of these types, sorted."""
        return sorted(t for t, kind in self.topics.items() if kind in message_types)

    def index(self, topic: str) -> list[Entry]:
        """Every message of a topic whose type begins with a header, in log order."""
        seen: Counter[int] = Counter()
        entries = []
        for log_ns, data in self._raw(topic):
            entries.append(Entry(log_ns, seen[log_ns], self._stamp_ns(topic, data)))
            seen[log_ns] += 1
        if not entries and self.counts.get(topic):
            raise ReaderError(
                f"{self.path} counts {self.counts[topic]} messages of {topic}, but none can be "
                "found: the file lacks its index; `mcap recover IN -o OUT` builds one"
            )
        return entries

    def read(self, topic: str, entry: Entry) -> Any:
        """The message of an entry."""
        # rosbags leaves out a chunk that ends exactly at `start`: begin one nanosecond earlier, or
        # at the beginning for a simulated clock that starts at zero.
        start = entry.log_ns - 1 if entry.log_ns > 0 else None
        found = (
            data
            for log_ns, data in self._raw(topic, start, entry.log_ns + 1)
            if log_ns == entry.log_ns
        )
        for ordinal, data in enumerate(found):
            if ordinal == entry.ordinal:
                return self._deserialize(topic, data)
        raise ReaderError(f"{self.path}: a message of {topic} has vanished; was the bag rewritten?")

    def messages(self, topic: str) -> Iterator[Any]:
        """All messages of a topic, in log order."""
        for _, data in self._raw(topic):
            yield self._deserialize(topic, data)

    def _raw(
        self, topic: str, start: int | None = None, stop: int | None = None
    ) -> Iterator[tuple[int, bytes]]:
        reader = self._reader()
        connections = [c for c in reader.connections if c.topic == topic]
        if not connections:
            raise ReaderError(
                f"{self.path} has no topic {topic}; it has {', '.join(sorted(self.topics))}"
            )
        with _explained(self.path):
            for _, log_ns, data in reader.messages(connections, start, stop):
                yield log_ns, _plain(data)

    def _stamp_ns(self, topic: str, data: bytes) -> int:
        try:
            return peek_stamp_ns(data)
        except LiveError as e:
            raise ReaderError(f"{self.path}: a message of {topic} is damaged ({e})") from e

    def _deserialize(self, topic: str, data: bytes) -> Any:
        with _explained(self.path, f"a message of {topic} is damaged"):
            return self._reader().deserialize(data, self.topics[topic])

    def _reader(self) -> AnyReader:
        thread = threading.get_ident()
        if thread not in self._readers:
            with _explained(self.path):
                reader = AnyReader([self.path], default_typestore=typestore())
                reader.open()
            self._readers[thread] = reader
        return self._readers[thread]

    def known_type(self, topic: str) -> str:
        """The topic's message type; ReaderError where there is no such topic."""
        if topic not in self.topics:
            known = ", ".join(f"{t} ({k})" for t, k in sorted(self.topics.items()))
            raise ReaderError(f"{self.path} has no topic {topic}; it has {known or 'none'}")
        return self.topics[topic]

    def expect(self, topic: str, *message_types: str) -> None:
        """ReaderError where the topic is missing or of another type than these."""
        if self.known_type(topic) not in message_types:
            raise ReaderError(
                f"{self.path}: {topic} is a {self.topics[topic]}, not a "
                f"{' or '.join(message_types)}"
            )

    def close(self) -> None:
        """Close this thread's handle; those of other threads go with the object."""
        reader = self._readers.pop(threading.get_ident(), None)
        if reader is not None:
            reader.close()
        self._readers.clear()

    def __enter__(self) -> BagFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def _explained(path: Path, what: str = "the bag is damaged or not a bag") -> Iterator[None]:
    """Whatever a parser trips over in a damaged file becomes one error that names the file."""
    try:
        yield
    except (ReaderError, GeneratorExit, MemoryError):
        raise
    except OSError as e:
        if e.errno is None:  # a library's own, about the content
            raise ReaderError(f"{path}: {what} ({e})") from e
        raise ReaderError(f"{path} cannot be read ({system_reason(e)})") from e
    except Exception as e:
        reason = str(e) or type(e).__name__
        raise ReaderError(f"{path}: {what} ({reason})") from e


def _plain(data: bytes) -> bytes:
    """A message as it was before rosbag2 compressed it (``--compression-mode message``): only the
    bag's metadata.yaml tells, which a single file has lost. CDR never begins with zstd's mark."""
    if data[:4] != _ZSTD_MAGIC:
        return data
    import zstandard

    return zstandard.ZstdDecompressor().decompressobj().decompress(data)
