import pytest

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.messages.names import (
    Names,
    dds_topic,
    dds_type,
    parse_remaps,
    ros_topic,
    ros_type,
)


def test_relative_absolute_and_private_names():
    names = Names("camera", "/front")
    assert names.resolve("image") == "/front/image"
    assert names.resolve("/image") == "/image"
    assert names.resolve("~/image") == "/front/camera/image"
    assert Names("camera").resolve("depth/image") == "/depth/image"
    assert Names("camera").resolve("~/image") == "/camera/image"


def test_remapping_compares_resolved_names():
    names = Names("n", "/front", parse_remaps(["image:=/camera/image_raw", "/front/points:=cloud"]))
    assert names.resolve("image") == "/camera/image_raw"
    assert names.resolve("/front/image") == "/camera/image_raw"
    assert names.resolve("points") == "/front/cloud"
    assert names.resolve("/image") == "/image"


@pytest.mark.parametrize("rule", ["image", "image=/x", ":=/x", "image:=", "a b:=/x", "a:=/1x"])
def test_bad_rules_are_refused(rule):
    with pytest.raises(ConfigError):
        parse_remaps([rule])


@pytest.mark.parametrize("name", ["", "/", "a//b", "a/", "2d", "a-b", "~", "a b", "ümlaut"])
def test_bad_topic_names_are_refused(name):
    with pytest.raises(ConfigError, match="is no topic name"):
        Names("n").resolve(name)


def test_bad_nodes_and_namespaces_are_refused():
    with pytest.raises(ConfigError, match="node name"):
        Names("my-node")
    with pytest.raises(ConfigError, match="must start with /"):
        Names("n", "front")
    with pytest.raises(ConfigError):
        Names("n", "/front/")


def test_dds_names_and_back():
    assert dds_topic("/camera/image") == "rt/camera/image"
    assert ros_topic("rt/camera/image") == "/camera/image"
    assert ros_topic("ros_discovery_info") is None
    assert ros_topic("rq/add_two_intsRequest") is None
    assert dds_type("sensor_msgs/msg/Image") == "sensor_msgs::msg::dds_::Image_"
    assert ros_type("sensor_msgs::msg::dds_::Image_") == "sensor_msgs/msg/Image"
    assert ros_type("example_interfaces::srv::dds_::Add_Request_") is None
    assert ros_type("Plain") is None
