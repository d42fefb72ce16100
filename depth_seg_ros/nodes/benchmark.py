"""Measure a running perception node: latency of every frame, drops, highest sustained rate.

Replays the images of a bag to the node's `image` topic, stamped when they are sent, and waits for
its outputs; the node is the one you started, as it is configured. Needs the node to be active.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.utilities import get_rmw_implementation_identifier
from sensor_msgs.msg import CameraInfo, Image

from depth_seg_ros.errors import LiveError
from depth_seg_ros.messages import topics
from depth_seg_ros.messages.payloads import (
    CameraInfoPayload,
    ImagePayload,
    split_stamp,
    unchecked_stamp_ns,
)
from depth_seg_ros.nodes.conversions import to_message
from depth_seg_ros.nodes.qos import profile
from depth_seg_ros.nodes.transport import message_type
from depth_seg_ros.nodes.trials import (
    Trial,
    best,
    highest_sustained,
    plot,
    require_plots,
    summarise,
)
from depth_seg_ros.perception.wording import ENGINE, PROCESSING, status_name
from depth_seg_ros.spec import file_sha256
from depth_seg_ros.system.atomic import write_text
from depth_seg_ros.system.command import command_parser, ranged, run
from depth_seg_ros.system.machine import machine_name
from depth_seg_ros.system.memory import keep_freed_memory
from depth_seg_ros.system.process_cost import cpu_s, find_pid, memory_mb

_MATCH_S, _LAST_S = 20.0, 2.0
_MEASURED = tuple(status_name("", s) for s in (PROCESSING, ENGINE))
_UNASKED = (topics.DEPTH_COMPRESSED, topics.GROUND)
_OUTPUTS = tuple(t.name for t in topics.FRAME_TOPICS if t not in _UNASKED)
"""What comes with every image: the ground does only while the camera's height is known."""
_SETTINGS = (
    "CYCLONEDDS_URI", "FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE",
    "FASTDDS_BUILTIN_TRANSPORTS",
)  # fmt: skip
_QUEUE = 16
"""Messages kept here per output: what is lost is to be the node's loss, not the measurement's."""


class Replayer:
    """Sends images and collects what comes back, on a node of its own."""

    def __init__(self, recorded: Recorded, pid: int | None) -> None:
        self._images = [to_message(image) for image in recorded.images]
        self._info = None if recorded.info is None else to_message(recorded.info)
        self._pid = pid
        self.node = Node("benchmark")
        self._image = self.node.create_publisher(Image, topics.IMAGE.name, profile(topics.DEPTH))
        self._camera = self.node.create_publisher(
            CameraInfo, topics.CAMERA_INFO.name, profile(topics.DEPTH)
        )
        self._arrived: dict[str, dict[int, int]] = {}
        self.stages: dict[str, str] = {}
        self.node.create_subscription(DiagnosticArray, "/diagnostics", self._on_diagnostics, 10)

    def listen(self, outputs: Sequence[str]) -> None:
        """Subscribe to the outputs; latency counts to the last of them that arrives."""
        known = {t.name: t for t in topics.FRAME_TOPICS}
        if unknown := [o for o in outputs if o not in known]:
            raise LiveError(f"no output {', '.join(unknown)}; known: {', '.join(known)}")
        for name in outputs:
            topic = known[name]
            self._arrived[name] = {}
            qos = profile(topic)
            qos.depth = _QUEUE
            self.node.create_subscription(
                message_type(topic), name, partial(self._on_output, name), qos
            )

    def wait_for_node(self) -> None:
        """LiveError if nobody takes the images."""
        end = time.monotonic() + _MATCH_S
        while self._image.get_subscription_count() == 0:
            if time.monotonic() > end:
                raise LiveError(
                    f"nobody subscribes to {self._image.topic_name}; start perception_node, "
                    "activate it, and remap image:=<its topic> here if it has another"
                )
            time.sleep(0.05)
        time.sleep(1.0)  # the outputs match a moment later
        for name in [n for n in self._arrived if not self.node.count_publishers(n)]:
            del self._arrived[name]
            print(f"{name} is not offered: not counted")

    @property
    def outputs(self) -> list[str]:
        """Names of what is waited for."""
        return list(self._arrived)

    def trial(self, rate_hz: float, frames: int) -> Trial:
        """Send ``frames`` images at a rate and see what comes back."""
        for arrived in self._arrived.values():
            arrived.clear()
        sent: dict[int, int] = {}
        cpu_before, start = cpu_s(self._pid), time.monotonic()
        for number in range(frames):
            time.sleep(max(0.0, start + number / rate_hz - time.monotonic()))
            stamp_ns = self._send(self._images[number % len(self._images)])
            sent[stamp_ns] = stamp_ns
        self._wait_for_the_last(sent)
        elapsed_s = time.monotonic() - start
        cpu_after = cpu_s(self._pid)
        cpu = None
        if cpu_before is not None and cpu_after is not None:
            cpu = 100 * (cpu_after - cpu_before) / elapsed_s
        outputs = {name: dict(arrived) for name, arrived in self._arrived.items()}
        return summarise(rate_hz, sent, outputs, cpu, memory_mb(self._pid))

    def _send(self, image: Image) -> int:
        stamp_ns = self.node.get_clock().now().nanoseconds
        image.header.stamp.sec, image.header.stamp.nanosec = split_stamp(stamp_ns)
        if self._info is not None:
            self._info.header = image.header
            self._camera.publish(self._info)
        self._image.publish(image)
        return int(stamp_ns)

    def _wait_for_the_last(self, sent: dict[int, int]) -> None:
        end, last = time.monotonic() + _LAST_S, max(sent)
        while time.monotonic() < end and not all(last in a for a in self._arrived.values()):
            time.sleep(0.01)

    def _on_output(self, name: str, message: Any) -> None:
        now = int(self.node.get_clock().now().nanoseconds)
        if name in self._arrived:
            self._arrived[name][unchecked_stamp_ns(message.header.stamp)] = now

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name.endswith(_MEASURED):
                self.stages |= {v.key: v.value for v in status.values}


