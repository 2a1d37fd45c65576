"""Frames as bytes: what comes out is what went in."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from explorer.config import SPECS, Config
from explorer.figures.clipping import clipping
from explorer.figures.gradient_terms import gradient_terms
from explorer.figures.hidden_states import hidden_states
from explorer.figures.truncation import full_against_truncated
from explorer.live import frames
from explorer.live.packing import NAN8, joined, pack, to_int8
from explorer.run import compare
from tests.live.unpacking import unjoin, unpack

PICTURES = (hidden_states, full_against_truncated, gradient_terms, clipping)
SLIDERS = ("weight_scale", "sequence_length", "window", "clip_at")
STAGE = frames.Stage(PICTURES, SLIDERS)


def positions(config, field):
    """The positions of a slider, as the page has them."""
    return frames.positions(config, field, SPECS[field].on_page(), getattr(config, field))


def strip_along(config, show, field):
    """A strip as the page asks for it."""
    values = frames.strip_values(config, STAGE, positions(config, field), getattr(config, field))
    return frames.strip_along(config, show, STAGE, (), field, values)


SHOW = ("tanh", "sigmoid")


@pytest.mark.parametrize("field", SLIDERS)
@pytest.mark.parametrize("config", [Config(), Config(task="adding", sequence_length=60, weight_scale=8, window=3)])
def test_what_a_strip_is_made_of_are_the_frames_themselves(config, field):
    """Told one by one, before they are rounded: to the last bit what each setting would make alone."""
    others, view = frames.apart_from(config, (), field)
    values, told = (SPECS[field].grid[3], SPECS[field].grid[9]), []
    frames.strip_along(others, SHOW, STAGE, view, field, values, lambda *frame: told.append(frame))
    assert [c for c, _, _ in told] == [replace(config, **{field: value}) for value in values]
    for its, seen, made in told:
        assert frames.packed(made, its, SHOW, STAGE, seen) == frames.frame_bytes(its, SHOW, STAGE, seen)


def test_frames_along_what_is_only_looked_at():
    """A strip along a view names each of its settings."""
    told = []
    view = (("step", None),)
    frames.strip_along(Config(), SHOW, STAGE, view, "step", (3, 7), lambda *frame: told.append(frame[:2]))
    assert told == [(Config(), (("step", 3),)), (Config(), (("step", 7),))]


def same(got, want, atol=0.0):
    """The same structure: dictionaries, lists, values, and arrays to float32 (NaN and ∞ in their places)."""
    if isinstance(want, dict):
        assert got.keys() == want.keys()
        for key in want:
            same(got[key], want[key], atol)
    elif isinstance(want, (list, tuple)):
        assert len(got) == len(want)
        for a, b in zip(got, want, strict=True):
            same(a, b, atol)
    elif isinstance(want, np.ndarray):
        assert got.shape == want.shape
        np.testing.assert_allclose(got, want.astype(got.dtype), rtol=0, atol=atol if want.ndim == 2 else 0)
    else:
        assert got == want


leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    arrays(np.float32, array_shapes(max_dims=3, max_side=4), elements=st.floats(width=32)),
    arrays(np.int16, array_shapes(max_dims=1, max_side=9)),
)
keys = st.text(max_size=4).filter(lambda key: key not in ("@", "$"))
structures = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(keys, structures, max_size=4), max_size=4))
def test_round_trip(given_frames):
    same(unpack(pack(given_frames)), given_frames)


def test_special_numbers():
    """NaN, both infinities, −0, the largest and the smallest float32 arrive bit for bit."""
    values = np.array([np.nan, np.inf, -np.inf, -0.0, 3.4e38, 1e-45], dtype=np.float32)
    (frame,) = unpack(pack([{"a": values}]))
    assert frame["a"].tobytes() == values.tobytes()


def test_header_holds_no_nan():
    """JSON knows neither NaN nor ∞: better an error here than a page that cannot read its data."""
    for value in (np.nan, np.inf):
        with pytest.raises(ValueError, match="JSON"):
            pack([{"a": float(value)}])


def test_joined_is_aligned():
    """Typed arrays in the browser need offsets that are multiples of their size."""
    for n in range(20):
        header, body = unjoin(joined({"n": "ü" * n}, b"body"))
        assert (header, body) == ({"n": "ü" * n}, b"body")


def test_equal_parts_are_stored_once():
    """Dictionaries and arrays, wherever they stand; and they come out as one object."""
    part = {"y": np.arange(1000, dtype=np.float32), "name": "tanh"}
    one, many = pack([{"a": part}]), pack([{"a": dict(part), "b": {"c": [dict(part)] * 3}} for _ in range(50)])
    assert len(many) < len(one) + 1000
    frame, other, *_ = unpack(many)
    assert frame["a"] is frame["b"]["c"][1] is other["a"]
    header, body = unjoin(many)
    assert len(body) == 4000
    assert len(header["pool"]) == len({json.dumps(item) for item in header["pool"]})


def test_arrays_with_equal_bytes_keep_their_shapes():
    flat = np.arange(6, dtype=np.float32)
    frame, other = unpack(pack([{"a": flat}, {"a": flat.reshape(2, 3)}]))
    assert (frame["a"].shape, other["a"].shape) == ((6,), (2, 3))


@settings(max_examples=100, deadline=None)
@given(arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.floats(-1e30, 1e30)))
def test_int8_loses_at_most_half_a_step(values):
    integers, scale = to_int8(values)
    assert np.abs(integers.astype(int)).max() <= 127
    np.testing.assert_array_less(np.abs(integers * scale - values), scale * (0.5 + 1e-9) + 1e-300)
    assert scale == pytest.approx(np.abs(values).max() / 127, rel=1e-9, abs=1e-300) or np.abs(values).max() <= 1e-300


@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf])
def test_int8_of_what_is_not_a_number(hole):
    """−128 stands for all of them, and does not disturb the others."""
    integers, scale = to_int8(np.array([[1.0, hole], [-0.5, 0.0]]))
    assert integers[0, 1] == NAN8
    assert scale == pytest.approx(1 / 127)
    assert (to_int8(np.full((2, 2), hole))[0] == NAN8).all()
    (frame,) = unpack(pack([{"z": np.array([[1.0, hole]])}], int8_matrices=True))
    np.testing.assert_array_equal(frame["z"], [[1.0, np.nan]])


CASES = {
    "default": Config(),
    "every loss, sliding": Config(loss_at="every", truncation="sliding", window=7, task="order"),
    "full, unclipped": Config(truncation="full", clip="none", sequence_length=20),
    "randomised, by value": Config(truncation="randomised", clip="value", clip_at=0.01, weight_scale=3),
    "one step": Config(sequence_length=2, hidden_size=2, window=1),
}


@pytest.mark.parametrize("field", SLIDERS)
@pytest.mark.parametrize("config", CASES.values(), ids=CASES)
def test_a_strip_is_its_frames(config, field):
    """Every frame on a strip is the frame computed alone; only heatmaps are rounded, by half a step at most."""
    strip = strip_along(config, SHOW, field)
    assert getattr(config, field) in strip.values
    made = unpack(strip.packed)
    assert len(made) == len(strip.values)
    every = max(1, len(made) // 5)
    for value, got in list(zip(strip.values, made, strict=True))[::every]:
        alone = frames.frame(compare(replace(config, **{field: value}), SHOW), STAGE, ())
        assert got.pop("coarse")  # so that the board paints Python's exact answer over it
        same(got, unpack(pack([alone]))[0], atol=0.5 / 127 + 1e-6)


def test_a_strip_of_overflows():
    """relu at large scales leaves float64 within the strip: NaN and ∞ travel, and nothing raises."""
    config = Config(weight_scale=16, sequence_length=200, hidden_size=32)
    strip = strip_along(config, ("relu", "identity"), "sequence_length")
    assert len(unpack(strip.packed)) == len(strip.values)


@pytest.mark.parametrize("field", SLIDERS)
@pytest.mark.parametrize("T", [50, 200])
def test_size_of_a_strip(field, T):
    """Small enough for a class on one network: at most 3 MB at T = 200, H = 64, far less in the usual case."""
    config = Config(sequence_length=T, hidden_size=64 if T == 200 else 16, loss_at="every")
    strip = strip_along(config, SHOW, field)
    assert len(strip.packed) <= (3e6 if T == 200 else 1e6)
    assert len(strip.values) >= 10


def test_keys_of_strips():
    """A strip holds along its own slider, and for no other setting."""
    config = Config()
    for field in SLIDERS:
        key = frames.strip_key(config, SHOW, (), field)
        assert frames.strip_key(replace(config, **{field: 5}), SHOW, (), field) == key
        others = [replace(config, **{other: 5}) for other in SLIDERS if other != field] + [replace(config, seed=1)]
        keys = {frames.strip_key(other, SHOW, (), field) for other in others} | {
            frames.strip_key(config, ("relu",), (), field)
        }
        assert len(keys | {key}) == len(others) + 2


@pytest.mark.parametrize("field", SLIDERS)
def test_a_class_shares_a_strip(field):
    """Pages that stand at different places of one slider, and are alike otherwise, ask for the same computation."""
    view = (("step", 3), ("lag", 4))
    here, there = (frames.apart_from(Config(**{field: value}), view, field) for value in (5, 7))
    assert here == there
    assert frames.apart_from(Config(seed=1), view, field) != here
    assert frames.apart_from(Config(), view, "lag") == frames.apart_from(Config(), (("step", 3), ("lag", 9)), "lag")
    assert frames.apart_from(Config(), view, "lag") != frames.apart_from(Config(), (("step", 9), ("lag", 4)), "lag")


@pytest.mark.parametrize("field", SLIDERS)
def test_positions(field):
    """In order, without repeats, the present value among them, whatever a link says."""
    for value in (2, 3, 77, 100):
        made = positions(Config(**{field: value}), field)
        assert made == tuple(sorted(set(made)))
        assert value in made


def test_int8_of_subnormals_does_not_wrap_round():
    integers, scale = to_int8(np.array([[178 * 5e-324, 0.0]]))
    assert (integers * scale == 0).all()


@pytest.mark.parametrize("field", SLIDERS)
def test_strips_of_a_crowd_are_shorter(field):
    """Never longer than without, and still with the present value and both ends; a few who wait change nothing."""
    config = Config()
    its = positions(config, field), getattr(config, field)
    whole = frames.strip_values(config, STAGE, *its)
    assert frames.strip_values(config, STAGE, *its, waiting=frames.FEW) == whole
    short = frames.strip_values(config, STAGE, *its, waiting=frames.FEW + 1)
    assert len(short) <= frames.CROWDED + 2
    assert {its[1], its[0][0], its[0][-1]} <= set(short) <= set(its[0])
    huge = Config(sequence_length=1000, hidden_size=256)
    assert frames.strip_values(huge, STAGE, *its, waiting=99) == ()
