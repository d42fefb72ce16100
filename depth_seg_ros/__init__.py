"""Metric depth and semantics from one camera, for ROS 2 (see README.md)."""

__version__ = "0.1.0"
