"""``depth_seg_live``: join a ROS 2 graph without a ROS install and publish depth and labels."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import numpy as np

from depth_seg_ros.cli.shared.live_options import add_node_options, log, names_of
from depth_seg_ros.dds.installation import require_dds
from depth_seg_ros.engines import BACKENDS
from depth_seg_ros.messages.depth import ENCODINGS
from depth_seg_ros.messages.outputs import OutputOptions
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.system.command import command_parser, ranged, run
from depth_seg_ros.system.memory import keep_freed_memory
from depth_seg_ros.types import Frame

LIMITS = "a topics-only participant: no parameters, lifecycle, services or /rosout"


def main(argv: Sequence[str] | None = None) -> int:
    """Command line entry."""
    arguments = _parser().parse_args(argv)
    return run(lambda: _live(arguments), arguments)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "depth_seg_live",
        "Subscribe to a camera of a running ROS 2 system and publish depth, labels, "
        f"points and overlay, without a ROS install: {LIMITS}. Obeys ROS_DOMAIN_ID, "
        "ROS_AUTOMATIC_DISCOVERY_RANGE, ROS_STATIC_PEERS, ROS_LOCALHOST_ONLY and CYCLONEDDS_URI.",
    )
    parser.add_argument("--image", metavar="TOPIC", help="camera image (same as -r image:=TOPIC)")
    parser.add_argument("--camera-info", metavar="TOPIC", help="its calibration")
    parser.add_argument("--compressed", action="store_true", help="subscribe to TOPIC/compressed")
    parser.add_argument(
        "--reliable", action="store_true", help="ask for lost images again (see docs/live.md)"
    )
    parser.add_argument("--model", default="ds_net", help="shipped name or ONNX file")
    parser.add_argument("--backend", default="auto", choices=("auto", *BACKENDS))
    parser.add_argument("--threads", type=ranged("threads"), help="CPU threads of the engine")
    parser.add_argument("--precision", help="fp32, fp16, bf16 or int8; default: the backend's")
    parser.add_argument("--fit", choices=("pad", "crop"), help="default: what the model says")
    parser.add_argument(
        "--require-camera-info", action="store_true", help="refuse images without a calibration"
    )
    parser.add_argument(
        "--raw-image", action="store_true", help="images are not rectified: take K, not P"
    )
    parser.add_argument("--depth-encoding", default=ENCODINGS[0], choices=ENCODINGS)
    parser.add_argument(
        "--min-depth", type=ranged("depth_m"), default=0.0, metavar="M", help="nearer is -Inf"
    )
    parser.add_argument(
        "--max-depth",
        type=ranged("depth_m"),
        default=0.0,
        metavar="M",
        help="farther is +Inf; 0: as taught",
    )
    parser.add_argument(
        "--min-confidence",
        type=ranged("confidence"),
        default=0.0,
        help="labels below it become 255",
    )
    add_node_options(parser, "perception")
    return parser


def _live(arguments: argparse.Namespace) -> None:
    require_dds()
    keep_freed_memory()
    from depth_seg_ros.dds.node_health import NodeHealth
    from depth_seg_ros.dds.participant import Participant
    from depth_seg_ros.dds.perception import Perception, PerceptionOptions
    from depth_seg_ros.system.signals import stop_on_signals, write_summary

    names = names_of(arguments, image=arguments.image, camera_info=arguments.camera_info)
    options = PerceptionOptions(
        compressed=arguments.compressed,
        reliable=arguments.reliable,
        require_camera=arguments.require_camera_info,
        rectified=not arguments.raw_image,
        outputs=OutputOptions(
            depth_encoding=arguments.depth_encoding,
            min_depth_m=arguments.min_depth,
            max_depth_m=arguments.max_depth,
            min_confidence=arguments.min_confidence,
        ),
    )
    with (
        stop_on_signals() as stop,
        _open_predictor(arguments) as predictor,
        Participant(names, on_error=lambda e: log(f"warning: {e}")) as participant,
    ):
        perception = Perception(participant, predictor, options, log, NodeHealth())
        log(f"{predictor.spec.name} on {predictor.info.backend}; {perception.description}")
        perception.run(stop)
        summary = perception.summary()
    write_summary(arguments.summary, summary)


def _open_predictor(arguments: argparse.Namespace) -> Predictor:
    """Load the network and run it once: the first frame is the slow one."""
    chosen = {"threads": arguments.threads, "precision": arguments.precision}
    engine_options = {name: value for name, value in chosen.items() if value is not None}
    predictor = Predictor.open(
        arguments.model, arguments.backend, fit=arguments.fit, **engine_options
    )
    spec = predictor.spec
    predictor.predict(Frame(0, "", np.zeros((spec.input_height, spec.input_width, 3), np.uint8)))
    return predictor


if __name__ == "__main__":
    sys.exit(main())
