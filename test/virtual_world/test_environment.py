"""Light: the ten variations, random ones, and the sky that is painted from them."""

import numpy as np
import pytest

from depth_seg_ros.errors import VirtualWorldError
from depth_seg_ros.virtual_world.light.environment import (
    RANDOM,
    VARIATIONS,
    YAW_DEG,
    variation_environment,
    variation_yaw,
)
from depth_seg_ros.virtual_world.light.sky import look_up, paint_light


def test_there_are_virtual_kittis_ten() -> None:
    assert len(VARIATIONS) == 10
    assert variation_yaw("30-deg-left") == pytest.approx(np.radians(-30))
    assert variation_yaw("fog") == 0


def test_turned_cameras_keep_the_light_of_clone() -> None:
    clone = variation_environment("clone", 5)
    assert all(variation_environment(v, 5) == clone for v in YAW_DEG)
    assert variation_environment("fog", 5) != clone


def test_a_seed_gives_one_environment_and_seeds_differ() -> None:
    drawn = [variation_environment(RANDOM, seed) for seed in range(30)]
    assert drawn[4] == variation_environment(RANDOM, 4)
    assert len(set(drawn)) == 30
    assert {e.overcast > 0.5 for e in drawn} == {True, False}


def test_unknown_variations_are_refused() -> None:
    with pytest.raises(VirtualWorldError, match=r"'hail'.*clone.*night.*random"):
        variation_environment("hail", 0)


def test_the_lower_the_sun_the_redder_and_weaker() -> None:
    noon, evening = (variation_environment(v, 3) for v in ("clone", "sunset"))
    assert evening.sun_elevation < noon.sun_elevation
    assert evening.sun_color[0] < noon.sun_color[0]
    assert evening.sun_color[2] / evening.sun_color[0] < noon.sun_color[2] / noon.sun_color[0]


@pytest.mark.parametrize("variation", ["clone", "overcast", RANDOM])
def test_light_is_finite_positive_and_repeatable(variation: str) -> None:
    environment = variation_environment(variation, 8)
    light, again = paint_light(environment), paint_light(environment)
    for name in ("sky", "mirror", "ambient_up", "ambient_down", "haze_color"):
        values = getattr(light, name)
        assert np.isfinite(values).all()
        assert values.min() >= 0
        assert np.array_equal(values, getattr(again, name)), name


def test_the_sun_stands_where_the_environment_says() -> None:
    environment = variation_environment("clone", 2)
    light = paint_light(environment)
    x, y, z = (np.float32(v) for v in environment.sun_direction)
    assert np.hypot(x, np.hypot(y, z)) == pytest.approx(1)
    away = look_up(light.sky, -x, y, -z)
    assert sum(look_up(light.sky, x, y, z)) > 5 * sum(away)
