"""Stand-ins with the fields of ROS messages, for code that takes any of them."""

from types import SimpleNamespace

import numpy as np


def header(stamp_ns=1_500_000_007, frame_id="camera_optical"):
    sec, nanosec = divmod(stamp_ns, 10**9)
    return SimpleNamespace(stamp=SimpleNamespace(sec=sec, nanosec=nanosec), frame_id=frame_id)


def image(data, encoding, width, height, step=None, **kwargs):
    data = np.asarray(data, np.uint8).tobytes() if not isinstance(data, bytes) else data
    return SimpleNamespace(
        header=header(**kwargs),
        height=height,
        width=width,
        encoding=encoding,
        is_bigendian=0,
        step=step if step is not None else len(data) // height,
        data=data,
    )


def compressed(data, format="jpeg"):
    return SimpleNamespace(header=header(), format=format, data=data)


def camera_info(width=8, height=6, fx=5.0, fy=6.0, cx=3.5, cy=2.5, **changes):
    info = SimpleNamespace(
        header=header(),
        height=height,
        width=width,
        distortion_model="plumb_bob",
        d=[0.0] * 5,
        k=np.array([fx, 0, cx, 0, fy, cy, 0, 0, 1.0]),
        r=np.eye(3).reshape(-1),
        p=np.array([fx, 0, cx, 0, 0, fy, cy, 0, 0, 0, 1.0, 0]),
        binning_x=0,
        binning_y=0,
        roi=SimpleNamespace(x_offset=0, y_offset=0, height=0, width=0, do_rectify=False),
    )
    for name, value in changes.items():
        setattr(info, name, value)
    return info
