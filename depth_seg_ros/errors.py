"""Every error this package raises on purpose: one base, one subclass a room.

A message says what went wrong, what was found, and what to do. Command lines and nodes print the
message alone (no traceback) and fail; anything that is not a :class:`DepthSegError` is a bug.
"""


class DepthSegError(Exception):
    """Base of all expected errors."""


class SpecError(DepthSegError):
    """A model file without a usable :class:`~depth_seg_ros.spec.ModelSpec`."""


class FrameError(DepthSegError):
    """An image or a camera that cannot be used (size, type, encoding, intrinsics)."""


class EngineError(DepthSegError):
    """A backend that cannot be loaded, built or run."""


class ReaderError(DepthSegError):
    """A data set, bag or file that cannot be read as what it claims to be."""


class EvaluationError(DepthSegError):
    """Predictions and ground truth that cannot be scored against each other."""


class OutputError(DepthSegError):
    """An output that cannot be written: the disk is full, the place taken or not ours to write."""


class VirtualWorldError(DepthSegError):
    """An impossible camera, an unknown style, or an output folder that may not be written."""


class InternalError(DepthSegError):
    """A fault of this program, or of a library, that was met while one image was processed."""

    def __init__(self, cause: BaseException) -> None:
        told = " ".join(str(cause).split())
        super().__init__(f"internal error: {type(cause).__name__}{f': {told}' if told else ''}")
        self.__cause__ = cause


class FleetError(DepthSegError):
    """A scheduler that does not answer, or workers that cannot do what they are sent."""


class LiveError(DepthSegError):
    """A live participant that cannot join the graph."""


class ConfigError(DepthSegError):
    """A parameter, option or configuration file with an unknown key or a bad value."""
