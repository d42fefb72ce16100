"""A bag through the running node: play, predict, record, score; every frame is counted.

    ros2 launch depth_seg_ros evaluate_bag.launch.py bag:=drive.mcap out:=result

Unlike the command `evaluate_bag`, which scores every frame at its leisure, this is the live path:
what the node drops at this rate is in the report as not answered. The bag starts to play when the
node is active and its outputs are being recorded. `out` gets the recorded outputs (`bag/`) and the
report (`report.*`). The launch ends by itself: 0 when a report was written, 1 when not.
"""

from dataclasses import replace
from pathlib import Path
from signal import SIGINT

from launch import LaunchDescription
from launch.actions import (
    EmitEvent,
    ExecuteProcess,
    LogInfo,
    OpaqueFunction,
    RegisterEventHandler,
    TimerAction,
)
from launch.event_handlers import OnProcessExit
from launch.events import Shutdown, matches_action
from launch.events.process import SignalProcess

from depth_seg_ros.bags.bag_file import BagFile
from depth_seg_ros.bags.topics import find_topics
from depth_seg_ros.errors import LiveError
from depth_seg_ros.messages.topics import (
    CONFIDENCE,
    DEPTH,
    DEPTH_INFO,
    DIAGNOSTICS,
    LABEL_INFO,
    LABELS,
)
from depth_seg_ros.models import DEFAULT_MODEL
from depth_seg_ros.nodes.launching import (
    COMMON,
    PERCEPTION,
    Argument,
    command,
    perception_nodes,
    resolved,
    rviz,
    values_of,
)

MODEL = Argument("model", DEFAULT_MODEL, "Shipped model's name or ONNX file.", None, "model")
OTHERS = (
    Argument("bag", None, "Bag to play: a rosbag2 folder or file."),
    Argument("out", None, "Folder for the recorded outputs and the report; must not exist."),
    Argument("rate", "1.0", "Speed of the replay; lower it to lose no frame on a slow machine."),
    Argument("protocol", "auto", "Protocol of the depth scores; auto: by the kind of truth."),
    Argument("ground_truth", "", "KITTI raw drive or folder of depth images; empty: the bag's."),
    Argument("start_timeout_s", "900", "How long the node may take to become active."),
    Argument("finish_after_s", "3.0", "Seconds from the bag's end to the recording's."),
)
CHANGED = {
    "use_sim_time": "true",  # the bag's stamps are the time here
    "image": "",
}
GIVEN = tuple(replace(a, default=CHANGED.get(a.name, a.default)) for a in (*PERCEPTION, *COMMON))
OUTPUTS = (DEPTH_INFO, DEPTH, LABELS, CONFIDENCE, LABEL_INFO)
"""What is recorded: all that a score needs; points and overlay would be four times as much."""
_ACKED_MS = "10000"


def _processes(context):
    value = values_of(context, (MODEL, *OTHERS, *GIVEN))
    with BagFile(
        value["bag"]
    ) as bag:  # a topic that is not there is named here, with those that are
        value["image"] = find_topics(bag, image=value["image"] or None).image
    context.launch_configurations["image"] = value["image"]
    out = Path(value["out"])
    if out.exists():
        raise LiveError(f"{out} exists already; remove it or choose another out:=")
    out.mkdir(parents=True)
    outputs = [resolved(value["namespace"], t.name) for t in OUTPUTS]
    # What a reliable player has sent last would go with it, if it did not wait to be answered.
    play = ExecuteProcess(
        cmd=["ros2", "bag", "play", value["bag"], "--clock", "--rate", value["rate"],
             "--start-paused", "--disable-keyboard-controls", "--wait-for-all-acked", _ACKED_MS],
        output="screen",
    )  # fmt: skip
    record = ExecuteProcess(
        cmd=["ros2", "bag", "record", "--output", str(out / "bag"), "--storage", "mcap",
             "--regex", f"^({'|'.join((*outputs, DIAGNOSTICS.name))})$"],
        output="screen",
    )  # fmt: skip
    start = command(
        "start_bag", "--node", resolved(value["namespace"], "perception"),
        "--image", value["image"], "--timeout", value["start_timeout_s"], "--recorded", *outputs,
    )  # fmt: skip
    score = command(
        "score_recording", value["bag"], "--recording", str(out / "bag"), "--out", str(out),
        "--namespace", value["namespace"], "--model", value["model"],
        "--protocol", value["protocol"], "--image-topic", value["image"],
        *(("--ground-truth", value["ground_truth"]) if value["ground_truth"] else ()),
    )  # fmt: skip
    perception = perception_nodes(context, (MODEL,))
    stop_recording = EmitEvent(
        event=SignalProcess(signal_number=SIGINT, process_matcher=matches_action(record))
    )
    # The last frame is still in work when the bag ends.
    finish = TimerAction(period=float(value["finish_after_s"]), actions=[stop_recording])
    return [
        *(_then(node) for node in perception),  # nothing: they are to run until the end
        _then(start, LogInfo(msg="playing")),
        _then(play, finish),
        _then(record, score),
        _then(score, EmitEvent(event=Shutdown(reason="scored"))),
        record,
        *perception,
        play,
        start,
    ]


def _then(process, *actions):
    """What follows when a process has ended well; anything else ends the launch with code 1."""

    def ended(event, context):
        if context.is_shutdown:
            return None
        if event.returncode or not actions:
            raise LiveError(f"{event.process_name} ended early (exit code {event.returncode})")
        return list(actions)

    return RegisterEventHandler(OnProcessExit(target_action=process, on_exit=ended))


def generate_launch_description():
    return LaunchDescription(
        [
            *(a.declare() for a in (MODEL, *OTHERS, *GIVEN)),
            rviz(),
            OpaqueFunction(function=_processes),
        ]
    )
