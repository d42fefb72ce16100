"""What the ground did to the depths of one evaluation, in a note of its report."""

from __future__ import annotations

from collections import Counter

import numpy as np

from depth_seg_ros.types import Ground


class GroundTally:
    """Counts frames; silent where no height was told."""

    def __init__(self, told_rig: str) -> None:
        """told_rig: how the height is known; "" = it is not."""
        self._told = told_rig
        self._frames = 0
        self._factors: list[float] = []
        self._reasons: Counter[str] = Counter()
        self._contradicted, self._contradiction = 0, ""

    def add(self, ground: Ground | None) -> None:
        """Count one frame's."""
        self._frames += 1
        if ground is not None and ground.contradicted:
            self._contradicted, self._contradiction = self._contradicted + 1, ground.reason
        if ground is not None and ground.factor != 1:
            self._factors.append(ground.factor)
        elif ground is not None and not ground.contradicted:
            why = "the depth fits the height as it is" if ground.fits else ground.reason
            self._reasons[why] += 1
        elif ground is None:
            self._reasons["height or calibration not known"] += 1

    def notes(self) -> list[str]:
        """One note, or none."""
        if not self._told:
            return []
        words = (
            f"Depth was corrected by the camera's height ({self._told}) and the ground in view: "
            f"{len(self._factors)} of {self._frames} frames"
        )
        if self._factors:
            low, middle, high = np.quantile(self._factors, (0, 0.5, 1)).tolist()
            words += f", factor {middle:.2f} ({low:.2f} to {high:.2f})"
        left = "; ".join(f"{count} frames: {why}" for why, count in self._reasons.most_common(5))
        found = [f"{words}. Left alone: {left or 'none'}."]
        if self._contradicted:
            found.append(
                f"The camera's height is contradicted in {self._contradicted} of {self._frames} "
                f"frames, where depth is the network's own. Last: {self._contradiction}."
            )
        return found
