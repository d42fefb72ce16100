import numpy as np
import pytest

pytest.importorskip("rosbags")

from depth_seg_ros.errors import LiveError
from depth_seg_ros.messages import cdr, topics, typestore
from depth_seg_ros.messages.payloads import Header, image_payload

# From the type description files of a ROS 2 Jazzy installation.
KNOWN = {
    "sensor_msgs/msg/Image": "d31d41a9a4c4bc8eae9be757b0beed306564f7526c88ea6a4588fb9582527d47",
    "rmw_dds_common/msg/ParticipantEntitiesInfo": (
        "91a0593bacdcc50ea9bdcf849a938b128412cc1ea821245c663bcd26f83c295e"
    ),
}


@pytest.mark.parametrize("kind", sorted(KNOWN))
def test_type_hashes_are_those_of_ros(kind):
    assert typestore.type_hash(kind) == f"RIHS01_{KNOWN[kind]}"


def test_every_topic_has_a_known_type():
    for topic in vars(topics).values():
        if isinstance(topic, topics.Topic):
            typestore.check_known(topic.message)


def test_a_payload_comes_back_from_its_bytes():
    image = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    kind, data = cdr.serialize(image_payload(Header(1_500_000_007, "cam"), image, "rgb8"))
    message = cdr.deserialize(bytes(data), kind)
    assert (message.height, message.width, message.encoding, message.step) == (2, 4, "rgb8", 12)
    assert np.array_equal(message.data, image.reshape(-1))
    assert bytes(cdr.serialize_message(message, kind)) == bytes(data)
    assert cdr.peek_stamp_ns(bytes(data)) == 1_500_000_007


def test_fields_of_a_type_in_its_own_words():
    found = dict(typestore.fields("sensor_msgs/msg/CameraInfo"))
    assert found["height"] == typestore.Scalar("uint32")
    assert found["header"] == typestore.Nested("std_msgs/msg/Header")
    assert found["d"] == typestore.Repeated(typestore.Scalar("float64"), 0, False)
    assert found["k"] == typestore.Repeated(typestore.Scalar("float64"), 9, True)
    assert typestore.has_header("sensor_msgs/msg/Image")
    assert not typestore.has_header("std_msgs/msg/String")


def test_stamps_are_read_in_both_byte_orders():
    body = (5).to_bytes(4, "big") + (7).to_bytes(4, "big")
    assert cdr.peek_stamp_ns(b"\0\0\0\0" + body) == 5_000_000_007


def test_damaged_messages_and_unknown_types_are_errors():
    with pytest.raises(LiveError, match="too short"):
        cdr.peek_stamp_ns(b"\0\1\0\0\0")
    with pytest.raises(LiveError, match="are no sensor_msgs/msg/Image"):
        cdr.deserialize(b"\0\1\0\0\1\2\3", "sensor_msgs/msg/Image")
    with pytest.raises(LiveError, match="my_msgs/msg/Thing is not known"):
        typestore.type_hash("my_msgs/msg/Thing")
