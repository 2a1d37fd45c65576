import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.clipping import (
    CLIPPERS,
    angle,
    clip_by_global_norm,
    clip_by_parameter_norm,
    clip_by_value,
    global_norm,
    naive_clip_by_norm,
    naive_norm,
    share_cut,
)

AFTERWARDS = [name for name, clip in CLIPPERS.items() if clip is not None]  # the others act inside the backward loop

ROUNDING = 1.0 + 1e-12
entries = st.floats(-1e300, 1e300, allow_nan=False)
gradients = st.lists(entries, min_size=6, max_size=6).map(
    lambda g: {"W": np.array(g[:4]).reshape(2, 2), "b": np.array(g[4:])}
)
thresholds = st.floats(1e-6, 1e6)


def random_gradient(scale=1.0, seed=0):
    rng = np.random.default_rng(seed)
    return {"W_hh": scale * rng.normal(size=(4, 4)), "b_h": scale * rng.normal(size=4)}


def flat(grads):
    return np.concatenate([g.ravel() for g in grads.values()])


def test_global_norm_is_over_all_parameters():
    """3 and 4 in two arrays make 5."""
    assert global_norm({"W": np.array([[3.0, 0.0]]), "b": np.array([4.0])}) == 5.0


@given(gradients)
def test_global_norm_against_hypot(grads):
    """Against the standard library's scaled norm, over the whole range of floats."""
    assert global_norm(grads) == pytest.approx(math.hypot(*flat(grads)), rel=1e-14)


@pytest.mark.parametrize("scale", [1e-200, 1e-300, 1.0, 1e200, 1e300])
def test_norm_angle_and_clipping_at_any_size(scale):
    """Squares would under- or overflow at 1e±200: norm, angle and both clippers are safe, without a warning."""
    one, big = random_gradient(), random_gradient(scale)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert global_norm(big) == pytest.approx(scale * global_norm(one), rel=1e-13)
        assert angle(one, big) == pytest.approx(0.0, abs=1e-13)
        clipped = clip_by_global_norm(big, 0.5 * global_norm(big))
        np.testing.assert_allclose(flat(clipped), 0.5 * flat(big), rtol=1e-13)
        np.testing.assert_array_equal(flat(clip_by_value(big, scale)), np.clip(flat(big), -scale, scale))


@given(gradients, thresholds)
def test_clip_by_norm_keeps_the_direction_and_never_enlarges(grads, threshold):
    """Norm at most threshold and at most the raw norm; angle to the raw gradient below 1e-10 degrees."""
    clipped = clip_by_global_norm(grads, threshold)
    assert global_norm(clipped) <= min(threshold, global_norm(grads)) * ROUNDING
    assert (np.abs(flat(clipped)) <= np.abs(flat(grads))).all()
    if global_norm(clipped) > 1e-290:  # far from subnormal numbers, which have fewer digits
        assert angle(grads, clipped) < 1e-10


@pytest.mark.parametrize("seed", range(20))
def test_clip_by_norm_is_one_factor_for_all(seed):
    """threshold/‖g‖ times the gradient, direction kept to 1e-12."""
    g = random_gradient(100.0, seed)
    clipped = clip_by_global_norm(g, 3.0)
    assert global_norm(clipped) == pytest.approx(3.0, rel=1e-14)
    np.testing.assert_allclose(flat(clipped) / 3.0, flat(g) / np.linalg.norm(flat(g)), rtol=1e-12)
    assert np.radians(angle(g, clipped)) < 1e-12


@given(gradients, thresholds)
def test_clip_by_value_bounds_each_entry(grads, threshold):
    """Every entry lies in ±threshold; those that did before are untouched; no sign changes."""
    raw, clipped = flat(grads), flat(clip_by_value(grads, threshold))
    assert (np.abs(clipped) <= threshold).all()
    inside = np.abs(raw) <= threshold
    np.testing.assert_array_equal(clipped[inside], raw[inside])
    assert (np.sign(clipped) == np.sign(raw)).all()


def test_clip_by_value_turns_the_gradient():
    """(10, 1) cut to (1, 1): from 5.7° to 45°."""
    g = {"W": np.array([10.0, 1.0])}
    assert angle(g, clip_by_value(g, 1.0)) == pytest.approx(45.0 - np.degrees(np.arctan(0.1)), rel=1e-13)


@pytest.mark.parametrize("name", AFTERWARDS)
def test_small_and_zero_gradients_stay_as_they_are(name):
    """Below the threshold nothing happens, and zero stays zero."""
    for g in (random_gradient(0.01), random_gradient(0.0)):
        np.testing.assert_array_equal(flat(CLIPPERS[name](g, 1.0)), flat(g))


@pytest.mark.parametrize("name", AFTERWARDS)
def test_raw_gradient_is_left_alone(name):
    """Clippers get read-only arrays and return a dictionary of their own, with the same names in the same order."""
    g = random_gradient(1e6)
    for array in g.values():
        array.setflags(write=False)
    clipped = CLIPPERS[name](g, 1.0)
    assert clipped is not g
    assert list(clipped) == list(g)


