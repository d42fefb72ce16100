"""Scores of many recordings by a fleet: a bag is a task, the model is loaded once a worker.

The model travels once to each worker and is kept there by its digest. Every bag gets a report of
its own; the total is exactly what one bag with all frames would give.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from distributed import Client
from tqdm import tqdm

from depth_seg_ros.errors import DepthSegError, EvaluationError
from depth_seg_ros.evaluation.evaluate import Options, run_through
from depth_seg_ros.evaluation.recordings import Scored, scored, total_report
from depth_seg_ros.evaluation.report.html import write_report
from depth_seg_ros.evaluation.report.report import Report
from depth_seg_ros.evaluation.score.protocols import EvalProtocol
from depth_seg_ros.evaluation.truth.bag import BagOptions, BagReader
from depth_seg_ros.fleet.work import run_all
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.spec import file_sha256, read_spec
from depth_seg_ros.system.atomic import write_bytes, write_text

SCORED = "scored.json"


@dataclass(frozen=True)
class Job:
    """What is asked of every bag. engine: options of the backend."""

    protocol: EvalProtocol
    bag: BagOptions
    backend: str
    fit: str | None
    engine: Mapping[str, Any]
    sha256: str

    def identity(self, bag: Path) -> dict[str, Any]:
        """What must be the same for a result on disk to be this job's."""
        files = sorted(p for p in ([bag] if bag.is_file() else bag.rglob("*")) if p.is_file())
        stats = [(p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in files]
        asked = {k: str(v) for k, v in asdict(self).items()}
        identity: dict[str, Any] = json.loads(json.dumps({"asked": asked, "files": stats}))
        return identity


def find_bags(paths: Sequence[Path]) -> dict[str, Path]:
    """Name -> bag, of bags and of folders of bags; names are made unique by their folder's."""
    found: list[Path] = []
    for path in paths:
        found += [path] if _is_bag(path) else _bags_in(path)
    if not found:
        raise EvaluationError(
            f"no bag in {', '.join(map(str, paths))}; give rosbag2 folders, .mcap or .db3 files, "
            "or folders of them"
        )
    names: dict[str, Path] = {}
    for bag in dict.fromkeys(found):
        name = bag.stem if bag.is_file() else bag.name
        taken = sum(n == name or n.startswith(f"{name}_") for n in names)
        names[f"{name}_{taken + 1}" if taken else name] = bag
    return names


def _is_bag(path: Path) -> bool:
    return path.suffix in (".mcap", ".db3") or (path / "metadata.yaml").is_file()


def _bags_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise EvaluationError(f"no bag {folder}")
    folders = sorted(p.parent for p in folder.rglob("metadata.yaml"))
    inside = [f.resolve() for f in folders]
    files = sorted(p for p in folder.rglob("*.mcap") if p.parent.resolve() not in inside)
    return sorted([*folders, *files])


def evaluate_bags(
    client: Client, model: Path, bags: Mapping[str, Path], job: Job, out: Path, title: str,
    progress: bool = True,
) -> Report:  # fmt: skip
    """Score what is missing; write a report a bag and the total. EvaluationError where no bag at
    all could be scored."""
    done = kept(out, bags, job)
    weights = client.scatter(model.read_bytes(), broadcast=True)
    tasks = {
        name: (str(bag.resolve()), weights, job) for name, bag in bags.items() if name not in done
    }
    failed: dict[str, str] = {}
    bar = tqdm(total=len(bags), initial=len(done), unit="bag", disable=not progress)
    with bar:
        for name, result in run_all(client, evaluate_bag, tasks, bar):
            if isinstance(result, DepthSegError):
                failed[name] = str(result)
                bar.write(f"not scored: {name}: {result}")
                continue
            done[name], report = result
            folder = out / "bags" / name
            write_report(report, folder)
            content = {"identity": job.identity(bags[name]), **done[name].to_json()}
            write_text(folder / SCORED, json.dumps(content) + "\n")
    if not done:
        name, reason = next(iter(failed.items()))
        raise EvaluationError(f"none of {len(bags)} bags could be scored; {name}: {reason}")
    ordered = {name: done[name] for name in bags if name in done}
    spec = read_spec(model)
    total = total_report(ordered, failed, spec, job.protocol, job.sha256, title)
    write_report(total, out)
    return total


def kept(out: Path, bags: Mapping[str, Path], job: Job) -> dict[str, Scored]:
    """What is scored already, by an earlier run of the same job."""
    found = {name: _kept(out / "bags" / name / SCORED, job.identity(b)) for name, b in bags.items()}
    return {name: one for name, one in found.items() if one is not None}


def _kept(path: Path, identity: Mapping[str, Any]) -> Scored | None:
    """An earlier run's result for the same question, if it is there and whole."""
    try:
        data = json.loads(path.read_text("utf-8"))
        return Scored.from_json(data) if data["identity"] == identity else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # scored again


def evaluate_bag(bag: str, weights: bytes, job: Job) -> tuple[Scored, Report]:
    """The task: one bag, with the predictor that this worker has open."""
    predictor = _predictor(weights, job)
    path = Path(bag)
    reading = replace(job.bag, truth_kinds=job.protocol.kitti_truths)
    with BagReader(path, reading) as reader:
        options = Options(
            title=f"{path.name}: {predictor.spec.name}", drive=reader.drive,
            model_sha256=job.sha256, progress=False,
        )  # fmt: skip
        run = run_through(reader, predictor, job.protocol, options)
        report = run.report()
        return scored(run, report), report


_open: dict[str, Predictor] = {}
"""Of this worker, by what was asked for; a worker scores many bags with one model."""


def _predictor(weights: bytes, job: Job) -> Predictor:
    key = f"{job.sha256} {job.backend} {job.fit} {sorted(job.engine.items())}"
    if key not in _open:
        for old in _open.values():
            old.close()
        _open.clear()
        path = Path(tempfile.gettempdir()) / f"depth_seg_ros_{job.sha256}.onnx"
        if not path.is_file() or file_sha256(path) != job.sha256:
            write_bytes(path, weights)
        _open[key] = Predictor.open(path, job.backend, fit=job.fit, **job.engine)
    return _open[key]
