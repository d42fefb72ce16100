"""depth-mancini (metric depth alone) on one camera or several."""

from depth_seg_ros.nodes.launching import perception_launch


def generate_launch_description():
    return perception_launch("depth_mancini")
