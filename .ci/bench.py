"""``make bench BASE=COMMIT ROUNDS=5``: two commits' benchmarks, interleaved, as ratios of medians.

Each round runs every benchmark once for the base and once for this commit, in turn, so that a busy
or throttled machine slows both alike. Below 1 this commit is quicker. Worlds of one seed differ
between commits that changed what is built; their ratios then compare different scenes.
"""

from __future__ import annotations

import json
import os
import shlex
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
Times = dict[str, list[float]]

FRAME = ["-m", "depth_seg_ros.cli.benchmark_frame", "--frames", "200"]
ENGINE = ["-m", "depth_seg_ros.cli.benchmark_engine", "ds_net", "--frames", "10", "--out"]
WORLD = ["-m", "depth_seg_ros.virtual_world", "benchmark", "--scenes", "1", "--frames", "3",
         "--scale", "0.5", "--out"]  # fmt: skip


def main(argv: list[str]) -> int:
    if len(argv) != 2 or not argv[1].isdecimal() or argv[1] == "0":
        print("error: say which commit to compare with: make bench BASE=main", file=sys.stderr)
        return 2
    rounds = int(argv[1])
    with TemporaryDirectory() as folder:
        trees = {"base": Path(folder) / "base", "head": Path(folder) / "head"}
        commits = {"base": argv[0], "head": "HEAD"}
        try:
            for side, tree in trees.items():
                git("worktree", "add", "--quiet", "--detach", str(tree), commits[side])
            found = {side: defaultdict[str, list[float]](list) for side in trees}
            for number in range(rounds + 1):
                for side, tree in trees.items():
                    for name, value in measure(tree).items():
                        if number:  # the first round compiles and warms up
                            found[side][name].append(value)
                print(f"round {number} of {rounds}", file=sys.stderr)
        except subprocess.CalledProcessError as e:
            told = (e.stderr or "").strip().rpartition("\n")[2]
            print(f"error: {shlex.join(e.cmd)} ended with {e.returncode}: {told}", file=sys.stderr)
            return 1
        finally:
            for tree in trees.values():
                if tree.exists():
                    git("worktree", "remove", "--force", str(tree))
    print(table(found["base"], found["head"], argv[0]))
    return 0


def measure(tree: Path) -> dict[str, float]:
    """Milliseconds by name, of one commit's own benchmarks."""
    times = {f"frame: {k}": v for k, v in json.loads(python(tree, *FRAME)).items() if "p50" in k}
    report = tree / "bench.json"
    python(tree, *ENGINE, str(report))
    for row in json.loads(report.read_text("utf-8"))["rows"]:
        name = " ".join(["engine:", *row["contender"].values()])
        times |= {name: row["latency"]["p50_ms"], f"{name}, CPU": row["cpu_ms"]}
    python(tree, *WORLD, str(report))
    times |= world_times(json.loads(report.read_text("utf-8")))
    return times


def world_times(report: dict[str, object]) -> dict[str, float]:
    """Every number of the renderer's report that is a time."""
    return {f"world: {k}": float(v) for k, v in report.items()
            if isinstance(v, int | float) and k.endswith(("_ms", "_s"))}  # fmt: skip


def python(tree: Path, *arguments: str) -> str:
    env = {**os.environ, "PYTHONPATH": str(tree), "NUMBA_CACHE_DIR": str(tree / "numba")}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=tree, env=env, check=True, capture_output=True, text=True
    ).stdout


def table(base: Times, head: Times, name: str) -> str:
    lines = [f"{'':<34}{name[:12]:>12}{'this':>12}{'ratio':>9}   spread of the ratio"]
    for key in sorted(base.keys() & head.keys()):
        one, two = statistics.median(base[key]), statistics.median(head[key])
        ratios = sorted(b / a for a, b in zip(base[key], head[key], strict=True))
        spread = f"{ratios[0]:.3f} .. {ratios[-1]:.3f}"
        lines.append(f"{key:<34}{one:12.3f}{two:12.3f}{two / one:9.3f}   {spread}")
    alone = sorted(base.keys() ^ head.keys())
    return "\n".join([*lines, *(f"{key:<34}  only in one of them" for key in alone)])


def git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