@pytest.mark.parametrize("name", [name for name in AFTERWARDS if name != "none"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_gradient_that_is_not_finite_is_refused(name, bad):
    """ValueError names the parameter: clipping would turn ∞ into a step of 0 and hide it."""
    g = random_gradient()
    g["b_h"][2] = bad
    with pytest.raises(ValueError, match=r"b_h.*not finite"):
        CLIPPERS[name](g, 1.0)


def test_a_norm_beyond_float64_is_clipped_all_the_same():
    """Finite entries whose norm overflows: the largest entry is taken out first, so the step is not 0."""
    g = {"W": np.array([[1.7e308, -1.7e308], [0.85e308, 1.7e308]])}
    with np.errstate(over="ignore"):
        assert global_norm(g) == np.inf
        clipped = clip_by_global_norm(g, 1.0)["W"]
    np.testing.assert_allclose(clipped, np.array([[2, -2], [1, 2]]) / np.sqrt(13), rtol=1e-14)


@given(gradients, thresholds)
def test_clip_by_parameter_norm_bounds_each_parameter(grads, threshold):
    """Every parameter's norm is at most the threshold, its direction stays; those below are untouched."""
    clipped = clip_by_parameter_norm(grads, threshold)
    for name, g in grads.items():
        alone = {name: g}, {name: clipped[name]}
        assert global_norm(alone[1]) <= min(threshold, global_norm(alone[0])) * ROUNDING
        if global_norm(alone[0]) <= threshold:
            np.testing.assert_array_equal(clipped[name], g)
        elif global_norm(alone[1]) > 1e-290:
            assert angle(*alone) < 1e-10


def test_clip_by_parameter_norm_changes_proportions():
    """Norms 10 and 1 become 1 and 1."""
    clipped = clip_by_parameter_norm({"W": np.array([10.0]), "b": np.array([1.0])}, 1.0)
    assert (clipped["W"][0], clipped["b"][0]) == (1.0, 1.0)


def test_share_cut_counts_entries_over_all_parameters():
    g = {"W": np.array([[3.0, 0.5], [-2.0, 0.0]]), "b": np.array([1.0])}
    assert share_cut(g, clip_by_value(g, 1.0)) == 2 / 5
    assert share_cut(g, clip_by_value(g, 5.0)) == 0.0


def test_naive_clipping_fails_in_float32_where_the_safe_one_does_not():
    """Squares overflow from 1.8e19 on: the step becomes 0. An entry that is ∞ becomes NaN. Safe clipping keeps both."""
    g = {"W": np.array([3e19, -4e19], np.float32)}
    with np.errstate(all="ignore"):
        assert naive_norm(g) == np.inf
        assert naive_norm(g).dtype == np.float32
        assert not naive_clip_by_norm(g, 1.0)["W"].any()
        bad = naive_clip_by_norm({"W": np.array([np.inf, 1.0], np.float32)}, 1.0)["W"]
    np.testing.assert_array_equal(bad, [np.nan, 0.0])
    safe = clip_by_global_norm(g, 1.0)["W"]
    assert safe.dtype == np.float32
    np.testing.assert_allclose(safe, [0.6, -0.8], rtol=1e-6)


def test_safe_clipping_in_float32_where_the_norm_itself_is_beyond_float32():
    """Every entry fits, ‖g‖ = 6e38 does not: dividing by it would make the step 0."""
    g = {"W": np.full(4, 3e38, np.float32)}
    np.testing.assert_allclose(clip_by_global_norm(g, 1.0)["W"], 0.5, rtol=1e-6)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_naive_and_safe_clipping_agree_where_nothing_overflows(scale):
    g = random_gradient(scale)
    np.testing.assert_allclose(flat(naive_clip_by_norm(g, 1.0)), flat(clip_by_global_norm(g, 1.0)), rtol=1e-14)


@pytest.mark.parametrize("degrees", [1e-12, 1e-8, 1e-4, 1.0, 45.0, 90.0, 135.0, 179.0, 180.0 - 1e-6, 180.0])
def test_angle_is_right_near_0_and_180(degrees):
    """Turned by a known angle, measured to 1e-13 degrees; arccos of the cosine would give 0 for 1e-8."""
    turn = np.radians(degrees)
    a, b = {"W": np.array([2.0, 0.0])}, {"W": 7.0 * np.array([np.cos(turn), np.sin(turn)])}
    assert angle(a, b) == pytest.approx(degrees, rel=1e-12, abs=1e-13)


def test_angle_of_nothing_is_not_a_number():
    """A zero or infinite gradient has no direction."""
    g, zero, infinite = random_gradient(), random_gradient(0.0), random_gradient()
    infinite["b_h"][0] = np.inf
    assert all(math.isnan(angle(a, b)) for a, b in [(g, zero), (zero, g), (g, infinite)])
