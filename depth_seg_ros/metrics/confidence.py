"""Does a depth know how good it is? Pure functions of errors and confidences, pixel by pixel.

Convention: ``error`` float [N] is the absolute relative error of each pixel; ``confidence`` float
[N] in 0..1 is what the network said of it, the probability that the depth is within 25 %.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

SHARES = 20
"""Steps of the sparsification curve: 0, 5, ... 95 % of the pixels left out."""


def sparsification(error: Array, order: Array, shares: int = SHARES) -> npt.NDArray[np.float64]:
    """float64 [shares]: mean error of what is left after the first k / shares of ``order``.

    order: [N], indices, the pixels to leave out first in front.
    """
    sums = np.concatenate([[0.0], np.cumsum(error[order][::-1], dtype=np.float64)])
    kept = np.rint(len(error) * (1 - np.arange(shares) / shares)).astype(int).clip(1)
    return np.asarray(sums[kept] / kept)


def ause(error: Array, confidence: Array) -> float:
    """Area under the sparsification error (Ilg et al., ECCV 2018), as a share of the mean error.

    Pixels are left out least confident first, and once more largest error first; the mean gap of
    the two curves over the mean error. 0: the network knows its worst pixels exactly; a network
    that knows nothing (one confidence everywhere, in the order of the pixels) gets about 0.5.
    """
    mean = float(error.mean())
    if mean == 0:
        return 0.0
    said = sparsification(error, np.argsort(confidence, kind="stable"))
    best = sparsification(error, np.argsort(-error, kind="stable"))
    return float((said - best).mean() / mean)


def by_rank(error: Array, confidence: Array, groups: int = 10) -> npt.NDArray[np.float64]:
    """float64 [groups]: mean error of the surest tenth, the next ... the least sure."""
    order = np.argsort(-confidence, kind="stable")
    return np.array([error[part].mean() for part in np.array_split(order, groups) if len(part)])
