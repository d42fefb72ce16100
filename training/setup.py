"""The version is that of depth_seg_ros; everything else is in pyproject.toml."""

import re
from pathlib import Path

from setuptools import setup

PACKAGE = Path(__file__).resolve().parents[1] / "depth_seg_ros" / "__init__.py"

setup(version=re.search(r'__version__ = "(.+)"', PACKAGE.read_text()).group(1))
