"""A ROS 2 participant over Cyclone DDS, without a ROS install: topics only.

No parameters, services, actions, lifecycle or /rosout: those need rclpy. Everything that imports
``cyclonedds`` is in this folder; call :func:`depth_seg_ros.dds.installation.require_dds` first.
"""
