"""Runs one node until it is told to stop; errors are one line and exit code 1, their traceback
comes with ``--debug``."""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import rclpy
from rclpy.executors import ExternalShutdownException

from depth_seg_ros.system.command import explain


def run_node(make: Callable[[], Any], args: Sequence[str] | None = None) -> int:
    """Make a node, spin it, close it. The exit code of the process.

    The node may have ``autostart()`` (called before spinning) and ``close()`` (called at the end).
    """
    rclpy.init(args=args)
    node = None
    try:
        node = make()
        getattr(node, "autostart", _nothing)()
        rclpy.spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        pass  # how a node is meant to end
    except Exception as e:
        if "--debug" in (sys.argv if args is None else args):
            traceback.print_exc()
        print(f"error: {explain(e)}", file=sys.stderr)
        return 1
    finally:
        # Ctrl-C reaches a launched node twice, from the terminal and from launch: once is enough.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if node is not None:
            getattr(node, "close", _nothing)()
            node.destroy_node()
        rclpy.try_shutdown()
    return 0


def _nothing() -> None:
    """A node without this hook."""
