"""A minute of fuzzing, the same one every time (``make fuzz MINUTES=...``: other ones, longer)."""

from __future__ import annotations

import pytest
from engine import attempt, case
from targets import TARGETS

CASES = 300
SLOW = {"bags": 120, "experiments": 150}
KNOWN: dict[str, list[bytes]] = {
    "compressed images": [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n" + b"\0" * 8],
    "specs": [b"[" * 100_000, b'{"format": 1}', b""],
    "options": ["१२".encode(), b"1_0", b"0x10", b"-0.0", b"1e-400"],
}
"""Inputs that once did harm, or nearly."""


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_but_one_clear_line(name: str) -> None:
    if name == "experiments":
        pytest.importorskip("training.config_file")
    target = TARGETS[name]
    for good in target.seeds():
        finding = attempt(name, target, -1, good)
        assert finding is None or name == "picture files", finding
    cases = [case(target, 1, n) for n in range(SLOW.get(name, CASES))]
    for number, data in enumerate([*KNOWN.get(name, []), *cases]):
        finding = attempt(name, target, number, data)
        assert finding is None, f"case {number}: {finding and finding.what}"


def test_the_same_seed_gives_the_same_cases() -> None:
    target = TARGETS["CDR"]
    assert [case(target, 3, n) for n in range(9)] == [case(target, 3, n) for n in range(9)]
    assert case(target, 3, 0) != case(target, 4, 0)


def test_a_harmful_target_is_found() -> None:
    from targets import Target

    bad = Target(lambda: [b"x"], lambda data: 1 // 0)
    finding = attempt("bad", bad, 0, b"x")
    assert finding is not None and "ZeroDivisionError" in finding.what
