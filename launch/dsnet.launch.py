"""DS-Net (metric depth and semantics) on one camera or several."""

from depth_seg_ros.nodes.launching import perception_launch


def generate_launch_description():
    return perception_launch("ds_net")
