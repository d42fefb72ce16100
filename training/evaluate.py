"""Score a checkpoint as the robot would run it: exported, through the Predictor, by a protocol.

    python -m training.evaluate runs/ds_net --data data/world_test --protocol dense --out report
    python -m training.evaluate runs/ds_net/best.pt --kitti DRIVE --protocol eigen --out report

Every protocol of ``depth_seg_ros.evaluation.score.protocols`` is at hand; the report holds the
training set's constant and mean-depth-per-pixel baselines.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from depth_seg_ros.evaluation.evaluate import Options, evaluate, load_mean_depth
from depth_seg_ros.evaluation.report.html import write_report
from depth_seg_ros.evaluation.report.report import Report
from depth_seg_ros.evaluation.score.protocols import PROTOCOLS, get_protocol
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.readers.base import Reader
from depth_seg_ros.readers.kitti import open_kitti
from depth_seg_ros.readers.rig import WithRig
from depth_seg_ros.spec import file_sha256
from depth_seg_ros.system.command import command_parser, run
from training.config import Source
from training.data.sources import open_source
from training.export import export
from training.model_spec import load_for_export

MEAN_DEPTH = "mean_depth.npy"


@contextmanager
def exported(checkpoint: Path) -> Iterator[Path]:
    """The checkpoint as an ONNX file that goes away."""
    network, spec = load_for_export(checkpoint)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{spec.name}.onnx"
        export(network, spec, path)
        yield path


def score(model: Path, reader: Reader, protocol: str, mean_depth: Path | None = None) -> Report:
    """Report of an ONNX file on a reader."""
    with Predictor.open(model, "onnxruntime") as predictor:
        options = Options(
            title=f"{predictor.spec.name}: {reader.name}",
            mean_depth=load_mean_depth(mean_depth),
            model_sha256=file_sha256(model),
        )
        return evaluate(reader, predictor, get_protocol(protocol), options)


def checkpoint_of(path: Path) -> Path:
    """``best.pt`` of a run's folder, or the file itself."""
    return path / "best.pt" if path.is_dir() else path


def main(argv: Sequence[str] | None = None) -> int:
    parser = command_parser("python -m training.evaluate", __doc__)
    parser.add_argument("checkpoint", type=Path, help="a run's folder or a checkpoint")
    data = parser.add_mutually_exclusive_group(required=True)
    data.add_argument("--data", metavar="ROOT", help="Virtual KITTI or a world in its layout")
    data.add_argument("--kitti", metavar="DIR", help="any KITTI layout")
    parser.add_argument("--worlds", nargs="*", default=(), help="names or a..b ranges")
    parser.add_argument("--protocol", choices=tuple(PROTOCOLS), default="dense")
    parser.add_argument(
        "--ground",
        choices=("height", "attitude"),
        help="correct depth by the data set's camera height, or height, pitch and roll",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    args = parser.parse_args(argv)

    def work() -> None:
        checkpoint = checkpoint_of(args.checkpoint)
        mean = checkpoint.parent / MEAN_DEPTH
        reader: Reader = (
            open_kitti(args.kitti)
            if args.kitti
            else open_source(Source(args.data, tuple(args.worlds)))
        )
        if args.ground:
            reader = WithRig(reader, args.ground == "attitude")
        with exported(checkpoint) as model:
            report = score(model, reader, args.protocol, mean if mean.exists() else None)
        paths = write_report(report, args.out)
        print(report.to_text())
        print("\n".join(str(p) for p in paths))

    return run(work, args)


if __name__ == "__main__":
    sys.exit(main())
