"""The check names what is wrong and shows what is there."""

import shutil

import cv2
import numpy as np

from training.data.check import main


def test_a_sound_data_set(toy, tmp_path, capsys):
    assert main([str(toy), "--out", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert "24 read, 0 unreadable" in text and "124x40 (24)" in text
    assert "road" in text and "sky" in text
    assert cv2.imread(str(tmp_path / "samples.png")).shape[1] == 3 * 480


def test_damage_is_named(toy, tmp_path, capsys):
    root = shutil.copytree(toy, tmp_path / "data")
    (root / "vkitti_1.3.1_depthgt/0001/clone/00002.png").unlink()
    table = root / "vkitti_1.3.1_scenegt/0006_clone_scenegt_rgb_encoding.txt"
    table.write_text("\n".join(r for r in table.read_text().splitlines() if "Road" not in r))
    gray = root / "vkitti_1.3.1_rgb/0001/clone/00005.png"
    cv2.imwrite(str(gray), np.full((40, 124, 3), 90, np.uint8))
    assert main([str(root)]) == 1
    text = capsys.readouterr().out
    assert "11 read, 13 unreadable" in text
    assert "0001/clone/00002.png is missing" in text
    assert "which its colour table lacks" in text
    assert "odd: 0001/clone/00005: the image is one colour" in text


def test_a_wrong_root(tmp_path, capsys):
    assert main([str(tmp_path)]) == 1
    assert "neither vkitti_1.3.1_rgb" in capsys.readouterr().err
