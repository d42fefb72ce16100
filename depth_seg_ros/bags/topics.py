"""Which topics of a bag are the camera, its calibration and the ground truth."""

from __future__ import annotations

from dataclasses import dataclass

from depth_seg_ros.bags.bag_file import BagFile
from depth_seg_ros.errors import ReaderError
from depth_seg_ros.messages.type_names import CAMERA_INFO, COMPRESSED_IMAGE, IMAGE, POINT_CLOUD

PREFERRED_IMAGES = (
    "/kitti/camera_color_left/image_raw",  # kitti2bag and kitti_to_bag
    "/kitti/camera/color/left/image_raw",  # kitti_to_ros2bag
    "/kitti/camera_color_left",  # klintan/kitti2bag2, which drops the suffix
)
"""Taken where a bag has several cameras and none was named."""

_NOT_A_CAMERA = ("depth", "label", "confidence", "semantic", "mask", "overlay", "ground_truth")


@dataclass(frozen=True)
class BagTopics:
    """Topics to read; None where the bag has none."""

    image: str
    camera_info: str | None = None
    depth: str | None = None
    labels: str | None = None
    cloud: str | None = None


def find_topics(
    bag: BagFile,
    image: str | None = None,
    camera_info: str | None = None,
    depth: str | None = None,
    labels: str | None = None,
    cloud: str | None = None,
) -> BagTopics:
    """Take what was named and look for the rest.

    Ground truth is taken without being named only from ``.../ground_truth/...`` topics: any other
    depth topic may be somebody's prediction. A cloud counts where it is the only one.
    """
    for topic in (image, camera_info, depth, labels, cloud):
        if topic is not None and topic not in bag.topics:
            raise ReaderError(
                f"{bag.path} has no topic {topic}; it has {', '.join(sorted(bag.topics))}"
            )
    image = image or _image_topic(bag)
    clouds = bag.of_type(POINT_CLOUD)
    return BagTopics(
        image,
        camera_info or _info_topic(bag, image),
        depth or _truth_topic(bag, "depth"),
        labels or _truth_topic(bag, "label"),
        cloud or (clouds[0] if len(clouds) == 1 else None),
    )


def _image_topic(bag: BagFile) -> str:
    candidates = [
        t
        for t in bag.of_type(IMAGE, COMPRESSED_IMAGE)
        if not any(word in t.lower() for word in _NOT_A_CAMERA)
    ]
    raw = [t for t in candidates if bag.topics[t] == IMAGE]
    candidates = raw or candidates
    for preferred in PREFERRED_IMAGES:
        if preferred in candidates:
            return preferred
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise ReaderError(
            f"{bag.path} has no camera image topic; it has "
            + (", ".join(f"{t} ({kind})" for t, kind in sorted(bag.topics.items())) or "no topics")
        )
    raise ReaderError(
        f"{bag.path} has several cameras; choose one with --image-topic: {', '.join(candidates)}"
    )


def _info_topic(bag: BagFile, image: str) -> str | None:
    """``camera_info`` beside the image (ROS's convention), or the only one below it."""
    namespace = image.removesuffix("/compressed").rpartition("/")[0]
    infos = bag.of_type(CAMERA_INFO)
    for name in (f"{namespace}/camera_info", f"{image}/camera_info"):
        if name in infos:
            return name
    return None


def _truth_topic(bag: BagFile, word: str) -> str | None:
    found = [t for t in bag.of_type(IMAGE) if "ground_truth" in t and word in t.lower()]
    return found[0] if len(found) == 1 else None
