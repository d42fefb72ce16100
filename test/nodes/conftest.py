"""A real ROS 2 graph for tests: nodes as processes, a client node here. Skipped without rclpy."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from array import array
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(Path(__file__).parent))  # graph_images
WAIT_S = 30.0  # a loaded machine starts a Python process with ONNX Runtime slowly


class Graph:
    """A client node that spins in the background, and the processes it has started."""

    def __init__(self, domain: int) -> None:
        import rclpy
        from rclpy.context import Context
        from rclpy.executors import SingleThreadedExecutor

        self._rclpy = rclpy
        self.context = Context()
        rclpy.init(context=self.context, domain_id=domain)
        self.node = rclpy.create_node("test_client", context=self.context)
        self._executor = SingleThreadedExecutor(context=self.context)
        self._executor.add_node(self.node)
        self._thread = threading.Thread(target=self._spin, daemon=True)
        self._thread.start()
        self._processes: list[subprocess.Popen[str]] = []
        self._environment = os.environ | {
            "ROS_DOMAIN_ID": str(domain),
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        self.diagnostics: dict[str, object] = {}
        self._listen_diagnostics()

    def _spin(self) -> None:
        from rclpy.executors import ExternalShutdownException

        with contextlib.suppress(ExternalShutdownException):
            self._executor.spin()

    def start(self, module: str, *ros_args: str, **parameters: object) -> subprocess.Popen[str]:
        """Start a node of this package as a process of its own."""
        command = [sys.executable, "-m", "depth_seg_ros.cli.node", module, "--ros-args", *ros_args]
        for name, value in parameters.items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            command += ["-p", f"{name.replace('__', '.')}:={text}"]
        return self._open(command)

    def start_command(self, name: str, *words: str) -> subprocess.Popen[str]:
        """Start a command of cli/shared/ros_nodes.py as a process of its own."""
        code = (
            f"import sys; from depth_seg_ros.cli.shared.ros_nodes import {name}; sys.exit({name}())"
        )
        return self._open([sys.executable, "-c", code, *words])

    def start_tool(self, package: str, executable: str, *words: str) -> subprocess.Popen[str]:
        """Start another package's program as a process of its own; skips where it is missing."""
        from ament_index_python.packages import get_package_prefix

        try:
            program = Path(get_package_prefix(package), "lib", package, executable)
        except (LookupError, OSError):  # not found; pip's ROS has no prefix to look in
            pytest.skip(f"{package} is not installed (not on PyPI)")
        return self._open([str(program), *words])

    def _open(self, command: list[str]) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._processes.append(process)
        return process

    def stop(self, process: subprocess.Popen[str]) -> str:
        """End a process as Ctrl-C does; what it has said."""
        process.send_signal(2)
        try:
            return process.communicate(timeout=WAIT_S)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            pytest.fail(f"did not end on SIGINT, said: {process.communicate()[0]}")

    def close(self) -> None:
        for process in self._processes:
            if process.poll() is None:  # leave the graph properly: ghosts answer no service
                process.terminate()
                try:
                    process.communicate(timeout=WAIT_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.communicate()
        self._executor.shutdown()
        self._thread.join(WAIT_S)
        self.node.destroy_node()  # or its subscriptions would haunt the next test
        self._rclpy.shutdown(context=self.context)

    # --- talking to the node

    def collect(self, kind: type, topic: str, qos: object = 10) -> list:
        """Messages of a topic, as they come."""
        messages: list = []
        self.node.create_subscription(kind, topic, messages.append, qos)
        return messages

    def call(self, kind: type, service: str, request: object, again_s: float = WAIT_S) -> object:
        """Ask; again after ``again_s`` without an answer, for what may be asked twice: a service is
        seen before it has seen its client, and an answer given between the two is lost."""
        client = self.node.create_client(kind, service)
        asked: list = []

        def answered() -> bool:
            if not asked or time.monotonic() > asked[-1][0] + again_s:
                asked.append((time.monotonic(), client.call_async(request)))
            return any(future.done() for _, future in asked)

        try:
            assert client.wait_for_service(WAIT_S), f"no service {service}"
            wait_for(answered, f"answer of {service}")
            return next(future.result() for _, future in asked if future.done())
        finally:
            self.node.destroy_client(client)

    def state(self, node: str = "/perception") -> str:
        from lifecycle_msgs.srv import GetState

        answer = self.call(GetState, f"{node}/get_state", GetState.Request(), again_s=2.0)
        return answer.current_state.label  # type: ignore[attr-defined]

    def change(self, transition: int, node: str = "/perception") -> bool:
        from lifecycle_msgs.srv import ChangeState

        request = ChangeState.Request()
        request.transition.id = transition
        return self.call(ChangeState, f"{node}/change_state", request).success  # type: ignore[attr-defined]

    def set_parameter(self, name: str, value: object, node: str = "/perception") -> object:
        from rcl_interfaces.srv import SetParameters
        from rclpy.parameter import Parameter

        request = SetParameters.Request(
            parameters=[Parameter(name, value=value).to_parameter_msg()]
        )
        return self.call(SetParameters, f"{node}/set_parameters", request).results[0]  # type: ignore[attr-defined]

    def _listen_diagnostics(self) -> None:
        from diagnostic_msgs.msg import DiagnosticArray

        def keep(message: DiagnosticArray) -> None:
            for status in message.status:
                self.diagnostics[status.name] = status

        self.node.create_subscription(DiagnosticArray, "/diagnostics", keep, 10)

    def diagnostic(self, name: str, node: str = "/perception") -> tuple[int, str, dict[str, str]]:
        """(level, message, values) of the newest status whose name ends so; level -1: none yet."""
        status = self.diagnostics.get(f"{node}: {name}")
        if status is None:
            return -1, "", {}
        values = {v.key: v.value for v in status.values}  # type: ignore[attr-defined]
        return int.from_bytes(status.level, "little"), status.message, values  # type: ignore[attr-defined]


class Camera:
    """Publishes images and camera_info as a driver does."""

    def __init__(self, graph: Graph, image: str = "/image", info: str = "/camera_info") -> None:
        from rclpy.qos import qos_profile_sensor_data
        from sensor_msgs.msg import CameraInfo, CompressedImage, Image

        self._types = Image, CameraInfo, CompressedImage
        self._node = graph.node
        qos = qos_profile_sensor_data
        self.image = graph.node.create_publisher(Image, image, qos)
        self.info = graph.node.create_publisher(CameraInfo, info, qos)
        self.compressed = graph.node.create_publisher(CompressedImage, f"{image}/compressed", qos)

    def wait_matched(self, compressed: bool = False) -> None:
        image = self.compressed if compressed else self.image
        wait_for(lambda: image.get_subscription_count() > 0, "subscription to the image")
        wait_for(lambda: self.info.get_subscription_count() > 0, "subscription to camera_info")

    def picture(self, rgb: np.ndarray, stamp_ns: int, **changes: object) -> object:
        height, width = rgb.shape[:2]
        message = self._types[0](height=height, width=width, encoding="rgb8", step=3 * width)
        message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp_ns, 10**9)
        message.header.frame_id = "camera_optical"
        message.data = array("B", rgb.tobytes())
        for name, value in changes.items():
            setattr(message, name, value)
        return message

    def calibration(self, width: int, height: int, f: float = 50.0, stamp_ns: int = 0) -> object:
        cx, cy = (width - 1) / 2, (height - 1) / 2
        message = self._types[1](
            width=width,
            height=height,
            k=[f, 0.0, cx, 0.0, f, cy, 0.0, 0.0, 1.0],
            p=[f, 0.0, cx, 0.0, 0.0, f, cy, 0.0, 0.0, 0.0, 1.0, 0.0],
        )
        message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp_ns, 10**9)
        message.header.frame_id = "camera_optical"
        return message

    def shoot(self, rgb: np.ndarray, stamp_ns: int, **changes: object) -> None:
        """One image with its calibration."""
        self.info.publish(self.calibration(rgb.shape[1], rgb.shape[0], stamp_ns=stamp_ns))
        self.image.publish(self.picture(rgb, stamp_ns, **changes))

    def shoot_compressed(self, data: bytes, stamp_ns: int, format: str = "jpeg") -> None:
        message = self._types[2](format=format, data=array("B", data))
        message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp_ns, 10**9)
        message.header.frame_id = "camera_optical"
        self.compressed.publish(message)


