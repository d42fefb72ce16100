from depth_seg_ros.dds.installation import missing_text


def test_where_wheels_exist_pip_is_the_way():
    assert "pip install '.[dds]'" in missing_text(["cyclonedds"], "linux", "x86_64")
    assert "pip install '.[bags]'" in missing_text(["rosbags"], "linux", "aarch64")
    assert "pip install '.[dds]'" in missing_text(["cyclonedds"], "darwin", "arm64")


def test_on_a_jetson_both_ways_out_are_named():
    text = missing_text(["cyclonedds"], "linux", "aarch64")
    assert "no cyclonedds wheel for Linux on aarch64" in text
    assert "perception_node" in text
    assert "CYCLONEDDS_HOME" in text
