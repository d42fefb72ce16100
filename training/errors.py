"""Errors of the training room (the text says what, what was found, what to do)."""

from depth_seg_ros.errors import DepthSegError


class TrainingError(DepthSegError):
    """A run, checkpoint or export that cannot go on."""


class DatasetError(DepthSegError):
    """Training data that are missing, broken or not what they claim to be."""
