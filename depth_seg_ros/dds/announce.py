"""``ros_discovery_info``: tells ROS processes which node the endpoints of this process belong to.

Without it the endpoints work, but ``ros2 node list`` and ``ros2 topic info -v`` know no name for
them. One latched message holds all of it and is written again whenever an endpoint is added.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from cyclonedds.core import Entity
from cyclonedds.domain import DomainParticipant
from cyclonedds.pub import DataWriter
from cyclonedds.topic import Topic

from depth_seg_ros.dds.idl import make_sample, sample_class
from depth_seg_ros.dds.qos import endpoint_qos
from depth_seg_ros.messages.cdr import serialize_message
from depth_seg_ros.messages.names import Names
from depth_seg_ros.messages.topics import QOS
from depth_seg_ros.messages.type_names import PARTICIPANT_ENTITIES
from depth_seg_ros.messages.typestore import message_class

TOPIC = "ros_discovery_info"


class Announcement:
    """What this process says about its node."""

    def __init__(self, participant: DomainParticipant, names: Names) -> None:
        self._names = names
        self._gid = _gid(participant)
        self._readers: dict[bytes, Any] = {}
        self._writers: dict[bytes, Any] = {}
        self._sample = sample_class(PARTICIPANT_ENTITIES)
        topic = Topic(participant, TOPIC, self._sample)
        qos = endpoint_qos(QOS["latched"], PARTICIPANT_ENTITIES)
        self._writer = DataWriter(participant, topic, qos)
        self._publish()

    def add_reader(self, reader: Entity) -> None:
        self._readers[reader.get_guid().bytes] = _gid(reader)
        self._publish()

    def remove_reader(self, reader: Entity) -> None:
        del self._readers[reader.get_guid().bytes]
        self._publish()

    def add_writer(self, writer: Entity) -> None:
        self._writers[writer.get_guid().bytes] = _gid(writer)
        self._publish()

    def _publish(self) -> None:
        node = message_class("rmw_dds_common/msg/NodeEntitiesInfo")(
            node_namespace=self._names.namespace,
            node_name=self._names.node,
            reader_gid_seq=list(self._readers.values()),
            writer_gid_seq=list(self._writers.values()),
        )
        info = message_class(PARTICIPANT_ENTITIES)(gid=self._gid, node_entities_info_seq=[node])
        cdr = bytes(serialize_message(info, PARTICIPANT_ENTITIES))
        self._writer.write(make_sample(self._sample, cdr))


def _gid(entity: Entity) -> Any:
    """rmw_dds_common/Gid: the 16 bytes of the DDS GUID."""
    data = np.frombuffer(entity.get_guid().bytes, np.uint8)
    return message_class("rmw_dds_common/msg/Gid")(data=data)
