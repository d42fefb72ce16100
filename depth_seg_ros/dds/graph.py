"""Who else is in the graph: the publishers of other processes, from DDS's built-in topics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cyclonedds.builtin import BuiltinDataReader, BuiltinTopicDcpsPublication
from cyclonedds.core import InstanceState, Policy, ReadCondition, SampleState, ViewState
from cyclonedds.domain import DomainParticipant

from depth_seg_ros.messages.names import ros_topic, ros_type
from depth_seg_ros.messages.topics import QosProfile

_ENOUGH = 10_000


@dataclass(frozen=True)
class RemotePublisher:
    """A publisher somewhere in the graph, this process included."""

    topic: str
    ros_type: str
    reliable: bool
    transient_local: bool


class Graph:
    """A view of the graph; asking is cheap enough for once a second."""

    def __init__(self, participant: DomainParticipant) -> None:
        self._reader = BuiltinDataReader(participant, BuiltinTopicDcpsPublication)
        self._alive = ReadCondition(
            self._reader, SampleState.Any | ViewState.Any | InstanceState.Alive
        )

    def publishers(self) -> list[RemotePublisher]:
        """All ROS topics offered now."""
        found = []
        for endpoint in self._reader.read(_ENOUGH, condition=self._alive):
            topic = ros_topic(endpoint.topic_name)
            kind = ros_type(endpoint.type_name)
            if topic is not None and kind is not None:
                found.append(_publisher(topic, kind, endpoint.qos))
        return found


def _publisher(topic: str, kind: str, qos: Any) -> RemotePublisher:
    reliability, durability = qos[Policy.Reliability], qos[Policy.Durability]
    return RemotePublisher(
        topic,
        kind,
        reliable=isinstance(reliability, Policy.Reliability.Reliable),
        transient_local=durability == Policy.Durability.TransientLocal,
    )


def matching_profile(publishers: list[RemotePublisher], depth: int) -> QosProfile:
    """The strongest profile that matches all of these publishers (as ``ros2 bag record`` does)."""
    return QosProfile(
        reliable=all(p.reliable for p in publishers),
        depth=depth,
        transient_local=all(p.transient_local for p in publishers),
    )
