from depth_seg_ros.perception.accounting import account


def test_every_stamp_is_accounted_for():
    accounts = account({"/image": [1, 2, 3, 4], "/depth": [1, 3, 3, 9]}, "/image")
    assert accounts["/image"].missing == ()
    depth = accounts["/depth"]
    assert (depth.received, depth.twice, depth.foreign, depth.missing) == (4, 1, 1, (2, 4))
    assert depth.as_json()["first_missing_stamps_ns"] == [2, 4]
    assert depth.as_json()["missing"] == 2
