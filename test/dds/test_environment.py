from xml.etree import ElementTree

import pytest

from depth_seg_ros.dds.environment import RosEnvironment
from depth_seg_ros.errors import ConfigError


def fragments(**variables):
    """The configuration's XML fragments merged into one tree's text, by path."""
    config = RosEnvironment.read(variables).cyclone_config(process_id=4711)
    found = {}
    for text in config.split("</CycloneDDS>"):
        if not text.strip(","):
            continue
        root = ElementTree.fromstring(text.lstrip(",") + "</CycloneDDS>")
        for element in root.iter():
            value = element.get("address") or element.get("max") or element.text
            found.setdefault(element.tag, []).append(value)
    return found


def test_defaults_are_those_of_ros():
    environment = RosEnvironment.read({})
    assert (environment.domain_id, environment.discovery_range) == (0, "SUBNET")
    found = fragments()
    assert "AllowMulticast" not in found
    assert "Peers" not in found
    assert found["ParticipantIndex"] == ["auto"]
    assert found["SocketReceiveBufferSize"] == ["8388608B"]
    assert found["IgnoreTypeInformation"] == ["1.15"], "Fast DDS, by its vendor id"


@pytest.mark.parametrize(
    "variables", [{"ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"}, {"ROS_LOCALHOST_ONLY": "1"}]
)
def test_localhost_has_no_multicast_and_one_peer(variables):
    found = fragments(**variables)
    assert found["AllowMulticast"] == ["false"]
    assert found["Peer"] == ["localhost"]
    assert found["MaxMessageSize"] == ["65500B"]
    assert found["NetworkInterface"] == ["127.0.0.1"]
    assert "NetworkInterface" not in fragments()
    assert "MaxMessageSize" not in fragments()


def test_static_peers_join_the_localhost_unless_the_old_variable_rules():
    peers = {"ROS_STATIC_PEERS": "10.0.0.7; robot.local;"}
    assert fragments(**peers)["Peer"] == ["10.0.0.7", "robot.local"]
    local = fragments(ROS_AUTOMATIC_DISCOVERY_RANGE="localhost", **peers)
    assert local["Peer"] == ["localhost", "10.0.0.7", "robot.local"]
    assert fragments(ROS_LOCALHOST_ONLY="1", **peers)["Peer"] == ["localhost"]


def test_who_chooses_the_interfaces_is_not_overruled():
    local = {"ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"}
    own = '<CycloneDDS><Domain><General><Interfaces><NetworkInterface name="eth1"/></Interfaces>'
    for uri in (own, "file:///etc/cyclone.xml"):
        config = RosEnvironment.read(local | {"CYCLONEDDS_URI": uri}).cyclone_config(1)
        assert "127.0.0.1" not in config
    with_peers = RosEnvironment.read(local | {"ROS_STATIC_PEERS": "10.0.0.7"}).cyclone_config(1)
    assert '<NetworkInterface autodetermine="true"/>' in with_peers


def test_off_is_alone():
    found = fragments(ROS_AUTOMATIC_DISCOVERY_RANGE="OFF")
    assert found["Tag"] == ["ros_discovery_off_4711"]
    assert found["AllowMulticast"] == ["false"]
    assert "Peer" not in found


def test_system_default_leaves_discovery_to_cyclone():
    assert "Discovery" not in fragments(ROS_AUTOMATIC_DISCOVERY_RANGE="SYSTEM_DEFAULT")


def test_the_users_configuration_comes_last_and_so_wins():
    config = RosEnvironment.read({"CYCLONEDDS_URI": "file:///etc/cyclone.xml"}).cyclone_config(1)
    assert config.endswith(",file:///etc/cyclone.xml")


def test_a_peer_cannot_smuggle_xml():
    config = RosEnvironment.read({"ROS_STATIC_PEERS": '"/><Evil/>'}).cyclone_config(1)
    assert "<Evil/>" not in config


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({"ROS_DOMAIN_ID": "233"}, "ROS_DOMAIN_ID is '233'"),
        ({"ROS_DOMAIN_ID": "-1"}, "ROS_DOMAIN_ID is '-1'"),
        ({"ROS_DOMAIN_ID": "one"}, "ROS_DOMAIN_ID is 'one'"),
        ({"ROS_AUTOMATIC_DISCOVERY_RANGE": "GALAXY"}, "'GALAXY'; known: SUBNET"),
    ],
)
def test_nonsense_is_refused(variables, text):
    with pytest.raises(ConfigError, match=text):
        RosEnvironment.read(variables)
