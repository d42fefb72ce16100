"""The cache: right, resumable, checked, and honest about what it cannot read."""

import pickle
import shutil

import cv2
import numpy as np
import pytest

from depth_seg_ros.errors import ReaderError
from depth_seg_ros.labels import to_network_ids
from depth_seg_ros.readers.virtual_kitti import VirtualKitti1
from training.config import DataConfig, Source
from training.data import cache as cache_module
from training.data.cache import centimetres_to_metres, metres_to_centimetres, open_cache
from training.data.frames import open_frames
from training.data.resample import to_network
from training.errors import DatasetError
from training.geometry import training_camera


@pytest.fixture
def root(toy, tmp_path):
    """A private copy of the toy data, to damage."""
    return shutil.copytree(toy, tmp_path / "vkitti")


def opened(root, tmp_path, workers=1):
    return open_cache(VirtualKitti1(root), tmp_path / "cache", training_camera(48, 32), workers)


def test_rows_are_the_samples_at_network_resolution(root, tmp_path):
    reader = VirtualKitti1(root)
    cache = opened(root, tmp_path)
    assert cache.keys == tuple(reader.keys)
    for row in (0, 17):
        stored, fresh = cache.frame(row), to_network(reader[row], training_camera(48, 32))
        assert np.array_equal(stored.image, fresh.image)
        assert np.array_equal(stored.labels, fresh.labels)
        np.testing.assert_allclose(stored.depth_m, fresh.depth_m, atol=0.0051)
    pixels = cache.class_pixels()
    assert pixels.sum() == 24 * 48 * 32
    assert pixels[7] > 0 and pixels[23] > 0


def test_depth_and_ids_are_taken_never_mixed(root):
    sample = VirtualKitti1(root)[0]
    small = to_network(sample, training_camera(48, 32))
    assert set(np.unique(small.labels)) <= set(np.unique(to_network_ids(sample.truth.labels)))
    values = sample.truth.depth_m[np.isfinite(sample.truth.depth_m)]
    mine = small.depth_m[np.isfinite(small.depth_m)]
    assert all(np.abs(values - v).min() < 0.01 for v in mine[::37])


def test_centimetres_keep_what_is_not_a_number():
    metres = np.float32([np.nan, 0.004, 12.344, 655.3, 700, np.inf])
    back = centimetres_to_metres(metres_to_centimetres(metres))
    np.testing.assert_allclose(back, np.float32([np.nan, np.nan, 12.34, 655.3, np.inf, np.inf]))


def test_two_processes_fill_it_like_one(root, tmp_path):
    one = open_cache(VirtualKitti1(root), tmp_path / "one", training_camera(48, 32), workers=1)
    two = open_cache(VirtualKitti1(root), tmp_path / "two", training_camera(48, 32), workers=2)
    for name, values in one.arrays.items():
        assert np.array_equal(values, two.arrays[name])


def test_an_interrupted_build_goes_on(root, tmp_path, monkeypatch):
    store = cache_module._store

    def dies_at_5(reader, arrays, row, camera):
        if row == 5:
            raise KeyboardInterrupt
        store(reader, arrays, row, camera)

    monkeypatch.setattr(cache_module, "_store", dies_at_5)
    with pytest.raises(KeyboardInterrupt):
        opened(root, tmp_path)
    rows = []
    monkeypatch.setattr(
        cache_module, "_store", lambda r, a, row, c: (rows.append(row), store(r, a, row, c))
    )
    cache = opened(root, tmp_path)
    assert rows == list(range(5, 24))
    assert len(cache.usable) == 24
    assert cache.damaged() == []


def test_a_flipped_byte_is_found(root, tmp_path):
    cache = opened(root, tmp_path)
    path = cache.folder / "image.npy"
    data = bytearray(path.read_bytes())
    data[-1000] ^= 1
    path.write_bytes(data)
    assert opened(root, tmp_path / "elsewhere").damaged() == []
    assert pickle.loads(pickle.dumps(cache)).damaged() == [cache.keys[-1]]  # noqa: S301 - our own


def test_a_source_that_changed_is_refused(root, tmp_path):
    opened(root, tmp_path)
    path = root / "vkitti_1.3.1_rgb/0001/clone/00000.png"
    cv2.imwrite(str(path), np.zeros((40, 124, 3), np.uint8))
    with pytest.raises(DatasetError, match=r"no longer matches its source at 0001/clone/00000"):
        opened(root, tmp_path)


def test_one_corrupt_file_is_skipped_and_named(root, tmp_path, capsys):
    (root / "vkitti_1.3.1_rgb/0001/clone/00003.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    cache = opened(root, tmp_path)
    assert len(cache.usable) == 23 and 3 not in cache.usable
    assert (cache.folder / "skipped.txt").read_text() == "0001/clone/00003\n"
    assert "00003.png" in capsys.readouterr().out


def test_a_half_extracted_archive_is_an_error(root, tmp_path):
    shutil.rmtree(root / "vkitti_1.3.1_depthgt/0006")
    with pytest.raises(DatasetError, match=r"12 of 24 frames cannot be read.*fully extracted"):
        opened(root, tmp_path)


def test_it_travels_to_other_processes_as_a_path(root, tmp_path):
    cache = opened(root, tmp_path)
    data = pickle.dumps(cache)
    assert len(data) < 5_000
    copy = pickle.loads(data)  # noqa: S301 - our own bytes, as multiprocessing does it
    assert np.array_equal(copy.frame(3).image, cache.frame(3).image)


def test_splits_by_world_name_and_range(root, tmp_path):
    config = DataConfig(cache=str(tmp_path / "cache"), width=48, height=32)
    train = open_frames([Source(str(root), ("0001..0005",))], config)
    assert {train.key(i).split("/")[0] for i in range(len(train))} == {"0001"}
    both = open_frames([Source(str(root), ("0001",)), Source(str(root), ("0006",))], config)
    assert len(both) == 24 and both.key(23) == "0006/clone/00011"
    few = both.spread(5)
    assert [few.key(i)[-5:] for i in range(5)] == ["00000", "00006", "00000", "00005", "00011"]
    assert few.class_pixels().sum() == 5 * 48 * 32
    wide = DataConfig(cache=str(tmp_path / "cache"), width=64, height=24)
    sources = [Source(str(root), ("0001",)), Source(str(root), ("0006",), (), 48, 32)]
    mixed = open_frames(sources, wide)
    assert [len(alike) for alike in mixed.by_shape()] == [12, 12]
    assert mixed[0].labels.shape == (24, 64) and mixed[23].labels.shape == (32, 48)
    assert len(mixed.alike()) == 12
    seen = mixed.camera(23)
    assert (seen.width, seen.height, seen.fx) == (48, 32, mixed.camera(0).fx)
    with pytest.raises(Exception, match="width 48 and height 0 are given together"):
        Source(str(root), width=48)
    with pytest.raises(Exception, match="0019 is not there; found: 0001, 0006"):
        open_frames([Source(str(root), ("0019",))], config)
    with pytest.raises(ReaderError, match="neither vkitti"):
        open_frames([Source(str(tmp_path))], config)
