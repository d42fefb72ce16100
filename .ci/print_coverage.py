"""Print what the tests ran: branch coverage by room, and of the whole (README, Development)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory


def main() -> int:
    with TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        command = [sys.executable, "-m", "coverage", "json", "--quiet", "-o", str(report)]
        subprocess.run(command, check=True)
        data = json.loads(report.read_text("utf-8"))
    rooms: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for name, file in data["files"].items():
        parts = Path(name).parts
        room = "/".join(parts[:2]) if len(parts) > 2 else parts[0]
        found = file["summary"]
        rooms[room][0] += found["covered_lines"] + found["covered_branches"]
        rooms[room][1] += found["num_statements"] + found["num_branches"]
    print("coverage, lines and branches:")
    for room, (covered, total) in sorted(rooms.items()):
        print(f"  {room:<28} {covered / max(1, total):6.1%}")
    print(f"  {'all':<28} {data['totals']['percent_covered'] / 100:6.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
