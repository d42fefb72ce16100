"""ament_python package and plain pip package in one; `training/` is a distribution of its own."""

from glob import glob

from setuptools import find_packages, setup

NAME = "depth_seg_ros"

# One function behind `ros2 run depth_seg_ros X` and the console script X.
COMMANDS = [
    "benchmark_engine",
    "benchmark_frame",
    "build_engine",
    "demo",
    "demo_live",
    "depth_seg_live",
    "evaluate_bag",
    "evaluate_kitti",
    "evaluate_labels",
    "kitti_to_bag",
    "predict",
    "record_live",
    "score_recording",
    "virtual_camera_live",
    "virtual_world",
]
NODES = [
    "benchmark",
    "evaluation_node",
    "perception_node",
    "start_bag",
    "virtual_camera_node",
]

CPU = ["onnxruntime>=1.17"]
BAGS = ["rosbags>=0.10", "av>=12"]
WORLD = ["numba>=0.59", "rosbags>=0.10"]
# Pinned: live/dds stands on how this version makes types and samples. No wheel for Linux aarch64.
DDS = ["cyclonedds==11.0.1; platform_machine != 'aarch64'", "rosbags>=0.10"]

setup(
    name=NAME,
    version="0.1.0",
    packages=find_packages(include=[NAME, f"{NAME}.*"]),
    package_data={NAME: ["weights/*", "py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
        (f"share/{NAME}/launch", glob("launch/*.launch.py")),
        (f"share/{NAME}/config", glob("config/*.*")),
        (f"share/{NAME}/rviz", glob("config/rviz/*.rviz")),
        (f"share/{NAME}/foxglove", glob("config/foxglove/*.json")),
    ],
    python_requires=">=3.10",
    install_requires=[
        "setuptools",
        "numpy>=1.22",
        # OpenCV 5 breaks cv_bridge; headless: a robot or server has no libGL.
        "opencv-python-headless>=4.6,<5",
        "PyYAML>=5.4",
        "tqdm>=4.60",
    ],
    extras_require={
        "cpu": CPU,
        "bags": BAGS,
        "world": WORLD,
        "dds": DDS,
        "plots": ["matplotlib>=3.5"],
        "openvino": ["openvino>=2024.4"],
        "tensorrt": ["tensorrt>=8.6", "cuda-python>=12"],
        "demo": CPU + BAGS + WORLD,
        "all": CPU + BAGS + WORLD + DDS,
        "test": ["pytest<9", "pytest-timeout"],
    },
    zip_safe=False,
    author="depth_seg_ros maintainers",
    author_email="maintainers@depth-seg-ros.org",
    maintainer="depth_seg_ros maintainers",
    maintainer_email="maintainers@depth-seg-ros.org",
    description="Metric depth and semantic segmentation from one camera, for ROS 2",
    license="Apache-2.0",
    entry_points={
        "console_scripts": [f"{c} = {NAME}.cli.{c}:main" for c in COMMANDS]
        + [f"{n} = {NAME}.cli.nodes:{n}" for n in NODES],
    },
)
