"""The one page template: parts appear as they are given, text is escaped, nothing is loaded."""

from __future__ import annotations

import re

from depth_seg_ros.evaluation.report.keys import DEPTH_SCALE, ERROR_SCALE, swatches
from depth_seg_ros.evaluation.report.page import (
    Chart,
    Page,
    Panel,
    Section,
    Strip,
    Table,
    Tile,
    render,
)


def test_every_part_is_shown_and_escaped() -> None:
    section = Section(
        "Part <1>", "in words & signs", [DEPTH_SCALE, ERROR_SCALE], swatches(["road"]),
        Table([["", "x"], ["model", "1 < 2"], ["other", "3"]], marked="model"),
        [Chart("chart", "<svg id='drawing'></svg>", "told")], [Strip("frame", [Panel("a", b"j")])],
        "run --this\nthen that", ["an <item>"],
    )  # fmt: skip
    html = render(
        Page("T <b>", [("fact", "v > w")], ("more", "{}"), [Tile("t", "5", "n")], [section])
    )
    for text in (
        "T &lt;b&gt;", "v &gt; w", "Part &lt;1&gt;", "words &amp; signs", "1 &lt; 2", "road",
        "<svg id='drawing'></svg>", "data:image/jpeg;base64,ag==", "run --this\nthen that",
        "an &lt;item&gt;", 'class="model"',
    ):  # fmt: skip
        assert text in html
    assert html.count('class="model"') == 1


def test_a_page_loads_nothing_from_elsewhere() -> None:
    html = render(Page("empty"))
    assert not re.search(r"https?:|<script|<link|@import|url\(", html)


def test_scales_run_from_near_to_far_and_from_none_to_much() -> None:
    assert DEPTH_SCALE.ticks[0] == "2" and DEPTH_SCALE.ticks[-1] == "80"
    assert ERROR_SCALE.ticks[0] == "0%" and ERROR_SCALE.ticks[-1] == "50%+"
    assert DEPTH_SCALE.colors[0] != DEPTH_SCALE.colors[-1]
