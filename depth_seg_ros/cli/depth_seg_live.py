"""``depth_seg_live``: join a ROS 2 graph without a ROS install and publish depth and labels."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from depth_seg_ros.cli.shared.live_options import add_node_options, log, names_of
from depth_seg_ros.cli.shared.model_options import add_model_options, engine_options
from depth_seg_ros.cli.shared.output_options import add_output_options, output_options
from depth_seg_ros.cli.shared.rig_options import add_rig_options, rig_options
from depth_seg_ros.dds.installation import require_dds
from depth_seg_ros.engines import FALLBACKS
from depth_seg_ros.messages.topics import camera_info_beside
from depth_seg_ros.perception.opening import open_warm
from depth_seg_ros.perception.reliability import CHOICES as RELIABILITY
from depth_seg_ros.perception.settings import Settings
from depth_seg_ros.system.command import command_parser, run
from depth_seg_ros.system.memory import keep_freed_memory

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
    parser.add_argument(
        "--camera-info",
        metavar="TOPIC",
        help="its calibration (default: camera_info beside the image)",
    )
    parser.add_argument("--compressed", action="store_true", help="subscribe to TOPIC/compressed")
    parser.add_argument(
        "--reliability", default=Settings.reliability, choices=RELIABILITY,
        help="reliable asks for lost images again; auto follows the camera's publishers",
    )  # fmt: skip
    parser.add_argument(
        "--reliable", action="store_true", help="the same as --reliability reliable"
    )
    add_model_options(parser, batch=False)
    parser.add_argument(
        "--fallback",
        default="none",
        choices=FALLBACKS,
        help="what takes over from a device that fails and does not come back",
    )
    parser.add_argument(
        "--camera-size", default="", metavar="WIDTHxHEIGHT",
        help="of the images to come: the engine shrinks them on its device where that is faster",
    )  # fmt: skip
    parser.add_argument(
        "--require-camera-info", action="store_true", help="refuse images without a calibration"
    )
    parser.add_argument(
        "--raw-image", action="store_true", help="images are not rectified: take K, not P"
    )
    add_output_options(parser)
    add_rig_options(parser, tf=True)
    parser.add_argument(
        "--output-size", default=Settings.output_size, metavar="SIZE",
        help="camera, network or a width in pixels; auto: the camera's up to 2 megapixels",
    )  # fmt: skip
    add_node_options(parser, "perception")
    return parser


def _live(arguments: argparse.Namespace) -> None:
    require_dds()
    keep_freed_memory()
    from depth_seg_ros.dds.participant import Participant
    from depth_seg_ros.dds.perception import LivePerception
    from depth_seg_ros.system.signals import stop_on_signals, write_summary

    beside = None if arguments.image is None else camera_info_beside(arguments.image)
    names = names_of(arguments, image=arguments.image, camera_info=arguments.camera_info or beside)
    settings = Settings(
        compressed=arguments.compressed,
        reliability="reliable" if arguments.reliable else arguments.reliability,
        output_size=arguments.output_size,
        require_camera=arguments.require_camera_info,
        rectified=not arguments.raw_image,
        rig=rig_options(arguments),
        outputs=output_options(arguments),
    )
    with (
        stop_on_signals() as stop,
        open_warm(
            arguments.model,
            arguments.backend,
            fit=arguments.fit,
            fallback=arguments.fallback,
            camera_size=arguments.camera_size,
            progress=log.info,
            **engine_options(arguments),
        ) as predictor,
        Participant(names, on_error=lambda e: log.warning(str(e))) as participant,
    ):
        perception = LivePerception(participant, predictor, settings, log)
        log.info(f"{predictor.spec.name} on {predictor.info.backend}; {perception.description}")
        perception.run(stop)
        summary = perception.summary()
    write_summary(arguments.summary, summary)


if __name__ == "__main__":
    sys.exit(main())
