"""The ground below a camera as a geometry_msgs/PoseStamped, in the camera's optical frame.

Convention: the pose's origin is the foot of the camera on the ground, its z axis points up, its x
axis to where the camera looks. What lies at z above it is z metres above the ground.
"""

from __future__ import annotations

import numpy as np

from depth_seg_ros.messages.payloads import Header, PosePayload
from depth_seg_ros.messages.transforms import quaternion
from depth_seg_ros.types import Ground


def ground_payload(header: Header, ground: Ground) -> PosePayload:
    """header: of the image."""
    up = -np.array(ground.down)
    # Seen straight from above there is no forward: the image's upper edge stands for it.
    ahead = np.array([0.0, 0.0, 1.0]) if abs(up[2]) < 0.99 else np.array([0.0, -1.0, 0.0])
    x = ahead - (ahead @ up) * up
    x /= np.linalg.norm(x)
    foot_x, foot_y, foot_z = (-ground.height_m * up).tolist()
    turned = quaternion(np.stack([x, np.cross(up, x), up], axis=1))
    return PosePayload(header, (foot_x, foot_y, foot_z), turned)
