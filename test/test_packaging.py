"""What gets installed: one command on pip's PATH, every command under colcon, every package."""

from __future__ import annotations

import importlib
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import depth_seg_ros

ROOT = Path(__file__).parents[1]
NODES = {"benchmark", "evaluation_node", "perception_node", "start_bag", "virtual_camera_node"}

STUB = """
import sys, setuptools
setuptools.setup = lambda **given: [print(line) for line in {lines}]
sys.argv = {argv!r}
__file__ = "setup.py"
exec(compile(open("setup.py").read(), "setup.py", "exec"))
"""


def setup_says(lines: str, folder: Path, *argv: str) -> list[str]:
    """What a setup.py gives to setuptools when it is called like this."""
    code = STUB.format(lines=lines, argv=["setup.py", *argv])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def scripts(*argv: str) -> dict[str, str]:
    """Script name -> module:function."""
    lines = setup_says('given["entry_points"]["console_scripts"]', ROOT, *argv)
    return dict(line.split(" = ") for line in lines)


def files() -> set[str]:
    return {p.stem for p in (ROOT / "depth_seg_ros" / "cli").glob("[!_]*.py")}


def test_pip_puts_one_command_on_the_path() -> None:
    assert scripts("bdist_wheel") == {"depth-seg": "depth_seg_ros.cli.__main__:main"}


@pytest.mark.parametrize("command", ["install", "develop"])
def test_under_colcon_every_command_and_node_has_a_script(command: str) -> None:
    assert set(scripts("build", command)) == files() | NODES


def test_every_script_of_colcon_exists() -> None:
    for target in scripts("install").values():
        module, _, function = target.partition(":")
        assert callable(getattr(importlib.import_module(module), function))


def test_package_xml_has_the_same_version() -> None:
    found = ElementTree.parse(ROOT / "package.xml").findtext("version")
    assert found == depth_seg_ros.__version__


def test_training_ships_every_package() -> None:
    folders = {p.parent for p in (ROOT / "training").rglob("__init__.py")}
    names = {".".join(f.relative_to(ROOT).parts) for f in folders}
    assert set(setup_says('given["packages"]', ROOT / "training")) == names
    assert setup_says('[given["version"]]', ROOT / "training") == [depth_seg_ros.__version__]


@pytest.mark.parametrize("package", ["depth_seg_ros", "training"])
def test_every_folder_with_modules_is_a_package_that_ships(package: str) -> None:
    folders = {path.parent for path in (ROOT / package).rglob("*.py")}
    assert not {f for f in folders if not (f / "__init__.py").is_file()}
