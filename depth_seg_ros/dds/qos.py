"""ROS quality of service -> DDS policies."""

from __future__ import annotations

from dataclasses import replace

from cyclonedds.core import Policy, Qos
from cyclonedds.util import duration

from depth_seg_ros.messages.topics import QosProfile
from depth_seg_ros.messages.typestore import type_hash

WRITE_TIMEOUT_S = 0.1
"""How long a reliable writer may wait for a slow reader before the message counts as not sent."""

WRITER_HISTORY = 10
"""Messages a reliable writer keeps for readers that lag; what is acknowledged is freed at once.
How deep a writer's history is, is its own affair: it plays no part in matching."""


def endpoint_qos(profile: QosProfile, ros_type: str | None = None) -> Qos:
    """Policies of a reader or writer; ``ros_type`` adds its hash to USER_DATA, as ROS does."""
    reliability = (
        Policy.Reliability.Reliable(duration(seconds=WRITE_TIMEOUT_S))
        if profile.reliable
        else Policy.Reliability.BestEffort
    )
    policies = [
        reliability,
        Policy.History.KeepLast(profile.depth),
        Policy.Durability.TransientLocal if profile.transient_local else Policy.Durability.Volatile,
        # ROS 2 speaks plain CDR (XCDR1); the newer layout aligns 8-byte numbers differently.
        Policy.DataRepresentation(use_cdrv0_representation=True, use_xcdrv2_representation=False),
        # A latched message stays with its readers when its writer goes, as in ROS.
        Policy.WriterDataLifecycle(autodispose=False),
    ]
    if ros_type is not None:
        policies.append(Policy.Userdata(f"typehash={type_hash(ros_type)};".encode()))
    return Qos(*policies)


def writer_profile(profile: QosProfile) -> QosProfile:
    """The profile a topic is offered with."""
    if profile.transient_local:
        return profile  # late subscribers get this many
    return replace(profile, depth=max(profile.depth, WRITER_HISTORY))


def participant_qos() -> Qos:
    """USER_DATA that marks a ROS process (the security enclave it runs in)."""
    return Qos(Policy.Userdata(b"enclave=/;"))
