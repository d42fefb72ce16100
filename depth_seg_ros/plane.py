"""The plane that most of the ground's points lie in: under depth that is said, or that is true."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def plane_through(
    rays: npt.NDArray[Any], depth_m: npt.NDArray[Any], rounds: int = 6, least: float = 0.02
) -> npt.NDArray[np.float64]:
    """float64 [3]: n with depth * (ray . n) = 1 for most points; n = down / height, 1/m.

    rays: [N, 3] in the camera's optical frame, z = 1; depth_m: [N] metres along z.
    Least absolute relative errors by weighted least squares again and again (no draw of chance);
    errors below ``least`` weigh alike.
    """
    scaled = rays * depth_m[:, None]
    weight = np.ones(len(depth_m))
    plane = np.zeros(3)
    for _ in range(rounds):
        weighted = scaled * weight[:, None]
        plane = np.linalg.solve(weighted.T @ scaled + 1e-9 * np.eye(3), weighted.sum(0))
        weight = 1 / np.maximum(np.abs(1 - scaled @ plane), least)
    return plane
