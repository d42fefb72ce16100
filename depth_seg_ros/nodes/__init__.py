"""ROS 2 nodes: the only room that knows rclpy.

A node converts, predicts and publishes; everything it knows about networks, images and timing comes
from the rooms below. Importing this package imports no ROS: ``parameters`` and the tables made from
it work where none is installed.
"""
