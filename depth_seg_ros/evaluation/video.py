"""H.264 video that browsers play, written frame by frame; whole or not at all."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

from depth_seg_ros.errors import EvaluationError
from depth_seg_ros.system.atomic import partial_path, publish, refusal, remove
from depth_seg_ros.system.reasons import no_room
from depth_seg_ros.types import UInt8Array

CODECS = ("libx264", "libopenh264", "h264_videotoolbox", "h264_nvenc")
"""Tried in this order; OpenCV's own writer has only MPEG-4 part 2, which browsers refuse."""

_TICKS = 90_000


class VideoWriter:
    """One ``.mp4``; use as a context manager. Pictures are uint8 [H, W, 3] RGB, even in size.

    Frames are shown at their own time stamps, so a recording plays at its own speed.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._partial = partial_path(self.path)
        self._container: Any = None
        self._stream: Any = None
        self._first_ns = 0
        self._last_tick = -1

    def write(self, picture: UInt8Array, stamp_ns: int) -> None:
        """Append a picture; a stamp that does not advance is moved by one tick."""
        import av  # optional: only videos need it

        if self._stream is None:
            self._open(picture.shape[1], picture.shape[0], stamp_ns)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        tick = (stamp_ns - self._first_ns) * _TICKS // 1_000_000_000
        self._last_tick = max(tick, self._last_tick + 1)
        frame.pts = self._last_tick
        frame.time_base = Fraction(1, _TICKS)
        self._container.mux(self._stream.encode(frame))

    def _open(self, width: int, height: int, stamp_ns: int) -> None:
        import av

        remove(self._partial)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._first_ns = stamp_ns
        self._container = av.open(
            str(self._partial), "w", format="mp4", options={"movflags": "+faststart"}
        )
        codec = next((c for c in CODECS if c in av.codecs_available), None)
        if codec is None:
            raise EvaluationError(f"PyAV has no H.264 encoder (looked for {', '.join(CODECS)})")
        options = {"preset": "veryfast", "crf": "23", "threads": "1"} if codec == "libx264" else {}
        self._stream = self._container.add_stream(codec, rate=30, options=options)
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = Fraction(1, _TICKS)
        self._stream.codec_context.time_base = Fraction(1, _TICKS)

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._container is None:
            return
        try:
            if error is not None:
                with suppress(Exception):  # the first error is the one to report
                    self._container.close()
                if isinstance(error, OSError) and no_room(error):
                    raise refusal(self.path, error) from error
                return
            self._container.mux(self._stream.encode())  # flush
            self._container.close()
            publish(self._partial, self.path)
        except OSError as e:
            raise refusal(self.path, e) from e
        finally:
            remove(self._partial)


def require_encoder() -> None:
    """EvaluationError, with what to install, where no video could be written."""
    try:
        import av
    except ImportError as e:
        raise EvaluationError(
            f"a video needs PyAV ({e}): pip install av, or leave the video out"
        ) from e
    if not any(c in av.codecs_available for c in CODECS):
        raise EvaluationError(f"PyAV has no H.264 encoder (looked for {', '.join(CODECS)})")
