"""DDS traffic of tests stays on loopback, and apart from every other process: a domain tag of the
test's own keeps strangers (another run of this suite) out."""

from __future__ import annotations

import os
import uuid

import pytest

from depth_seg_ros.dds.environment import RosEnvironment

DOMAIN_ID = 48


def loopback_uri() -> str:
    """Cyclone configuration: interface lo, a tag nobody else has."""
    interface = '<Interfaces><NetworkInterface address="127.0.0.1"/></Interfaces>'
    tag = f"<Discovery><Tag>test-{uuid.uuid4().hex}</Tag></Discovery>"
    inside = f"<General>{interface}</General>{tag}"
    return f'<CycloneDDS><Domain Id="any">{inside}</Domain></CycloneDDS>'


@pytest.fixture
def ros_environment() -> RosEnvironment:
    """For participants inside the test process."""
    return RosEnvironment(DOMAIN_ID, "LOCALHOST", (), loopback_uri())


@pytest.fixture
def live_variables() -> dict[str, str]:
    """For child processes: os.environ with DDS confined and every library on one thread."""
    confined = {
        "ROS_DOMAIN_ID": str(DOMAIN_ID),
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "CYCLONEDDS_URI": loopback_uri(),
        "OMP_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ROS_")}
    return kept | confined
