"""The main road's cross section: where lanes, parking, kerbs and pavements lie."""

from __future__ import annotations

from dataclasses import dataclass

from depth_seg_ros.virtual_world.plan.parameters import RoadParameters

PARKING_KERB_M = 2.1
PARKING_BAY_M = 4.8
KERB_TOP_M = 0.15


@dataclass(frozen=True)
class Lane:
    """One traffic lane: its centre right of the centre line, its width, its direction (+1, -1)."""

    center_m: float
    width_m: float
    direction: int


@dataclass(frozen=True)
class Strip:
    """A lateral interval with low < high, right of the centre line."""

    low_m: float
    high_m: float

    @property
    def center_m(self) -> float:
        return (self.low_m + self.high_m) / 2

    @property
    def width_m(self) -> float:
        return self.high_m - self.low_m


@dataclass(frozen=True)
class CrossSection:
    """Lateral positions in metres, positive to the right."""

    lanes: tuple[Lane, ...]
    median: Strip | None
    cycle: tuple[Strip, ...]
    parking: tuple[Strip, ...]
    left_edge: float  # kerb or end of the asphalt
    right_edge: float
    side_width: float  # kerb, verge and pavement together

    @staticmethod
    def of(road: RoadParameters) -> CrossSection:
        """Lay the strips out from the centre line to both sides."""
        half = road.median_m / 2
        width = road.lane_width_m
        lanes, cycle, parking, edges = [], [], [], []
        for direction, count, park in (
            (1, road.lanes_forward, road.parking_right),
            (-1, road.lanes_backward, road.parking_left),
        ):
            lanes += [
                Lane(direction * (half + (i + 0.5) * width), width, direction) for i in range(count)
            ]
            reach = half + count * width
            if road.cycle_lane_m:
                cycle.append(_strip(reach, reach + road.cycle_lane_m, direction))
                reach += road.cycle_lane_m
            reach += road.shoulder_m
            if park != "none":
                depth = PARKING_BAY_M if park == "bays" else PARKING_KERB_M
                parking.append(_strip(reach, reach + depth, direction))
                reach += depth
            edges.append(reach)
        kerb = KERB_TOP_M if road.kerb_m else 0.0
        return CrossSection(
            lanes=tuple(lanes),
            median=Strip(-half, half) if road.median_m else None,
            cycle=tuple(cycle),
            parking=tuple(parking),
            left_edge=-edges[1],
            right_edge=edges[0],
            side_width=kerb + road.verge_m + road.pavement_m,
        )

    def edge(self, side: int) -> float:
        """Distance of the kerb from the centre line on a side (+1 right, -1 left)."""
        return self.right_edge if side > 0 else -self.left_edge

    def outer(self, side: int) -> float:
        """Distance of the pavement's outer edge (the building line) from the centre line."""
        return self.edge(side) + self.side_width

    def forward(self) -> list[Lane]:
        """Lanes of the ego vehicle's direction, from the centre outwards."""
        return [lane for lane in self.lanes if lane.direction > 0]


def _strip(near: float, far: float, direction: int) -> Strip:
    return Strip(near, far) if direction > 0 else Strip(-far, -near)