class Recorded(Protocol):
    """A camera's recording: rgb8 images, calibration where there is one, rate [Hz]."""

    @property
    def images(self) -> Sequence[ImagePayload]: ...
    @property
    def info(self) -> CameraInfoPayload | None: ...
    @property
    def rate_hz(self) -> float: ...


Load = Callable[[Path, "str | None", int], Recorded]
"""(bag, image topic, how many images) -> what is replayed."""


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("benchmark", __doc__)
    parser.add_argument("bag", type=Path, metavar="BAG", help="rosbag2 folder, .mcap or .db3")
    parser.add_argument("--image-topic", help="of the bag, where it has several cameras")
    parser.add_argument(
        "--rate", type=ranged("rate_hz"), metavar="HZ", help="default: the recorded rate"
    )
    parser.add_argument("--find-max", action="store_true", help="search the highest sustained rate")
    parser.add_argument(
        "--frames", type=ranged("frames"), default=100, metavar="N", help="of one trial"
    )
    parser.add_argument(
        "--outputs", default=",".join(_OUTPUTS), metavar="A,B",
        help="topics to subscribe to (default: all but compressedDepth and the ground)",
    )  # fmt: skip
    parser.add_argument("--pid", type=ranged("pid"), help="of the node, where it cannot be found")
    parser.add_argument("--out", type=Path, metavar="FILE.json")
    parser.add_argument("--plot", type=Path, metavar="FILE.png")
    return parser


def main(load: Load, args: Sequence[str] | None = None) -> int:
    """``ros2 run depth_seg_ros benchmark BAG [--ros-args -r image:=/camera/image]``."""
    rclpy.init(args=args)
    words = rclpy.utilities.remove_ros_args(list(args) if args is not None else sys.argv)[1:]
    try:
        arguments = _parser().parse_args(words)
        return run(lambda: _measure(load, arguments), arguments)
    finally:
        rclpy.try_shutdown()


def _measure(load: Load, options: argparse.Namespace) -> None:
    if options.plot:
        require_plots()
    keep_freed_memory()
    recorded = load(options.bag, options.image_topic, options.frames)
    replayer = Replayer(recorded, options.pid or find_pid())
    replayer.listen([o for o in options.outputs.split(",") if o])
    executor = SingleThreadedExecutor()
    executor.add_node(replayer.node)
    spinning = Thread(target=_spin, args=(executor,), daemon=True)
    spinning.start()
    try:
        replayer.wait_for_node()
        replayer.trial(5.0, 10)  # warm up: the first frame of a run says nothing about the rest
        rate = options.rate or recorded.rate_hz
        print(
            f"{options.bag}: {len(recorded.images)} images, recorded at {recorded.rate_hz:.2f} Hz"
        )
        trials = _trials(replayer, rate, options)
    finally:
        executor.shutdown()
        spinning.join()
        replayer.node.destroy_node()
    _write(options, trials, replayer.stages, recorded, replayer.outputs)


def _trials(replayer: Replayer, rate_hz: float, options: argparse.Namespace) -> list[Trial]:
    def one(rate: float) -> Trial:
        trial = replayer.trial(rate, options.frames)
        print(trial)
        return trial

    return highest_sustained(one, rate_hz) if options.find_max else [one(rate_hz)]


def _write(
    options: argparse.Namespace,
    trials: list[Trial],
    stages: dict[str, str],
    recorded: Recorded,
    outputs: list[str],
) -> None:
    top = best(trials)
    if options.find_max:
        print(f"highest sustained rate: {top.sent_hz:.1f} Hz" if top else "no rate was sustained")
        print(f"with {get_rmw_implementation_identifier()}, {settings()}")
    files = sorted(options.bag.glob("*.[md][cb]*")) if options.bag.is_dir() else [options.bag]
    result = {
        "machine": machine_name(),
        "rmw": get_rmw_implementation_identifier(),
        "settings": settings(),
        "input": {"sha256": {f.name: file_sha256(f) for f in files},
                  "recorded_hz": recorded.rate_hz,
                  "width": recorded.images[0].width, "height": recorded.images[0].height},
        "outputs": outputs,
        "trials": [t.as_json() for t in trials],
        "highest_sustained_hz": top.sent_hz if top else None,
        "node": stages,
    }  # fmt: skip
    if options.out:
        write_text(options.out, json.dumps(result, indent=2) + "\n")
    if options.plot:
        plot(trials, options.plot)


def settings() -> dict[str, str]:
    """What decides how many large images arrive: a rate means nothing without it."""
    found = {name: os.environ.get(name, "") for name in _SETTINGS}
    limit = Path("/proc/sys/net/core/rmem_max")
    if limit.is_file():
        found["net.core.rmem_max"] = limit.read_text(encoding="ascii").strip()
    return found


def _spin(executor: SingleThreadedExecutor) -> None:
    try:
        executor.spin()
    except ExternalShutdownException:
        return
