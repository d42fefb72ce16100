"""The account of a recording: exact, and in bounded memory."""

import numpy as np

from depth_seg_ros.perception.accounting import Accounts


def account(stamps, reference, window=2000):
    accounts = Accounts(reference, window)
    for topic, found in stamps.items():
        for stamp in found:
            accounts.add(topic, stamp)
    return accounts


def test_every_stamp_is_accounted_for():
    accounts = account({"/image": [1, 2, 3, 4], "/depth": [1, 3, 3, 9]}, "/image").result()
    assert accounts["/image"].missing == 0
    depth = accounts["/depth"]
    assert (depth.received, depth.twice, depth.foreign, depth.missing) == (4, 1, 1, 2)
    assert depth.as_json()["first_missing_stamps_ns"] == [2, 4]
    assert depth.as_json()["missing"] == 2


def test_without_the_reference_there_is_no_account():
    assert account({"/depth": [1, 2]}, "/image").result() == {}


def test_a_long_recording_counts_the_same_and_stays_small():
    rng = np.random.default_rng(0)
    accounts, lost, strange, again = Accounts("/image", window=50), [], 0, 0
    for stamp in range(20_000):
        accounts.add("/image", stamp)
        if rng.random() < 0.1:
            lost.append(stamp)
        else:
            accounts.add("/depth", stamp)
            if rng.random() < 0.01:
                accounts.add("/depth", stamp)
                again += 1
        if rng.random() < 0.05:
            accounts.add("/depth", 10**9 + stamp)
            strange += 1
    depth = accounts.result()["/depth"]
    assert (depth.missing, depth.foreign, depth.twice) == (len(lost), strange, again)
    assert list(depth.first_missing) == lost[:50]
    held = [len(a.seen) for a in accounts._topics.values()]
    assert max(held) <= 101 and len(accounts._expected) == 50


def test_a_topic_that_joins_late_has_missed_what_was_before():
    accounts = Accounts("/image", window=10)
    for stamp in range(100):
        accounts.add("/image", stamp)
        if stamp >= 60:
            accounts.add("/late", stamp)
    late = accounts.result()["/late"]
    assert (late.received, late.missing, late.first_missing[:3]) == (40, 60, (0, 1, 2))
