"""Quality-of-service profiles of the topics, and who notices when two sides do not match."""

from __future__ import annotations

from typing import Any

from rclpy.qos import (
    DurabilityPolicy,
    HistoryPolicy,
    QoSPolicyKind,
    QoSProfile,
    ReliabilityPolicy,
)
from rclpy.qos_overriding_options import QoSOverridingOptions

from depth_seg_ros.messages.topics import QosProfile, Topic

try:  # Iron and newer
    from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
except ImportError:  # Humble
    from rclpy.qos_event import PublisherEventCallbacks, SubscriptionEventCallbacks


def profile(topic: Topic) -> QoSProfile:
    """The topic's declared profile in rclpy's words."""
    return to_rclpy(topic.profile)


def from_rclpy(found: QoSProfile) -> QosProfile:
    """What matters for matching, of an endpoint's profile."""
    return QosProfile(
        reliable=found.reliability == ReliabilityPolicy.RELIABLE,
        depth=found.depth,
        transient_local=found.durability == DurabilityPolicy.TRANSIENT_LOCAL,
    )


def to_rclpy(declared: QosProfile) -> QoSProfile:
    """In rclpy's words."""
    return QoSProfile(
        reliability=(
            ReliabilityPolicy.RELIABLE if declared.reliable else ReliabilityPolicy.BEST_EFFORT
        ),
        durability=(
            DurabilityPolicy.TRANSIENT_LOCAL
            if declared.transient_local
            else DurabilityPolicy.VOLATILE
        ),
        history=HistoryPolicy.KEEP_LAST,
        depth=declared.depth,
    )


def overridable(reliability: bool = True) -> QoSOverridingOptions:
    """Lets ``qos_overrides.<topic>...`` parameters change reliability, history and depth.

    reliability: False where it is chosen at run time, by the publishers that are there.
    """
    kinds = [QoSPolicyKind.HISTORY, QoSPolicyKind.DEPTH]
    return QoSOverridingOptions([*kinds, QoSPolicyKind.RELIABILITY] if reliability else kinds)


def no_default_events() -> tuple[Any, Any]:
    """(publisher's, subscription's) event callbacks that leave mismatches to the node itself: it
    polls the graph, so that it also knows when one is over."""
    return (
        PublisherEventCallbacks(use_default_callbacks=False),
        SubscriptionEventCallbacks(use_default_callbacks=False),
    )
