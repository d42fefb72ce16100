"""The checksums that the MCAP format has room for: written by us, checked in every file we read.

A chunk, the data section and the summary may each carry a CRC-32; 0 means that the writer left it
out (rosbags does; rosbag2 writes those of chunks and summary). Without them, damage that still
decodes would be scored.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from depth_seg_ros.errors import ReaderError

MAGIC = b"\x89MCAP0\r\n"
_FOOTER, _CHUNK, _DATA_END = 0x02, 0x06, 0x0F
_HEAD = struct.Struct("<BQ")  # opcode, length
_CHUNK_HEAD = struct.Struct("<QQQI")  # start, end, uncompressed size, CRC
_BLOCK = 1 << 20


@dataclass(frozen=True)
class _Record:
    opcode: int
    start: int
    """Of the content, behind opcode and length."""
    length: int


def check(path: Path) -> bool:
    """Read the whole file and hold it to its checksums; False where it has none for its messages.

    ReaderError names the part that is damaged.
    """
    with path.open("rb") as stream:
        checked = 0
        running = zlib.crc32(stream.read(len(MAGIC)))
        for record in _records(stream, path):
            before, running = running, _crc(stream, record.start - _HEAD.size, record, running)
            stream.seek(record.start)
            if record.opcode == _CHUNK:
                checked += _check_chunk(stream, record, path)
            elif record.opcode == _DATA_END:
                (stored,) = struct.unpack("<I", stream.read(4))
                checked += _agrees(stored, before, "data section", path)
            elif record.opcode == _FOOTER:
                _check_summary(stream, record, path)
    return checked > 0


def seal(path: Path) -> None:
    """Fill in the checksums that rosbags leaves at 0; the file keeps its size."""
    with path.open("r+b") as stream:
        running = zlib.crc32(stream.read(len(MAGIC)))
        for record in _records(stream, path):
            if record.opcode == _CHUNK:
                records, _, compression = _chunk(stream, record)
                if not compression:
                    _put(stream, record.start + _CHUNK_HEAD.size - 4, zlib.crc32(records))
            elif record.opcode == _DATA_END:
                _put(stream, record.start, running)
            elif record.opcode == _FOOTER:
                start, _, _ = _footer(stream, record)
                if start:
                    _put(stream, record.start + 16, _summary_crc(stream, record, start))
            running = _crc(stream, record.start - _HEAD.size, record, running)


def _records(stream: BinaryIO, path: Path) -> Iterator[_Record]:
    """Every record up to the footer."""
    size = stream.seek(0, 2)
    position = len(MAGIC)
    while position + _HEAD.size <= size:
        stream.seek(position)
        opcode, length = _HEAD.unpack(stream.read(_HEAD.size))
        start = position + _HEAD.size
        if start + length > size:
            break
        yield _Record(opcode, start, length)
        if opcode == _FOOTER:
            return
        position = start + length
    raise ReaderError(
        f"{path}: the bag is damaged (its records do not follow each other up to the end, at byte "
        f"{position} of {size}); copy it again, or `mcap recover` what is there"
    )


def _check_chunk(stream: BinaryIO, record: _Record, path: Path) -> bool:
    try:
        records, stored, compression = _chunk(stream, record)
    except struct.error as e:
        raise ReaderError(
            f"{path}: the bag is damaged (the chunk at byte {record.start} is cut short); copy it "
            "again, or `mcap recover` what is whole"
        ) from e
    if not stored:
        return False
    if compression:
        records = _decompressed(records, compression, path)
    return _agrees(stored, zlib.crc32(records), f"chunk at byte {record.start}", path)


def _chunk(stream: BinaryIO, record: _Record) -> tuple[bytes, int, str]:
    """(records as stored, CRC, compression) of a chunk."""
    stream.seek(record.start)
    content = stream.read(record.length)
    _, _, _, stored = _CHUNK_HEAD.unpack_from(content)
    (length,) = struct.unpack_from("<I", content, _CHUNK_HEAD.size)
    begin = _CHUNK_HEAD.size + 4 + length
    compression = content[begin - length : begin].decode("ascii", "replace")
    (size,) = struct.unpack_from("<Q", content, begin)
    return content[begin + 8 : begin + 8 + size], stored, compression


def _decompressed(records: bytes, compression: str, path: Path) -> bytes:
    try:
        if compression == "zstd":
            import zstandard

            return zstandard.ZstdDecompressor().decompressobj().decompress(records)
        if compression == "lz4":
            import lz4.frame

            return bytes(lz4.frame.decompress(records))
    except Exception as e:  # each library has errors of its own, some of them plain RuntimeError
        raise ReaderError(f"{path}: the bag is damaged (a chunk does not decompress: {e})") from e
    raise ReaderError(f"{path} is compressed with {compression!r}; known: zstd, lz4")


def _check_summary(stream: BinaryIO, record: _Record, path: Path) -> None:
    start, _, stored = _footer(stream, record)
    if start > record.start:
        raise ReaderError(f"{path}: the bag is damaged (its summary begins behind its end)")
    if start and stored:
        _agrees(stored, _summary_crc(stream, record, start), "summary", path)


def _footer(stream: BinaryIO, record: _Record) -> tuple[int, int, int]:
    """(start of the summary, of its offsets, CRC)."""
    stream.seek(record.start)
    start, offsets, stored = struct.unpack("<QQI", stream.read(20))
    return start, offsets, stored


def _summary_crc(stream: BinaryIO, footer: _Record, start: int) -> int:
    """From the start of the summary up to the CRC itself."""
    stream.seek(start)
    return zlib.crc32(stream.read(max(0, footer.start + 16 - start)))


def _agrees(stored: int, found: int, what: str, path: Path) -> bool:
    """Whether there is a checksum; ReaderError where it does not fit."""
    if stored and stored != found:
        raise ReaderError(
            f"{path}: the bag is damaged (the checksum of its {what} fails); copy it again, or "
            "`mcap recover` what is whole"
        )
    return stored != 0


def _crc(stream: BinaryIO, start: int, record: _Record, value: int) -> int:
    """CRC-32 going on from ``value`` over a record with its head."""
    stream.seek(start)
    left = _HEAD.size + record.length
    while left > 0:
        block = stream.read(min(_BLOCK, left))
        value = zlib.crc32(block, value)
        left -= len(block)
    return value


def _put(stream: BinaryIO, position: int, crc: int) -> None:
    stream.seek(position)
    stream.write(struct.pack("<I", crc))
    stream.flush()
