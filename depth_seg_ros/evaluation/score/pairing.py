"""Which image belongs to which ground truth, by time stamp; every image is accounted for once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Pairing:
    """Indices into the two lists of stamps.

    pairs: (image, truth), in image order.
    unpaired: (image, reason), in image order. Together with ``pairs`` they hold each image once.
    unused: truths that no image took.
    """

    pairs: list[tuple[int, int]]
    unpaired: list[tuple[int, str]]
    unused: list[int]


def pair_stamps(
    images_ns: Sequence[int], truths_ns: Sequence[int], tolerance_ns: int = 0
) -> Pairing:
    """Give each image the nearest truth within ``tolerance_ns``; a truth serves one image only.

    Where several images want one truth the nearest gets it. With tolerance 0 stamps must agree to
    the nanosecond.
    """
    order = np.argsort(np.asarray(truths_ns, np.int64), kind="stable")
    sorted_truths = np.asarray(truths_ns, np.int64)[order]
    wishes: list[tuple[int, int, int]] = []  # distance, image, truth
    reasons: dict[int, str] = {}
    for image, stamp in enumerate(images_ns):
        nearest = _nearest(sorted_truths, stamp)
        if nearest is None:
            reasons[image] = "there is no ground truth at all"
            continue
        distance = abs(int(sorted_truths[nearest]) - stamp)
        if distance > tolerance_ns:
            reasons[image] = (
                f"nearest ground truth is {distance / 1e6:.3f} ms away, "
                f"allowed are {tolerance_ns / 1e6:.3f} ms"
            )
        else:
            wishes.append((distance, image, int(order[nearest])))
    taken: dict[int, int] = {}
    pairs = []
    for _, image, truth in sorted(wishes):
        if truth in taken:
            reasons[image] = f"its ground truth was taken by image {taken[truth]}, which is nearer"
        else:
            taken[truth] = image
            pairs.append((image, truth))
    unused = [t for t in range(len(truths_ns)) if t not in taken]
    return Pairing(sorted(pairs), sorted(reasons.items()), unused)


def _nearest(sorted_stamps: np.typing.NDArray[np.int64], stamp: int) -> int | None:
    if len(sorted_stamps) == 0:
        return None
    right = int(np.searchsorted(sorted_stamps, stamp))
    candidates = [i for i in (right - 1, right) if 0 <= i < len(sorted_stamps)]
    return min(candidates, key=lambda i: abs(int(sorted_stamps[i]) - stamp))
