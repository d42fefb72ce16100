from depth_seg_ros.evaluation.score.pairing import pair_stamps


def test_exact_stamps() -> None:
    found = pair_stamps([10, 20, 30], [30, 10])
    assert found.pairs == [(0, 1), (2, 0)]
    assert [i for i, _ in found.unpaired] == [1]
    assert found.unused == []


def test_the_nearest_image_gets_a_truth_that_two_want() -> None:
    found = pair_stamps([0, 8], [10], tolerance_ns=20)
    assert found.pairs == [(1, 0)]
    assert found.unpaired == [(0, "its ground truth was taken by image 1, which is nearer")]


def test_tolerance_is_in_the_reason() -> None:
    found = pair_stamps([0], [3_000_000], tolerance_ns=1_000_000)
    assert found.pairs == []
    assert found.unpaired[0][1] == "nearest ground truth is 3.000 ms away, allowed are 1.000 ms"
    assert found.unused == [0]


def test_no_truth_at_all() -> None:
    assert pair_stamps([1, 2], []).unpaired == [
        (0, "there is no ground truth at all"),
        (1, "there is no ground truth at all"),
    ]


def test_every_image_is_accounted_for_once() -> None:
    images = [0, 0, 5, 11, 12, 40, 100]
    truths = [1, 10, 13, 13, 99, 300]
    found = pair_stamps(images, truths, tolerance_ns=4)
    accounted = [i for i, _ in found.pairs] + [i for i, _ in found.unpaired]
    assert sorted(accounted) == list(range(len(images)))
    used = [t for _, t in found.pairs]
    assert len(set(used)) == len(used)
    assert sorted(used + found.unused) == list(range(len(truths)))
