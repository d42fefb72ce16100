"""Every frame accounted for: which stamps came through on which topic, and which did not.

In bounded memory, for a recording of days: a stamp is settled, and forgotten, once the reference
has gone on by :data:`WINDOW` frames.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace

WINDOW = 2000
"""Frames of the reference that a message may be late (or early) by."""

_SHOWN = 50


@dataclass(frozen=True)
class TopicAccount:
    """One topic against the reference topic (the camera's images).

    received: messages. twice: stamps that came more than once. foreign: stamps the reference
    does not have. missing: stamps of the reference without a message; first_missing: the first of
    them, in order.
    """

    received: int
    twice: int
    foreign: int
    missing: int
    first_missing: tuple[int, ...]

    def as_json(self) -> dict[str, object]:
        """Counts, and the first missing stamps."""
        return {
            "received": self.received,
            "twice": self.twice,
            "foreign": self.foreign,
            "missing": self.missing,
            "first_missing_stamps_ns": list(self.first_missing),
        }


@dataclass
class _Open:
    """One topic's counts so far; seen: stamps that are not settled yet, oldest first."""

    received: int = 0
    twice: int = 0
    foreign: int = 0
    missing: int = 0
    first_missing: list[int] = field(default_factory=list)
    seen: OrderedDict[int, None] = field(default_factory=OrderedDict)

    def miss(self, stamp_ns: int) -> None:
        self.missing += 1
        if len(self.first_missing) < _SHOWN:
            self.first_missing.append(stamp_ns)


class Accounts:
    """Counts the stamps of topics as they come, held to those of ``reference``."""

    def __init__(self, reference: str, window: int = WINDOW) -> None:
        self.reference, self._window = reference, window
        self._topics: dict[str, _Open] = {}
        self._expected: OrderedDict[int, None] = OrderedDict()
        self._settled = _Open()
        """What a topic has missed that joins now: every reference stamp that is settled."""

    def add(self, topic: str, stamp_ns: int) -> None:
        """One message."""
        if topic not in self._topics:
            before = self._settled
            self._topics[topic] = _Open(
                missing=before.missing, first_missing=list(before.first_missing)
            )
        account = self._topics[topic]
        account.received += 1
        if stamp_ns in account.seen:
            account.twice += 1
            return
        account.seen[stamp_ns] = None
        if topic == self.reference:
            self._expected[stamp_ns] = None
            if len(self._expected) > self._window:
                self._settle(self._expected.popitem(last=False)[0])
        elif len(account.seen) > 2 * self._window:
            self._forget_foreign(account)

    def result(self) -> dict[str, TopicAccount]:
        """Every topic's account now; empty where the reference has no message."""
        if self.reference not in self._topics:
            return {}
        return {topic: self._closed(account) for topic, account in self._topics.items()}

    def _settle(self, stamp_ns: int) -> None:
        self._settled.miss(stamp_ns)
        for account in self._topics.values():
            if stamp_ns in account.seen:
                del account.seen[stamp_ns]
            else:
                account.miss(stamp_ns)

    def _forget_foreign(self, account: _Open) -> None:
        """Some of the oldest stamps that the reference does not have (yet, or any more)."""
        strangers = [s for s in account.seen if s not in self._expected][: self._window // 2 + 1]
        for stamp_ns in strangers:
            del account.seen[stamp_ns]
        account.foreign += len(strangers)

    def _closed(self, account: _Open) -> TopicAccount:
        final = replace(account, first_missing=list(account.first_missing))
        for stamp_ns in sorted(self._expected):
            if stamp_ns not in account.seen:
                final.miss(stamp_ns)
        foreign = account.foreign + sum(s not in self._expected for s in account.seen)
        return TopicAccount(
            final.received, final.twice, foreign, final.missing, tuple(final.first_missing)
        )
