"""ament_python package and plain pip package in one; `training/` is a distribution of its own."""

import re
import sys
from glob import glob
from pathlib import Path

from setuptools import find_packages, setup

NAME = "depth_seg_ros"

# Each file of cli/ is a command: `depth-seg X` for pip, `ros2 run depth_seg_ros X` under colcon.
COMMANDS = sorted(Path(p).stem for p in glob(f"{NAME}/cli/[!_]*.py"))
NODES = [
    "benchmark",
    "evaluation_node",
    "perception_node",
    "start_bag",
    "virtual_camera_node",
]
# colcon calls setup.py itself, pip through a build backend. On a user's PATH there is one command;
# `ros2 run` wants each in a file of its own (setup.cfg says where).
UNDER_COLCON = not {"install", "develop"}.isdisjoint(sys.argv)

CPU = ["onnxruntime>=1.17"]
BAGS = ["rosbags>=0.10", "av>=12"]
WORLD = ["numba>=0.59", "rosbags>=0.10"]
FLEET = ["distributed>=2024.5", "fsspec>=2024.5"]
# Pinned: dds/ stands on how this version makes types and samples. No wheel for Linux aarch64.
DDS = ["cyclonedds==11.0.1; platform_machine != 'aarch64'", "rosbags>=0.10"]


def ros_from_pip(distribution: str) -> list[str]:
    """A real rclpy and the messages that nodes speak; there are wheels for Linux x86_64 only."""
    packages = (
        "rclpy", "sensor-msgs", "diagnostic-msgs", "lifecycle-msgs", "std-srvs", "rmw-fastrtps-cpp",
    )  # fmt: skip
    here = "sys_platform == 'linux' and platform_machine == 'x86_64'"
    return [f"ros-{distribution}-{package}; {here}" for package in packages]


def version() -> str:
    """The package's own word; package.xml must hold a copy (test/test_packaging.py)."""
    return re.search(r'__version__ = "(.+)"', Path(NAME, "__init__.py").read_text()).group(1)


def console_scripts() -> list[str]:
    if not UNDER_COLCON:
        return [f"depth-seg = {NAME}.cli.__main__:main"]
    return [f"{c} = {NAME}.cli.__main__:{c}" for c in COMMANDS] + [
        f"{n} = {NAME}.cli.shared.ros_nodes:{n}" for n in NODES
    ]


setup(
    name=NAME,
    version=version(),
    packages=find_packages(include=[NAME, f"{NAME}.*"]),
    package_data={NAME: ["weights/*", "py.typed", "evaluation/report/page/page.*"]},
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
        "Jinja2>=3.0",
        "PyYAML>=5.4",
        "tqdm>=4.60",
    ],
    extras_require={
        "cpu": CPU,
        "bags": BAGS,
        "world": WORLD,
        "dds": DDS,
        "fleet": FLEET,
        "ros": ros_from_pip("jazzy"),
        "ros-kilted": ros_from_pip("kilted"),
        "plots": ["matplotlib>=3.5"],
        "openvino": ["openvino>=2024.4"],
        "tensorrt": ["tensorrt>=8.6"],
        "demo": CPU + BAGS + WORLD,
        "all": CPU + BAGS + WORLD + DDS + FLEET,
        "docs": ["mkdocs-material>=9.5", "mkdocstrings[python]>=0.26"],
        "test": ["coverage[toml]>=7.5", "pytest<9", "pytest-timeout"],
    },
    zip_safe=False,
    author="depth_seg_ros maintainers",
    author_email="maintainers@depth-seg-ros.org",
    maintainer="depth_seg_ros maintainers",
    maintainer_email="maintainers@depth-seg-ros.org",
    description="Metric depth and semantic segmentation from one camera, for ROS 2",
    license="Apache-2.0",
    entry_points={"console_scripts": console_scripts()},
)
