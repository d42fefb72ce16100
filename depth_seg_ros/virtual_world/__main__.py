"""``python -m depth_seg_ros.virtual_world``: see :mod:`depth_seg_ros.cli.virtual_world`."""

import sys

from depth_seg_ros.cli.virtual_world import main

if __name__ == "__main__":  # spawned workers import this module again
    sys.exit(main())
