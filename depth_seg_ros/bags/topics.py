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

_NOT_A_CAMERA = {"depth", "label", "labels", "confidence", "semantic", "segmentation", "mask",
                 "overlay", "disparity", "ground_truth"}  # fmt: skip
"""Parts of a topic's name, between slashes, that say what its images are. A part that only begins
so (``/depthai/…``, ``/depth_camera/…``) names a device, of which the colour image may be wanted."""


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
    named = (
        ("--image-topic", image, (IMAGE, COMPRESSED_IMAGE)),
        ("--camera-info-topic", camera_info, (CAMERA_INFO,)),
        ("--depth-topic", depth, (IMAGE,)),
        ("--labels-topic", labels, (IMAGE,)),
        ("--cloud-topic", cloud, (POINT_CLOUD,)),
    )
    for option, topic, kinds in named:
        if topic is not None and bag.known_type(topic) not in kinds:
            of_type = bag.of_type(*kinds)
            raise ReaderError(
                f"{option} {topic} is a {bag.topics[topic]}, not a {' or '.join(kinds)}; of that "
                f"type the bag has {', '.join(of_type) or 'nothing'}"
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
    candidates = [t for t in bag.of_type(IMAGE, COMPRESSED_IMAGE) if not _is_derived(t)]
    raw = [t for t in candidates if bag.topics[t] == IMAGE]
    candidates = raw or candidates
    for preferred in PREFERRED_IMAGES:
        if preferred in candidates:
            return preferred
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise ReaderError(
            f"{bag.path} has no camera image topic that was found; name one with --image-topic; it "
            "has "
            + (", ".join(f"{t} ({kind})" for t, kind in sorted(bag.topics.items())) or "no topics")
        )
    raise ReaderError(
        f"{bag.path} has several cameras; choose one with --image-topic: {', '.join(candidates)}"
    )


def _is_derived(topic: str) -> bool:
    """Whether the name says depth, labels or a drawing: a part of it between slashes is such a
    word, or one of the last two holds it and names no camera (``aligned_depth_to_color``)."""
    parts = topic.lower().strip("/").removesuffix("/compressed").split("/")
    if _NOT_A_CAMERA & set(parts):
        return True
    words = [set(part.split("_")) for part in parts[-2:]]
    return any(_NOT_A_CAMERA & w and not w & {"camera", "cam"} for w in words)


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
