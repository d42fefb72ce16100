"""Training, on a workstation: networks, losses, data, the loop, export and the paper's experiment.

A distribution of its own (``training/pyproject.toml``): it imports ``depth_seg_ros``, never the
reverse, so the robot never needs torch.
"""
