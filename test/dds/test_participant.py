"""Participants inside one process, over real DDS on loopback."""

import threading
import time

import numpy as np
import pytest

pytest.importorskip("cyclonedds")

from cyclonedds.builtin import BuiltinDataReader, BuiltinTopicDcpsPublication
from cyclonedds.core import Policy
from cyclonedds.sub import DataReader
from cyclonedds.topic import Topic

from depth_seg_ros.dds.announce import TOPIC as DISCOVERY_TOPIC
from depth_seg_ros.dds.environment import RosEnvironment
from depth_seg_ros.dds.graph import Endpoint, matching_profile
from depth_seg_ros.dds.idl import make_sample, sample_class
from depth_seg_ros.dds.participant import Participant
from depth_seg_ros.dds.qos import endpoint_qos
from depth_seg_ros.errors import FrameError, LiveError
from depth_seg_ros.messages import topics
from depth_seg_ros.messages.cdr import deserialize, serialize
from depth_seg_ros.messages.names import Names
from depth_seg_ros.messages.payloads import Header, image_payload
from depth_seg_ros.messages.topics import QOS, QosProfile
from depth_seg_ros.messages.type_names import PARTICIPANT_ENTITIES
from depth_seg_ros.messages.typestore import type_hash

IMAGE = "sensor_msgs/msg/Image"
INFO = "sensor_msgs/msg/CameraInfo"
WAIT_S = 20.0


def eventually(condition):
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def image_cdr(stamp_ns=5, value=7, width=32):
    picture = np.full((2, width, 3), value, np.uint8)
    return bytes(serialize(image_payload(Header(stamp_ns, "cam"), picture, "rgb8"))[1])


@pytest.fixture
def pair(ros_environment):
    with (
        Participant(Names("talker"), ros_environment) as talker,
        Participant(Names("listener"), ros_environment) as listener,
    ):
        yield talker, listener


def test_messages_arrive_whole_and_in_order(pair):
    talker, listener = pair
    got = []
    publisher = talker.publisher("image", IMAGE, QOS["reliable"])
    subscription = listener.subscribe("image", IMAGE, QosProfile(True, 20), got.append)
    eventually(lambda: publisher.subscribers() == 1 and subscription.publishers() == 1)
    sent = [image_cdr(stamp_ns=i, value=i, width=20_000) for i in range(5)]
    for cdr in sent:
        assert publisher.publish(cdr)
    assert talker.undelivered(WAIT_S) == []
    eventually(lambda: len(got) == 5)
    assert [deserialize(c, IMAGE).data[0] for c in got] == [0, 1, 2, 3, 4]
    assert [bytes(c)[: len(s)] for c, s in zip(got, sent, strict=True)] == sent
    assert (publisher.sent, subscription.received) == (5, 5)
    assert subscription.largest >= 120_000


def test_a_late_subscriber_gets_what_is_latched(pair):
    talker, listener = pair
    publisher = talker.publisher("info", IMAGE, QOS["latched"])
    publisher.publish(image_cdr(value=1))
    publisher.publish(image_cdr(value=2))
    got = []
    listener.subscribe("info", IMAGE, QOS["latched"], got.append)
    eventually(lambda: got)
    assert [deserialize(c, IMAGE).data[0] for c in got] == [2]


def test_incompatible_qos_is_reported_on_both_sides(pair):
    talker, listener = pair
    publisher = talker.publisher("image", IMAGE, QOS["sensor"])
    listener.subscribe("image", IMAGE, QOS["reliable"], lambda cdr: None)
    reports = lambda: talker.mismatches() + listener.mismatches()  # noqa: E731
    # Each sees both sides of it: its own endpoint and, of the other, the graph's word.
    eventually(lambda: len(set(reports())) == 2)
    assert set(reports()) == {
        "a subscriber of /image asks for an incompatible QoS (RELIABILITY): it gets nothing",
        "a publisher on /image offers an incompatible QoS (RELIABILITY): nothing arrives",
    }
    assert publisher.subscribers() == 0
    listener.unsubscribe(listener.subscriptions[0])
    eventually(lambda: reports() == [])


def test_the_graph_knows_qos(pair):
    talker, listener = pair
    talker.publisher("labels/info", "vision_msgs/msg/LabelInfo", QOS["latched"])
    eventually(lambda: listener.graph.publishers())
    assert listener.graph.publishers() == [
        Endpoint("/labels/info", "vision_msgs/msg/LabelInfo", QosProfile(True, 1, True))
    ]


