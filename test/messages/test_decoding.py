"""Ground truth messages with what drivers leave empty, and with what is damaged."""

from types import SimpleNamespace

import numpy as np
import pytest

from depth_seg_ros.errors import ReaderError
from depth_seg_ros.messages.decoding import depth_from_message, points_from_message

from .fakes import image

XYZ = np.array([[1, 2, 3], [4, 5, 6]], np.float32)


def cloud(**changes):
    fields = [SimpleNamespace(name=n, offset=4 * i, datatype=7) for i, n in enumerate("xyz")]
    values = {
        "fields": fields, "is_bigendian": False, "height": 1, "width": 2, "point_step": 12,
        "row_step": 24, "data": XYZ.tobytes(),
    }  # fmt: skip
    return SimpleNamespace(**(values | changes))


def test_depth_with_a_step_of_zero():
    data = np.full((6, 8), 3, np.float32).tobytes()
    assert (depth_from_message(image(data, "32FC1", 8, 6, step=0)) == 3).all()
    with pytest.raises(ReaderError, match="do not agree"):
        depth_from_message(image(data[:-4], "32FC1", 8, 6, step=0))


@pytest.mark.parametrize(
    "changes", [{}, {"height": 0}, {"row_step": 0}, {"height": 0, "row_step": 0}]
)
def test_an_unorganised_cloud_with_zeros_is_filled_from_its_data(changes):
    assert np.array_equal(points_from_message(cloud(**changes)), XYZ)


@pytest.mark.parametrize(
    "changes",
    [
        {"point_step": 0}, {"point_step": 8}, {"width": 3}, {"data": b""}, {"row_step": 2**31},
        {"fields": [SimpleNamespace(name=n, offset=2**31, datatype=7) for n in "xyz"]},
        {"fields": []}, {"width": 0, "point_step": 0},
    ],
)  # fmt: skip
def test_a_damaged_cloud_is_one_line(changes):
    with pytest.raises(ReaderError):
        points_from_message(cloud(**changes))
