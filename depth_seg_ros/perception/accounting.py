"""Every frame accounted for: which stamps came through on which topic, and which did not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SHOWN = 50


@dataclass(frozen=True)
class TopicAccount:
    """One topic against the reference topic (the camera's images).

    received: messages. twice: stamps that came more than once. foreign: stamps the reference
    does not have. missing: stamps of the reference without a message, in order.
    """

    received: int
    twice: int
    foreign: int
    missing: tuple[int, ...]

    def as_json(self) -> dict[str, object]:
        """Counts, and the first missing stamps."""
        return {
            "received": self.received,
            "twice": self.twice,
            "foreign": self.foreign,
            "missing": len(self.missing),
            "first_missing_stamps_ns": list(self.missing[:_SHOWN]),
        }


def account(stamps_ns: Mapping[str, Sequence[int]], reference: str) -> dict[str, TopicAccount]:
    """Compare each topic's stamps with those of ``reference`` (which is among the topics)."""
    expected = set(stamps_ns[reference])
    accounts = {}
    for topic, found in stamps_ns.items():
        seen = set(found)
        accounts[topic] = TopicAccount(
            received=len(found),
            twice=len(found) - len(seen),
            foreign=len(seen - expected),
            missing=tuple(sorted(expected - seen)),
        )
    return accounts
