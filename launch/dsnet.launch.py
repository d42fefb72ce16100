"""DS-Net (metric depth and semantics) on one camera or several.

The network is DS-Net behind a small encoder (ds_net_lite), which was measured better on real
streets than ds_net as published, at a fifth of its arithmetic (weights/README.md);
``model:=ds_net`` takes that one.
"""

from depth_seg_ros.models import DEFAULT_MODEL
from depth_seg_ros.nodes.launching import perception_launch


def generate_launch_description():
    return perception_launch(DEFAULT_MODEL)