def wait_for(condition, what: str, timeout_s: float = WAIT_S) -> None:
    """Poll until true; a test fails by name, it does not hang."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"waited {timeout_s:g} s for: {what}")
        time.sleep(0.02)


def stamp_of(message) -> int:
    return message.header.stamp.sec * 10**9 + message.header.stamp.nanosec


@pytest.fixture
def domain() -> int:
    """A ROS domain nobody else should use, loopback only."""
    pytest.importorskip(
        "rclpy", reason="ROS 2 is not installed (pip has it for Linux x86_64: the extra [ros])"
    )
    # One domain per worker process and test run, within the range that needs no special ports.
    if os.environ.get("ROS_DISTRO") == "humble":
        os.environ["ROS_LOCALHOST_ONLY"] = "1"
    else:
        os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    return 60 + os.getpid() % 40


@pytest.fixture
def make_graph(domain):
    """Makes the graph's client when the test wants it to start."""
    made: list[Graph] = []

    def make() -> Graph:
        made.append(Graph(domain))
        return made[-1]

    yield make
    for graph in made:
        graph.close()


@pytest.fixture
def graph(make_graph):
    """An empty graph of its own."""
    return make_graph()


@pytest.fixture
def camera(graph):
    return Camera(graph)


@pytest.fixture
def make_camera():
    """The class, for several cameras on one graph."""
    return Camera


@pytest.fixture
def eventually():
    """eventually(condition, what, timeout_s=...)."""
    return wait_for


@pytest.fixture
def stamp():
    """stamp(message): nanoseconds."""
    return stamp_of


@pytest.fixture
def perception(graph, tiny_onnx):
    """Starts the perception node on the tiny network; waits until it is in the wanted state."""

    def start(*ros_args: str, state: str = "active", **parameters: object):
        settings = {"model": tiny_onnx, "diagnostic_updater__period": 0.2} | parameters
        process = graph.start("perception_node", *ros_args, **settings)
        places = [a.removeprefix("__ns:=") for a in ros_args if a.startswith("__ns:=")]
        node = f"{places[0] if places else ''}/perception"
        wait_for(lambda: process.poll() is not None or graph.state(node) == state, state)
        assert process.poll() is None, f"ended early: {process.communicate()[0]}"
        return process

    return start
