"""Camera -> perception -> recorder: three processes on loopback, one killed in the middle.

What is held: every image the camera sent is in the bag; every image a perception process received
was processed, dropped (counted) or failed (counted); every output is in the bag, belongs to an
image that was sent, and says what the tiny network says about that very image.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("cyclonedds")

from depth_seg_ros.bags.bag_file import BagFile
from depth_seg_ros.dds.environment import RosEnvironment
from depth_seg_ros.dds.participant import Participant
from depth_seg_ros.messages.cdr import peek_stamp_ns
from depth_seg_ros.messages.names import Names
from depth_seg_ros.messages.payloads import join_stamp
from depth_seg_ros.messages.topics import FRAME_TOPICS, QosProfile

WAIT_S = 150.0  # bounds a hang; a busy machine starts Python slowly
ENOUGH = 8
# The tiny network takes 32x20 and was "trained" at fx = 20: with this camera depth_scale is 1.
WIDTH, HEIGHT, FOCAL = 64, 40, 40
GREYS = (0, 40, 80, 120, 160, 200, 240)


class Processes:
    """The live commands as child processes; whatever still runs at the end is killed."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self.folder, self.variables = folder, variables
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, module: str, name: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"depth_seg_ros.cli.{module}", *options]
        command += ["--summary", str(self.folder / f"{name}.json")]
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(command, env=self.variables, stdout=log, stderr=log)
        self.started.append(process)
        return process

    def stop(self, process: subprocess.Popen[bytes], name: str) -> dict:
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0, self.log(name)
        return json.loads((self.folder / f"{name}.json").read_text())

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def kill_all(self) -> None:
        for process in self.started:
            process.kill()
            process.wait()


@pytest.fixture
def processes(tmp_path, live_variables):
    running = Processes(tmp_path, live_variables)
    yield running
    running.kill_all()


class Observer:
    """Counts depth images from inside the test, to know when to go on."""

    def __init__(self, participant: Participant) -> None:
        self.stamps_ns: list[int] = []
        participant.subscribe(
            "depth/image", "sensor_msgs/msg/Image", QosProfile(True, 10), self._on_depth
        )

    def _on_depth(self, cdr: bytes) -> None:
        self.stamps_ns.append(peek_stamp_ns(cdr))

    def wait_for_more(self, count: int, running: Processes) -> None:
        goal, end = len(self.stamps_ns) + count, time.monotonic() + WAIT_S
        while len(self.stamps_ns) < goal:
            logs = {p.name: p.read_text() for p in running.folder.glob("*.log")}
            assert time.monotonic() < end, f"too slow or stuck: {logs}"
            assert all(p.poll() in (None, -signal.SIGKILL) for p in running.started), logs
            time.sleep(0.05)


def write_images(folder: Path) -> Path:
    for part in ("image", "label", "depth"):
        (folder / part).mkdir(parents=True)
    for grey in GREYS:
        name = f"{grey:03d}.png"
        cv2.imwrite(str(folder / "image" / name), np.full((HEIGHT, WIDTH, 3), grey, np.uint8))
        cv2.imwrite(str(folder / "label" / name), np.full((HEIGHT, WIDTH), 7, np.uint8))
        cv2.imwrite(str(folder / "depth" / name), np.full((HEIGHT, WIDTH), 256 * 5, np.uint16))
    return folder


@pytest.fixture
def recorded(processes, tmp_path, tiny_onnx, live_variables):
    """Run the three processes, kill perception in the middle, start it again, stop all in order."""
    images = write_images(tmp_path / "images")
    perception = ("--model", str(tiny_onnx), "--backend", "onnxruntime", "--threads", "1")
    bag = tmp_path / "bag"
    environment = RosEnvironment.read(live_variables)
    with Participant(Names("observer"), environment) as participant:
        observer = Observer(participant)
        recorder = processes.start("record_live", "recorder", "--out", str(bag))
        first = processes.start("depth_seg_live", "first", *perception)
        camera = processes.start(
            "virtual_camera_live", "camera", "--images", str(images), "--focal", str(FOCAL),
            "--rate", "15", "--wait-for", "2", "--wait-timeout", str(WAIT_S),
        )  # fmt: skip
        observer.wait_for_more(ENOUGH, processes)
        first.kill()
        first.wait()
        killed_ns = time.time_ns()
        second = processes.start("depth_seg_live", "second", *perception)
        observer.wait_for_more(ENOUGH, processes)
        summaries = {"camera": processes.stop(camera, "camera")}
        summaries["second"] = processes.stop(second, "second")
        time.sleep(0.5)  # what is acknowledged may still be on its way to the recorder's disk
        summaries["recorder"] = processes.stop(recorder, "recorder")
    return bag, summaries, observer.stamps_ns, killed_ns


