import xml.etree.ElementTree as ET

import pytest

from depth_seg_ros.evaluation.report.charts import Mark, bars, horizontal_bars, line

MARKS = [Mark("a & b", 1.0, "one <1>"), Mark("c", float("nan"), "none"), Mark("d", -0.5, "minus")]


@pytest.mark.parametrize(
    "drawing",
    [
        bars(MARKS, "x", "y", reference=0.5),
        line(MARKS, "x", "y"),
        horizontal_bars(MARKS, [(1, 2, 3)] * 3),
        bars([], "x", "y"),
        line([Mark("only", 0.0, "zero")], "x", "y"),
    ],
)
def test_charts_are_well_formed_whatever_the_values(drawing: str) -> None:
    ET.fromstring(drawing)
    assert "nan" not in drawing


def test_bar_heights_are_proportional() -> None:
    root = ET.fromstring(bars([Mark("a", 1.0, ""), Mark("b", 2.0, "")], "x", "y"))
    heights = [float(r.attrib["height"]) for r in root.iter("rect")]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)


def test_bars_below_zero_hang_from_the_zero_line() -> None:
    root = ET.fromstring(bars([Mark("a", 1.0, ""), Mark("b", -1.0, "")], "x", "y"))
    up, down = root.iter("rect")
    zero = float(up.attrib["y"]) + float(up.attrib["height"])
    assert float(down.attrib["y"]) == pytest.approx(zero, abs=0.2)
    assert down.attrib["class"] == "bar low"
