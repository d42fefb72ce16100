"""Publishers and subscriptions: CDR bytes in, CDR bytes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cyclonedds.core import DDSException, InstanceState, ReadCondition, SampleState, ViewState
from cyclonedds.domain import DomainParticipant
from cyclonedds.pub import DataWriter
from cyclonedds.sub import DataReader
from cyclonedds.topic import Topic

from depth_seg_ros.dds.idl import make_sample, sample_class
from depth_seg_ros.dds.qos import endpoint_qos, writer_profile
from depth_seg_ros.errors import LiveError
from depth_seg_ros.messages.names import dds_topic
from depth_seg_ros.messages.topics import QosProfile
from depth_seg_ros.messages.typestore import prepare

_TAKE = 16  # samples a call; the rest waits for the next


class Publisher:
    """Writes one topic. ``sent`` and ``not_sent`` count messages; thread-safe as far as DDS is."""

    def __init__(
        self, participant: DomainParticipant, topic: str, ros_type: str, profile: QosProfile
    ) -> None:
        self.topic = topic
        self.ros_type = ros_type
        self.profile = profile
        self.sent = 0
        self.not_sent = 0
        self._sample = sample_class(ros_type)
        prepare(ros_type)
        self._topic = Topic(participant, dds_topic(topic), self._sample)
        qos = endpoint_qos(writer_profile(profile), ros_type)
        self.writer: Any = DataWriter(participant, self._topic, qos)

    def subscribers(self) -> int:
        """How many subscribers are matched now."""
        return int(self.writer.get_publication_matched_status().current_count)

    def publish(self, cdr: bytes) -> bool:
        """Send one message; False (and counted) where a reliable reader keeps it waiting."""
        try:
            self.writer.write(make_sample(self._sample, cdr))
        except DDSException as e:
            if e.code == DDSException.DDS_RETCODE_TIMEOUT:
                self.not_sent += 1
                return False
            raise LiveError(f"{self.topic}: Cyclone DDS could not write ({e})") from e
        self.sent += 1
        return True

    def wait_delivered(self, timeout_s: float) -> bool:
        """Wait until every matched reliable reader has acknowledged everything."""
        try:
            return bool(self.writer.wait_for_acks(round(timeout_s * 1e9)))
        except AttributeError:  # cyclonedds 11.0.1 misspells the error that says: time is up
            return False


class Subscription:
    """Reads one topic; ``received`` counts messages, ``largest`` is their greatest size [bytes]."""

    def __init__(
        self,
        participant: DomainParticipant,
        topic: str,
        ros_type: str,
        profile: QosProfile,
        callback: Callable[[bytes], None],
    ) -> None:
        self.topic = topic
        self.ros_type = ros_type
        self.profile = profile
        self.received = 0
        self.largest = 0
        self.callback = callback
        prepare(ros_type)
        self._topic = Topic(participant, dds_topic(topic), sample_class(ros_type))
        self.reader: Any = DataReader(participant, self._topic, endpoint_qos(profile, ros_type))
        self.condition = ReadCondition(
            self.reader, SampleState.Any | ViewState.Any | InstanceState.Any
        )

    def publishers(self) -> int:
        """How many publishers are matched now."""
        return int(self.reader.get_subscription_matched_status().current_count)

    def take(self) -> Iterator[bytes]:
        """Everything that has arrived, oldest first."""
        while samples := self.reader.take(_TAKE):
            for sample in samples:
                if not sample.sample_info.valid_data:
                    continue  # a publisher came or went
                self.received += 1
                self.largest = max(self.largest, len(sample.cdr))
                yield sample.cdr

    def lost(self) -> int:
        """Messages DDS knows to have missed since the start."""
        return int(self.reader.get_sample_lost_status().total_count)
