"""``make fuzz MINUTES=10``: damaged inputs for as long as wanted, other ones every time.

    python test/fuzz/run.py --minutes 10 [--seed 7] [--target bags]
    python test/fuzz/run.py --target specs --atheris   # coverage-guided, where it is installed

A finding is written to fuzz_findings/ and ends with exit status 1; ``--replay FILE --target NAME``
runs it again.
"""

from __future__ import annotations

import argparse
import faulthandler
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from engine import Finding, attempt, case
from targets import TARGETS

MEMORY = 6 << 30
"""Bytes of address space: a small input that takes gigabytes is a finding (MemoryError)."""


def fuzz(names: list[str], minutes: float, seed: int, findings: Path) -> int:
    """The number of findings after that time."""
    end, number, found = time.monotonic() + 60 * minutes, 0, 0
    last = findings / "running.bin"  # of a crash that takes the process with it
    findings.mkdir(exist_ok=True)
    while time.monotonic() < end:
        for name in names:
            data = case(TARGETS[name], seed, number)
            last.write_bytes(data)
            finding = attempt(name, TARGETS[name], number, data)
            if finding is not None:
                found += 1
                _tell(finding, findings)
        number += 1
    last.unlink()
    print(f"{number} cases of each of {len(names)} targets, seed {seed}: {found} findings")
    return found


def _tell(finding: Finding, findings: Path) -> None:
    path = findings / f"{finding.target.replace(' ', '_')}_{finding.number}.bin"
    path.write_bytes(finding.data)
    print(f"{path}\n{finding.what}", flush=True)


def guided(name: str) -> None:
    """Let atheris choose the inputs by what they reach."""
    import atheris  # type: ignore[import-not-found]  # optional, and not for every Python

    target = TARGETS[name]

    def one(data: bytes) -> None:
        finding = attempt(name, target, 0, data)
        if finding is not None:
            raise AssertionError(finding.what)

    atheris.instrument_all()
    atheris.Setup([sys.argv[0]], one)
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--target", choices=tuple(TARGETS), action="append")
    parser.add_argument("--findings", type=Path, default=Path("fuzz_findings"))
    parser.add_argument("--replay", type=Path, metavar="FILE")
    parser.add_argument("--atheris", action="store_true")
    args = parser.parse_args()
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    names = args.target or list(TARGETS)
    if args.atheris:
        guided(names[0])
        return 0
    if args.replay:
        finding = attempt(names[0], TARGETS[names[0]], 0, args.replay.read_bytes())
        print(finding.what if finding else "nothing")
        return int(finding is not None)
    return int(fuzz(names, args.minutes, args.seed, args.findings) > 0)


if __name__ == "__main__":
    sys.exit(main())
