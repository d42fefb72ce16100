"""What every command shares: known errors become one line and exit status 1."""

from __future__ import annotations

import sys
from collections.abc import Callable

from depth_seg_ros.errors import DepthSegError


def run(work: Callable[[], object]) -> int:
    """Do the work; 0, or 1 after one line on stderr. Ctrl-C ends with 130, quietly."""
    try:
        work()
    except DepthSegError as e:
        print(f"error: {e}", file=sys.stderr)
        return 1
    except OSError as e:
        # A full disk, a missing permission, a vanished file: the system's words name it.
        print(f"error: {e}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0
