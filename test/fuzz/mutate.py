"""Seeded damage: what disks, radios, editors and hostile minds do to bytes and to texts."""

from __future__ import annotations

import random

_NUMBERS = [0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1, 2**63]
_WORDS = [
    "nan", "-nan", "inf", "-inf", ".nan", ".inf", "null", "~", "true", "-1", "0", "1e308", "1e-308",
    "1e400", "5e-324", "9" * 400, "0x10", "1_000", "[]", "{}", "[[[[", "'", '"', "\\", "../..", "/",
    "\0", "\n", "\t", "é", "\u2028", "&a", "*a", "!!python/object:os.system", "%", "1,2", "1.5",
]  # fmt: skip


def damaged_bytes(data: bytes, rng: random.Random) -> bytes:
    """One to four changes."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        rng.choice(_BYTES)(out, rng)
    return bytes(out)


def damaged_text(text: str, rng: random.Random) -> str:
    """The same for numbers and words of a text."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(text) + 1)
        end = min(len(text), at + rng.choice((0, 1, 3, 10)))
        text = text[:at] + rng.choice((*_WORDS, "", text[at:end] * 2)) + text[end:]
    return text


def _flip(data: bytearray, rng: random.Random) -> None:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _cut(data: bytearray, rng: random.Random) -> None:
    del data[rng.randrange(len(data) + 1) :]


def _number(data: bytearray, rng: random.Random) -> None:
    size = rng.choice((1, 2, 4, 8))
    if len(data) >= size:
        at = rng.randrange(len(data) - size + 1)
        value = rng.choice(_NUMBERS) % (1 << 8 * size)
        data[at : at + size] = value.to_bytes(size, rng.choice(("little", "big")))


def _zero(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data) + 1)
    length = min(len(data) - at, rng.choice((4, 64, 512)))
    data[at : at + length] = bytes(length)


def _noise(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data) + 1)
    data[at : at + rng.choice((0, 8))] = rng.randbytes(rng.choice((1, 8, 64)))


def _repeat(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data) + 1)
    data[at:at] = data[at : at + rng.choice((1, 16, 256))]


_BYTES = (_flip, _flip, _cut, _number, _number, _zero, _noise, _repeat)
