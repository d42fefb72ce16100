"""Quality-of-service profiles of the topics, and who notices when two sides do not match."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions

from depth_seg_ros.messages.topics import Topic

try:  # Iron and newer
    from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
except ImportError:  # Humble
    from rclpy.qos_event import PublisherEventCallbacks, SubscriptionEventCallbacks


def profile(topic: Topic) -> QoSProfile:
    """The topic's declared profile in rclpy's words."""
    declared = topic.profile
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


def overridable() -> QoSOverridingOptions:
    """Lets ``qos_overrides.<topic>...`` parameters change reliability, history and depth."""
    return QoSOverridingOptions.with_default_policies()


def subscription_events(topic: str, report: Callable[[str], None]) -> Any:
    """Says so when a publisher on ``topic`` offers less than the subscription asks for."""

    def incompatible(event: Any) -> None:
        policy = _policy_name(event.last_policy_kind)
        report(f"a publisher on {topic} offers an incompatible QoS ({policy}): nothing arrives")

    return SubscriptionEventCallbacks(incompatible_qos=incompatible)


def publisher_events(topic: str, report: Callable[[str], None]) -> Any:
    """Says so when a subscriber of ``topic`` asks for more than the publisher offers."""

    def incompatible(event: Any) -> None:
        policy = _policy_name(event.last_policy_kind)
        report(f"a subscriber of {topic} asks for an incompatible QoS ({policy}): it gets nothing")

    return PublisherEventCallbacks(incompatible_qos=incompatible)


def _policy_name(kind: Any) -> str:
    try:
        from rclpy.qos import qos_policy_name_from_kind

        return str(qos_policy_name_from_kind(kind))
    except (ImportError, ValueError):
        return str(kind)
