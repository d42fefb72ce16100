"""Data sets on disk -> :class:`~depth_seg_ros.readers.base.Sample`; torch-free, a layout a file."""
