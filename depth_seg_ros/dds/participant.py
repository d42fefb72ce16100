"""One node in the ROS graph, without ROS: endpoints, their announcement, and a receiving thread."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

from cyclonedds.core import DDSException, GuardCondition, WaitSet
from cyclonedds.domain import DomainParticipant

from depth_seg_ros.dds import domain
from depth_seg_ros.dds.announce import Announcement
from depth_seg_ros.dds.endpoints import Publisher, Subscription
from depth_seg_ros.dds.environment import RosEnvironment
from depth_seg_ros.dds.graph import Graph
from depth_seg_ros.dds.qos import participant_qos
from depth_seg_ros.errors import DepthSegError, LiveError
from depth_seg_ros.messages.names import Names
from depth_seg_ros.messages.topics import QosProfile
from depth_seg_ros.perception.reliability import refused_publisher, refused_subscriber

_WAIT_NS = 200_000_000  # only bounds how long a stop can take if its signal gets lost


class Participant:
    """A node. Use as a context manager; callbacks run on its receiving thread, one at a time.

    A DepthSegError in a callback costs that one message and goes to ``on_error``. Any other
    exception is a bug: it ends the thread, and :meth:`check` raises it.
    """

    def __init__(
        self,
        names: Names,
        environment: RosEnvironment | None = None,
        on_error: Callable[[DepthSegError], None] | None = None,
    ) -> None:
        """Join the graph; LiveError where that is not possible."""
        self._on_error = on_error
        self.names = names
        self.environment = environment or RosEnvironment.read(os.environ)
        self.publishers: list[Publisher] = []
        self.subscriptions: list[Subscription] = []
        self._bug: BaseException | None = None
        domain.join(self.environment)
        try:
            self._participant = DomainParticipant(self.environment.domain_id, participant_qos())
            self.graph = Graph(self._participant)
            self._announcement = Announcement(self._participant, names)
            self._stop = GuardCondition(self._participant)
            self._waitset = WaitSet(self._participant)
            self._waitset.attach(self._stop)
        except BaseException as e:
            domain.leave(self.environment.domain_id)
            if not isinstance(e, DDSException):
                raise
            raise LiveError(
                f"cannot join ROS domain {self.environment.domain_id} ({e}); are there more than "
                "about 30 ROS processes on this machine, or is there no network interface?"
            ) from e
        self._thread = threading.Thread(target=self._receive, name="dds receive", daemon=True)
        self._thread.start()

    def publisher(self, name: str, ros_type: str, profile: QosProfile) -> Publisher:
        """Offer a topic (name as the program says it; remapping applies)."""
        publisher = Publisher(self._participant, self.names.resolve(name), ros_type, profile)
        self.publishers.append(publisher)
        self._announcement.add_writer(publisher.writer)
        return publisher

    def subscribe(
        self, name: str, ros_type: str, profile: QosProfile, callback: Callable[[bytes], None]
    ) -> Subscription:
        """Ask for a topic; ``callback`` gets the CDR bytes of each message."""
        topic = self.names.resolve(name)
        made = Subscription(self._participant, topic, ros_type, profile, callback)
        self.subscriptions.append(made)
        self._announcement.add_reader(made.reader)
        self._waitset.attach(made.condition)
        return made

    def mismatches(self) -> list[str]:
        """Endpoints that cannot be matched with those of this node now, in words."""
        asking, offering = self.graph.subscribers(), self.graph.publishers()
        found = [
            refused_subscriber(own.topic, policy)
            for own in self.publishers
            for other in asking
            if other.topic == own.topic and (policy := own.profile.refuses(other.profile))
        ]
        found += [
            refused_publisher(own.topic, policy)
            for own in self.subscriptions
            for other in offering
            if other.topic == own.topic and (policy := other.profile.refuses(own.profile))
        ]
        return found

    def unsubscribe(self, subscription: Subscription) -> None:
        """Take no more messages of it."""
        self._waitset.detach(subscription.condition)
        self.subscriptions.remove(subscription)
        self._announcement.remove_reader(subscription.reader)

    def undelivered(self, timeout_s: float) -> list[str]:
        """Wait for acknowledgements; topics that a reliable subscriber still lacks messages of."""
        end = time.monotonic() + timeout_s
        return [
            p.topic
            for p in self.publishers
            if not p.wait_delivered(max(0.0, end - time.monotonic()))
        ]

    def check(self) -> None:
        """Raise the bug that ended the receiving thread, if one did: call it now and then."""
        if self._bug is not None:
            raise self._bug

    def close(self) -> None:
        """Stop receiving and leave the graph; a second call does nothing."""
        if not self._thread.is_alive() and not hasattr(self, "_participant"):
            return
        self._stop.set(True)
        self._thread.join()
        # Python would delete these in any order; DDS wants children before parents.
        del self._waitset, self._stop
        self.subscriptions.clear()
        self.publishers.clear()
        del self._announcement, self.graph, self._participant
        domain.leave(self.environment.domain_id)

    def _receive(self) -> None:
        try:
            while not self._stop.read():
                self._waitset.wait(_WAIT_NS)
                for subscription in tuple(self.subscriptions):
                    self._deliver(subscription)
        except BaseException as bug:
            self._bug = bug

    def _deliver(self, subscription: Subscription) -> None:
        for cdr in subscription.take():
            try:
                subscription.callback(cdr)
            except DepthSegError as error:
                if self._on_error is None:
                    raise
                self._on_error(error)

    def __enter__(self) -> Participant:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        bug = self._bug
        self.close()
        if error is None and bug is not None:
            raise bug
