"""A bag through the running node: play, predict, record, score; every frame is counted.

    ros2 launch depth_seg_ros evaluate_bag.launch.py bag:=drive.mcap image:=/image out:=result

Unlike the command `evaluate_bag`, which scores every frame at its leisure, this is the live path:
what the node drops at this rate is in the report as truth without a prediction. `out` gets the
recorded outputs (`bag/`) and the scores (`scores.json`). The bag must hold ground truth images.
"""

from dataclasses import replace
from pathlib import Path

from launch.actions import (
    EmitEvent,
    ExecuteProcess,
    OpaqueFunction,
    RegisterEventHandler,
    TimerAction,
)
from launch.event_handlers import OnProcessExit
from launch.events import Shutdown

from depth_seg_ros.messages.topics import FRAME_TOPICS, LABEL_INFO
from depth_seg_ros.nodes.launching import (
    COMMON,
    PERCEPTION,
    Argument,
    evaluation_node,
    perception_nodes,
    resolved,
    values_of,
)
from launch import LaunchDescription

MODEL = Argument("model", "ds_net", "Shipped model's name or ONNX file.", None, "model")
OTHERS = (
    Argument("bag", None, "Bag to play: a rosbag2 folder or file."),
    Argument("out", None, "Folder for the recorded outputs and the scores; must not exist."),
    Argument("rate", "1.0", "Speed of the replay; lower it to lose no frame on a slow machine."),
    Argument("start_after_s", "6.0", "Seconds from the start to the first message of the bag."),
    Argument("truth_depth", "ground_truth/depth/image", "Ground truth depth topic of the bag."),
    Argument("truth_labels", "ground_truth/labels/image", "Ground truth label topic of the bag."),
    Argument("protocol", "dense", "Protocol of the depth scores."),
)
# The bag's stamps are the time here.
SHARED = tuple(replace(a, default="true") if a.name == "use_sim_time" else a for a in COMMON)


def _processes(context):
    value = values_of(context, (MODEL, *OTHERS, *PERCEPTION, *SHARED))
    out = Path(value["out"])
    out.mkdir(parents=True)  # refuses to mix two runs
    outputs = [resolved(value["namespace"], t.name) for t in (*FRAME_TOPICS, LABEL_INFO)]
    play = ExecuteProcess(
        cmd=["ros2", "bag", "play", value["bag"], "--clock", "--rate", value["rate"],
             # Publishers first, messages later: or the first frame has nobody to go to.
             "--delay", "3.0", "--disable-keyboard-controls"],
        output="screen",
    )  # fmt: skip
    record = ExecuteProcess(
        cmd=["ros2", "bag", "record", "--output", str(out / "bag"), "--storage", "mcap",
             "--regex", f"^({'|'.join(outputs)})$"],  # positional and --topics differ by distro
        output="screen",
    )  # fmt: skip
    score = evaluation_node(
        value["namespace"],
        {"protocol": value["protocol"], "report": str(out / "scores.json")},
        [
            ("ground_truth/depth/image", value["truth_depth"]),
            ("ground_truth/labels/image", value["truth_labels"]),
        ],
    )
    # The last frame is still in work when the bag ends.
    finish = TimerAction(period=3.0, actions=[EmitEvent(event=Shutdown(reason="bag finished"))])
    return [
        record,
        score,
        *perception_nodes(context, (MODEL,)),
        TimerAction(period=float(value["start_after_s"]), actions=[play]),
        RegisterEventHandler(OnProcessExit(target_action=play, on_exit=[finish])),
    ]


def generate_launch_description():
    return LaunchDescription(
        [
            *(a.declare() for a in (MODEL, *OTHERS, *PERCEPTION, *SHARED)),
            OpaqueFunction(function=_processes),
        ]
    )
