"""One table of ranges: what NaN, infinities, huge and wrong-typed values meet there, and that
options, yaml keys and ROS parameters take their ranges from it and nowhere else."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import pytest

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.limits import LIMITS, Limit, image_size, within

ROOT = Path(__file__).resolve().parents[1]


def test_nan_is_never_within():
    nan = math.nan
    assert within(1.0, 1.0) and within(0.0, 1.0, 0.0) and not within(2.0, 1.0)
    assert not within(nan, 1.0) and not within(1.0, nan) and not within(1.0, 2.0, nan)


@pytest.mark.parametrize("name", LIMITS)
def test_what_no_range_holds(name: str) -> None:
    limit = LIMITS[name]
    below = () if limit.low < 0 else (-1e-300, -1)
    for bad in (math.nan, math.inf, -math.inf, True, "3", None, 10**30, 1e308, *below):
        assert not limit.holds(bad), bad
        with pytest.raises(ConfigError, match="give a"):
            limit.check(name, bad)
    for text in ("nan", "inf", "-1e4", "1e308", "three", "", "9" * 5000):
        with pytest.raises(ValueError, match=r"give a|is not a"):
            limit.parse(text)
    low = int(limit.low) if limit.whole else limit.low
    assert limit.parse(repr(low)) == low and limit.holds(low)


def test_the_line_says_what_was_given_and_what_may_be_given():
    with pytest.raises(ConfigError, match=r"^optim.lr is nan; give a number from 1e-12 to 100$"):
        LIMITS["optim.lr"].check("optim.lr", math.nan)
    assert Limit(1, 4, whole=True).words == "a whole number from 1 to 4"


def test_no_option_reads_a_number_without_a_range():
    """``type=int`` and ``type=float`` take NaN, 1e308 and a 1 with eighteen zeros."""
    bare = []
    for path in [*ROOT.glob("depth_seg_ros/**/*.py"), *ROOT.glob("training/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "add_argument":
                keys = {k.arg: k.value for k in node.keywords}
                kind = getattr(keys.get("type"), "id", "")
                if kind in ("int", "float") and "choices" not in keys:
                    bare.append(f"{path.name}:{node.lineno}")
    assert not bare


def test_an_image_size_is_two_whole_numbers():
    assert image_size("1242x375") == (1242, 375)
    for text in ("", "1242", "1242x", "x375", "1242x375x3", "0x5", "1e3x5", "99999x5", "nanx5"):
        with pytest.raises(ValueError, match=r"is no|out of range"):
            image_size(text)
