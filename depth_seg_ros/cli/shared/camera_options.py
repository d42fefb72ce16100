"""The camera on a command line: --camera, --mount, --rectified, the same for every command."""

from __future__ import annotations

import argparse
import sys

from depth_seg_ros.virtual_world.cameras import CAMERAS, CameraKind, open_camera

FORMS = (
    f"{', '.join(CAMERAS)}; a camera_info yaml; what `ros2 topic echo --once camera_info` prints, "
    "in a file; or WIDTH,HEIGHT,FX,FY,CX,CY"
)


def add_camera_options(
    parser: argparse.ArgumentParser, default: str | None, *names: str, mount: bool = True
) -> None:
    """``--camera`` (or ``names``) and ``--rectified``; ``--mount`` where a world is rendered."""
    group = parser.add_argument_group("camera")
    group.add_argument(
        *(names or ("--camera",)), dest="camera", default=default, metavar="CAMERA", help=FORMS
    )
    group.add_argument(
        "--rectified",
        action="store_true",
        help="the images are rectified: the calibration's P counts, not its K and distortion",
    )
    if mount:
        group.add_argument(
            "--mount",
            choices=tuple(CAMERAS),
            help="what it rides on: sets its height and tilt (default: the file's own, or car)",
        )


def chosen_camera(arguments: argparse.Namespace) -> CameraKind:
    """What those options say; tells how a camera is mounted where nobody said."""
    camera = open_camera(arguments.camera, getattr(arguments, "mount", None), arguments.rectified)
    if camera.mounted_as and hasattr(arguments, "mount"):
        low, high = camera.mount.height_m
        others = " or ".join(f"--mount {name}" for name in CAMERAS if name != camera.mounted_as)
        print(
            f"{camera.name}: mounted as {camera.mounted_as}, {low:g} to {high:g} m above the road; "
            f"{others} changes that, and height_m and pitch_deg in the file say it exactly",
            file=sys.stderr,
        )
    return camera
