"""Version: depth_seg_ros's own; packages: these folders; everything else: pyproject.toml."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent / "depth_seg_ros" / "__init__.py"

setup(
    version=re.search(r'__version__ = "(.+)"', PACKAGE.read_text()).group(1),
    packages=["training", *(f"training.{name}" for name in find_packages(HERE))],
    package_dir={"training": "."},
)