def grey_of(message) -> int:
    """The one grey of an image."""
    values = np.unique(message.data)
    assert len(values) == 1
    return int(values[0])


@pytest.mark.timeout(600)
def test_every_frame_is_accounted_for_through_a_crash(recorded, processes):
    bag_path, summaries, observed, killed_ns = recorded
    camera, second, recorder = (summaries[n] for n in ("camera", "second", "recorder"))

    # The camera's side: everything sent is in the bag.
    sent = camera["published"]["/image"]
    assert sent == camera["frames"] == camera["published"]["/camera_info"]
    assert camera["not_sent"] == {}
    assert recorder["messages"]["/image"] == sent
    assert recorder["messages"]["/camera_info"] == sent

    # The second perception process: what came was processed, dropped or failed, all counted.
    fates = ("processed", "unwatched", "dropped", "failed")
    assert second["received"] == sum(second[fate] for fate in fates)
    assert second["failed"] == 0, second["last_error"]
    assert second["processed"] >= ENOUGH
    assert second["not_sent"] == {}

    # The bag's side: no output twice, none without its image, and what is missing is known.
    published = {t.name for t in FRAME_TOPICS if second["published"].get(f"/{t.name}")}
    assert {"depth/image", "labels/image", "points", "overlay/image"} <= published
    for topic in published:
        account = recorder["accounts"][f"/{topic}"]
        assert account["twice"] == 0, topic
        assert account["foreign"] == 0, topic
        assert account["received"] + account["missing"] == sent, topic
        assert account["received"] >= second["published"][f"/{topic}"], topic

    with BagFile(bag_path) as bag:
        images = {e.stamp_ns: bag.read("/image", e) for e in bag.index("/image")}
        assert len(images) == sent
        check_depth(bag, images)
        after_crash = [e for e in bag.index("/depth/image") if e.stamp_ns > killed_ns]
        check_labels(bag, images)
        assert bag.counts["/labels/info"] == 2  # one from each perception process
        check_diagnostics(bag)
    assert set(observed) <= set(images)
    # Stamps are times of sending: what bears one after the crash is the second process's work.
    assert len(after_crash) == second["published"]["/depth/image"]


def check_depth(bag: BagFile, images) -> None:
    """Each depth image says what the tiny network says of its image."""
    for message in bag.messages("/depth/image"):
        image = images[join_stamp(message.header.stamp)]
        assert (message.height, message.width, message.encoding) == (HEIGHT, WIDTH, "32FC1")
        assert message.header.frame_id == image.header.frame_id
        assert np.allclose(message.data.view("<f4"), 2 + grey_of(image) / 10, atol=1e-3)


def check_labels(bag: BagFile, images) -> None:
    """Road where the picture is bright, sky where it is dark; confidence is the brightness."""
    seen = Counter()
    for message in bag.messages("/labels/image"):
        grey = grey_of(images[join_stamp(message.header.stamp)])
        label = grey_of(message)
        assert label == (7 if grey > 127 else 23)
        seen[label] += 1
    assert set(seen) == {7, 23}
    for message in bag.messages("/labels/confidence"):
        assert grey_of(message) == grey_of(images[join_stamp(message.header.stamp)])


def check_diagnostics(bag: BagFile) -> None:
    """The ROS node's statuses, with this run's facts in them."""
    statuses = {s.name: s for m in bag.messages("/diagnostics") for s in m.status}
    assert set(statuses) == {
        f"/perception: {n}" for n in ("input", "processing", "engine", "ground")
    }
    engine = {v.key: v.value for v in statuses["/perception: engine"].values}
    assert (engine["model"], engine["backend"]) == ("tiny", "onnxruntime")
    received = {v.key: v.value for v in statuses["/perception: input"].values}
    assert received["topic"] == "/image"
    assert received["camera_info"] == "known"
