"""Where frames of a drive go: the Virtual KITTI 1.3.1 layout, or a ROS 2 bag."""
