"""Live operation: the frame loop every live front end shares, and a ROS 2 participant without ROS.

Importing this package imports nothing heavy; ``loop`` and ``statistics`` need only NumPy, the DDS
side (``depth_seg_ros.live.dds``) needs the extra ``dds``.
"""
