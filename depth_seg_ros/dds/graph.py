"""Who is in the graph: the endpoints of all processes, from DDS's built-in topics."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from cyclonedds.builtin import (
    BuiltinDataReader,
    BuiltinTopicDcpsPublication,
    BuiltinTopicDcpsSubscription,
)
from cyclonedds.core import InstanceState, Policy, ReadCondition, SampleState, ViewState
from cyclonedds.domain import DomainParticipant

from depth_seg_ros.messages.names import ros_topic, ros_type
from depth_seg_ros.messages.topics import QosProfile

_ENOUGH = 10_000


@dataclass(frozen=True)
class Endpoint:
    """A publisher or subscriber somewhere in the graph, this process included."""

    topic: str
    ros_type: str
    profile: QosProfile


class Graph:
    """A view of the graph; asking is cheap enough for once a second."""

    def __init__(self, participant: DomainParticipant) -> None:
        self._publications = _alive(participant, BuiltinTopicDcpsPublication)
        self._subscriptions = _alive(participant, BuiltinTopicDcpsSubscription)

    def publishers(self) -> list[Endpoint]:
        """All ROS topics offered now."""
        return list(_endpoints(*self._publications))

    def subscribers(self) -> list[Endpoint]:
        """All ROS topics asked for now."""
        return list(_endpoints(*self._subscriptions))


def _alive(participant: DomainParticipant, kind: Any) -> tuple[Any, ReadCondition]:
    reader = BuiltinDataReader(participant, kind)
    states = SampleState.Any | ViewState.Any | InstanceState.Alive
    return reader, ReadCondition(reader, states)


def _endpoints(reader: Any, alive: ReadCondition) -> Iterator[Endpoint]:
    for endpoint in reader.read(_ENOUGH, condition=alive):
        topic = ros_topic(endpoint.topic_name)
        kind = ros_type(endpoint.type_name)
        if topic is not None and kind is not None:
            yield Endpoint(topic, kind, _profile(endpoint.qos))


def _profile(qos: Any) -> QosProfile:
    """What matters for matching; how deep a history is, the graph does not tell."""
    return QosProfile(
        reliable=isinstance(qos[Policy.Reliability], Policy.Reliability.Reliable),
        depth=1,
        transient_local=qos[Policy.Durability] == Policy.Durability.TransientLocal,
    )


def matching_profile(publishers: Collection[Endpoint], depth: int) -> QosProfile:
    """The strongest profile that matches all of these publishers (as ``ros2 bag record`` does)."""
    return QosProfile(
        reliable=all(p.profile.reliable for p in publishers),
        depth=depth,
        transient_local=all(p.profile.transient_local for p in publishers),
    )
