"""PNG bytes: what is encoded is decoded by other libraries, bit for bit."""

import cv2
import numpy as np
import pytest

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.virtual_world.data.writers.png import png


@pytest.mark.parametrize("row_filter", ["none", "left", "up"])
@pytest.mark.parametrize(
    ("shape", "dtype"), [((7, 5, 3), np.uint8), ((7, 5), np.uint8), ((6, 9), np.uint16)]
)
def test_other_libraries_read_it_exactly(shape: tuple, dtype: type, row_filter: str) -> None:
    image = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    data = np.frombuffer(png(image, row_filter=row_filter), np.uint8)
    read = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    assert read.dtype == dtype
    assert (read == (image[..., ::-1] if image.ndim == 3 else image)).all()


def test_views_are_fine() -> None:
    image = np.random.default_rng(1).integers(0, 255, (8, 6, 4), np.uint8)[::2, :, :3]
    read = cv2.imdecode(np.frombuffer(png(image), np.uint8), cv2.IMREAD_UNCHANGED)
    assert (read[..., ::-1] == image).all()


@pytest.mark.parametrize(
    "image",
    [np.zeros((4, 4), np.float32), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4), np.uint8)],
)
def test_other_arrays_are_refused(image: np.ndarray) -> None:
    with pytest.raises(VirtualWorldError, match="a PNG cannot hold"):
        png(image)
