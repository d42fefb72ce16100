"""``node``: a real ROS 2 node by its name, from whatever ROS this Python has (apt's or pip's).

depth-seg node perception --ros-args -r image:=/camera/image_raw -p max_rate_hz:=10.0
depth-seg node virtual_camera
depth-seg node evaluation --ros-args -p protocol:=dense
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from depth_seg_ros.cli.shared.ros_nodes import NODES
from depth_seg_ros.system.command import command_parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the node named first; everything behind it is rclpy's."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser = command_parser("node", __doc__)
    parser.add_argument("node", choices=tuple(NODES), metavar="NODE", help=", ".join(NODES))
    parser.add_argument("--ros-args", nargs="...", metavar="...", help="as for any ROS 2 node")
    chosen = parser.parse_args([w.removesuffix("_node") for w in words[:1]])
    return NODES[chosen.node]([chosen.node, *words[1:]])


if __name__ == "__main__":
    sys.exit(main())
