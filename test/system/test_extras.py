"""Missing libraries: what is ours to name, and the lines that install it."""

import re
from pathlib import Path

import pytest

from depth_seg_ros.system.extras import EXTRAS, cure, explain_missing

SETUP = (Path(__file__).parents[2] / "setup.py").read_text("utf-8")


@pytest.mark.parametrize("extra", sorted(set(EXTRAS.values())))
def test_every_extra_that_is_named_exists(extra: str) -> None:
    assert re.search(rf'^        "{extra}": ', SETUP, re.MULTILINE)


def test_several_libraries_are_one_line() -> None:
    assert cure(["numba", "rosbags.typesys"]) == (
        "pip install '.[bags,world]' (in the clone), or pip install numba rosbags"
    )
    assert "./training" in str(cure(["torch"]))


def test_a_bug_in_an_import_is_not_called_a_missing_library() -> None:
    assert cure(["depth_seg_ros.nothing"]) is None
    assert explain_missing(ModuleNotFoundError("no name")) is None
