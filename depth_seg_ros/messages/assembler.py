"""Image message + what is known about its camera -> Frame."""

from __future__ import annotations

from depth_seg_ros.errors import FrameError
from depth_seg_ros.messages.cameras import (
    CameraInfoMessage,
    intrinsics_from_info,
    is_calibrated,
)
from depth_seg_ros.messages.compressed import CompressedImageMessage, rgb_from_compressed
from depth_seg_ros.messages.images import ImageMessage, rgb_from_image
from depth_seg_ros.messages.payloads import join_stamp
from depth_seg_ros.messages.rig import RigSource
from depth_seg_ros.types import Frame, UInt8Array


class FrameAssembler:
    """Remembers the latest camera_info and makes frames of image messages.

    The latest camera_info is used whatever its stamp: calibration changes rarely, and waiting for
    the exact pair costs a frame of latency. ``camera`` may be set from one thread and read from
    another.

    require_camera: without a calibrated camera_info there is no metric depth: True refuses such
        images with a FrameError, False assumes the training camera's focal length.
    rectified: whether the images are; see :mod:`depth_seg_ros.messages.cameras`.
    rigs: knows how the camera hung above the ground; None: nobody does.
    """

    def __init__(
        self, require_camera: bool, rectified: bool = True, rigs: RigSource | None = None
    ) -> None:
        self._require_camera = require_camera
        self._rectified = rectified
        self._rigs = rigs
        self.camera: CameraInfoMessage | None = None

    @property
    def camera_state(self) -> str:
        """``known``, ``missing`` or ``uncalibrated``."""
        info = self.camera
        if info is None:
            return "missing"
        return "known" if is_calibrated(info) else "uncalibrated"

    def frame_from_image(
        self, message: ImageMessage, camera: CameraInfoMessage | None = None
    ) -> Frame:
        """Decode a sensor_msgs/Image; FrameError says what is wrong with it.

        camera: its own camera_info, where a recording tells it; else the latest one counts.
        """
        camera = self._checked(camera)
        return self._frame(message, rgb_from_image(message), camera)

    def frame_from_compressed(
        self, message: CompressedImageMessage, camera: CameraInfoMessage | None = None
    ) -> Frame:
        """Decode a sensor_msgs/CompressedImage, as :meth:`frame_from_image` does an Image."""
        camera = self._checked(camera)
        return self._frame(message, rgb_from_compressed(message), camera)

    def _checked(self, camera: CameraInfoMessage | None) -> CameraInfoMessage | None:
        camera = camera or self.camera
        if self._require_camera and camera is None:
            raise FrameError(
                "no camera_info has arrived yet, so depth would not be metric; publish it, or "
                "accept the training camera's focal length (require_camera_info false)"
            )
        return camera

    def _frame(
        self,
        message: ImageMessage | CompressedImageMessage,
        rgb: UInt8Array,
        camera: CameraInfoMessage | None,
    ) -> Frame:
        height, width = rgb.shape[:2]
        intrinsics = None
        if camera is not None:
            intrinsics = intrinsics_from_info(camera, width, height, self._rectified)
        if intrinsics is None and self._require_camera:
            raise FrameError(
                "camera_info is all zeros or no numbers (uncalibrated), so depth would not be "
                "metric; calibrate it, or accept the training camera's focal length "
                "(require_camera_info false)"
            )
        stamp_ns, frame_id = join_stamp(message.header.stamp), message.header.frame_id
        rig = None if self._rigs is None else self._rigs(frame_id, stamp_ns)
        return Frame(stamp_ns, frame_id, rgb, intrinsics, rig)