def test_the_recorders_qos_matches_the_weakest_publisher():
    strong, weak = (
        Endpoint("/t", IMAGE, QosProfile(True, 1, True)),
        Endpoint("/t", IMAGE, QosProfile(False, 1, True)),
    )
    assert matching_profile([strong], 3) == QosProfile(True, 3, True)
    assert matching_profile([strong, weak], 3) == QosProfile(False, 3, True)


def test_a_publisher_that_goes_leaves_the_graph(ros_environment):
    with Participant(Names("stays"), ros_environment) as stays:
        with Participant(Names("goes"), ros_environment) as goes:
            goes.publisher("image", IMAGE, QOS["sensor"])
            eventually(lambda: stays.graph.publishers())
        eventually(lambda: not stays.graph.publishers())


def test_endpoints_carry_type_hashes_and_the_node_is_announced(pair):
    talker, listener = pair
    publisher = talker.publisher("image", IMAGE, QOS["reliable"])
    participant = listener._participant
    endpoints = BuiltinDataReader(participant, BuiltinTopicDcpsPublication)
    qos = endpoint_qos(QosProfile(True, 100, True))  # all nodes write into one instance
    sample = sample_class(PARTICIPANT_ENTITIES)
    announcements = DataReader(participant, Topic(participant, DISCOVERY_TOPIC, sample), qos)
    hashes, nodes = {}, {}

    def everything_seen():
        for e in endpoints.take(100):
            hashes[e.topic_name] = e.qos[Policy.Userdata].data
        for s in announcements.take(100):
            info = deserialize(s.cdr, PARTICIPANT_ENTITIES)
            for node in info.node_entities_info_seq:
                writers = {bytes(gid.data) for gid in node.writer_gid_seq}
                nodes[node.node_namespace + node.node_name] = writers
        return "rt/image" in hashes and nodes.get("/talker")

    eventually(everything_seen)
    assert hashes["rt/image"] == f"typehash={type_hash(IMAGE)};".encode()
    assert hashes[DISCOVERY_TOPIC] == f"typehash={type_hash(PARTICIPANT_ENTITIES)};".encode()
    assert nodes["/talker"] == {publisher.writer.get_guid().bytes}


def test_an_expected_error_in_a_callback_costs_one_message(ros_environment):
    errors, got = [], []

    def picky(cdr):
        if deserialize(cdr, IMAGE).data[0] == 1:
            raise FrameError("bad image")
        got.append(cdr)

    with Participant(Names("node"), ros_environment, on_error=errors.append) as node:
        publisher = node.publisher("image", IMAGE, QOS["reliable"])
        node.subscribe("image", IMAGE, QosProfile(True, 10), picky)
        eventually(lambda: publisher.subscribers() == 1)
        for value in (0, 1, 2):
            publisher.publish(image_cdr(value=value))
        eventually(lambda: len(got) == 2)
    assert [str(e) for e in errors] == ["bad image"]


def test_a_bug_in_a_callback_surfaces(ros_environment):
    seen = threading.Event()

    def broken(cdr):
        seen.set()
        raise ZeroDivisionError("bug")

    with (
        pytest.raises(ZeroDivisionError, match="bug"),
        Participant(Names("node"), ros_environment) as node,
    ):
        publisher = node.publisher("image", IMAGE, QOS["latched"])
        node.subscribe("image", IMAGE, QOS["latched"], broken)
        publisher.publish(image_cdr())
        assert seen.wait(WAIT_S)


def test_a_bad_configuration_is_one_error():
    broken = RosEnvironment(48, "LOCALHOST", (), "<CycloneDDS><Nonsense/></CycloneDDS>")
    with pytest.raises(LiveError, match="does not accept its configuration"):
        Participant(Names("node"), broken)


def test_one_process_has_one_configuration_per_domain(ros_environment):
    other = RosEnvironment(ros_environment.domain_id, "OFF")
    with (
        Participant(Names("node"), ros_environment),
        pytest.raises(LiveError, match="joined already"),
    ):
        Participant(Names("other"), other)
    with Participant(Names("other"), other):  # the domain is free again
        pass


def test_closing_twice_does_nothing(ros_environment):
    node = Participant(Names("node"), ros_environment)
    node.close()
    node.close()


def test_every_topic_has_a_dds_type():
    for topic in vars(topics).values():
        if isinstance(topic, topics.Topic):
            assert sample_class(topic.message) is sample_class(topic.message)


def test_messages_travel_padded_to_four_bytes():
    kind = sample_class("std_msgs/msg/String")
    for length in range(5):
        assert kind.serialize(make_sample(kind, b"x" * length)) == b"x" * length + bytes(
            -length % 4
        )
