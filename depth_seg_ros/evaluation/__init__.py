"""Recorded drives and data sets -> Report (JSON, Markdown, HTML). Needs no ROS installation."""
