"""The pictures of Clipping show what the engine computes."""

import json
from dataclasses import replace

import numpy as np
import pytest

from explorer.config import Config
from explorer.engine import one_unit
from explorer.engine.clipping import CLIPPERS, angle, clip_by_global_norm, share_cut
from explorer.engine.one_unit import descend
from explorer.figures.clipped_flow import flow_before_and_after, handed_in
from explorer.figures.clippers import KINDS, at_this_threshold, each_kind
from explorer.figures.landscape import landscape_film, steepest
from explorer.figures.norms import norm_trace, share_above, share_clipped
from explorer.figures.overflow import overflow_table
from explorer.figures.theme import number, plotly_figure
from explorer.figures.wall import B_RANGE, W_RANGE, surface, wall
from explorer.lessons.presets import CLIPPING_PRESETS
from explorer.live.player import as_json
from explorer.run import clip, compare, flow_clipped, landscape, run

SHOW = ("tanh", "sigmoid")
SMALL = Config(sequence_length=20, hidden_size=8, weight_scale=4, clip_at=0.05, loss_at="every")
CASES = {
    **{name: preset.config for name, preset in CLIPPING_PRESETS.items()},
    "one step, one unit": Config(sequence_length=1, hidden_size=1),
    "no weights": Config(weight_scale=0),
    "overflow": Config(weight_scale=16, sequence_length=1000, hidden_size=8),
    "sliding": replace(SMALL, truncation="sliding"),
}


def board(traces):
    """The pictures of the page's board."""
    return each_kind(traces), at_this_threshold(traces, 0.1), flow_before_and_after(traces), handed_in(traces)


def named(picture, name):
    """The traces of a picture with this name."""
    return [trace for trace in picture.figure["data"] if trace.get("name") == name]


@pytest.mark.parametrize("show", [("tanh",), SHOW, ("relu", "identity"), ("lstm", "gru")], ids=" ".join)
@pytest.mark.parametrize("name", CASES)
def test_every_picture_is_a_valid_figure(name, show):
    for picture in board(compare(CASES[name], show)):
        plotly_figure(picture, dark=True)
        assert picture.title
        assert picture.sentence.endswith(".")
        assert "nan" not in picture.sentence


def test_all_kinds_are_shown():
    assert set(KINDS) == set(CLIPPERS) - {"none"}


def test_norms_of_each_kind_stand_in_its_column():
    trace = run(SMALL)
    picture = each_kind({"tanh": trace})
    columns = named(picture, "tanh clipped")
    for kind, column in zip(KINDS, columns, strict=True):
        clipped = clip(trace, kind)
        np.testing.assert_allclose(column["x"], np.log10([*clipped.norms.values(), clipped.norm]), rtol=1e-5)
        assert number(clipped.norm) in picture.sentence
    assert len(named(picture, "threshold")) == 2  # a threshold on norms is drawn, one on entries is not


def test_angle_share_and_length_of_each_kind():
    trace = run(SMALL)
    angles, shares, lengths = (column["x"] for column in named(at_this_threshold({"tanh": trace}, 0.1), "tanh clipped"))
    for i, kind in enumerate(KINDS):
        clipped = clip(trace, kind)
        assert angles[i] == pytest.approx(angle(trace.used.grads, clipped.grads), rel=1e-5, abs=1e-5)
        assert shares[i] == pytest.approx(share_cut(trace.used.grads, clipped.grads), rel=1e-6)
        assert lengths[i] == pytest.approx(np.log10(0.1 * clipped.norm), rel=1e-5)


def test_the_flow_before_is_the_flow_and_after_is_clipped_per_step():
    trace = run(SMALL)
    before, after = flow_before_and_after({"tanh": trace}).figure["data"]
    assert (before["name"], after["name"]) == ("tanh, before", "tanh, clipped")
    below = np.tri(20, dtype=bool)
    np.testing.assert_allclose(before["z"].T[below], trace.flow.log10_norms[below], rtol=1e-6)
    np.testing.assert_allclose(after["z"].T[below], flow_clipped(trace)[below], rtol=1e-6)
    assert (after["z"].T[below] < before["z"].T[below] - 1).any()


def test_clipping_does_not_cure_vanishing():
    """By norm, the line over steps is shifted as a whole; per step, its far end stays as far below its near end."""
    traces = compare(CLIPPING_PRESETS["no cure for vanishing"].config, ("tanh",))
    picture = handed_in(traces)
    raw, by_norm, per_step = (named(picture, name)[0]["y"] for name in ("raw", "by norm", "per step"))
    np.testing.assert_allclose(raw - by_norm, (raw - by_norm)[0], rtol=1e-5)
    assert raw[-1] - by_norm[-1] > 1.0
    assert raw[0] - raw[-1] == pytest.approx(per_step[0] - per_step[-1], abs=0.5)  # of more than 12 decades
    assert raw[0] - raw[-1] < -12
    assert "Clipping does not cure vanishing." in flow_before_and_after(traces).sentence
    growing = compare(CLIPPING_PRESETS["clipping at work"].config, ("tanh",))
    assert "cure" not in flow_before_and_after(growing).sentence


# ------------------------------------------------------------------------------------------------------ thresholds


def test_norms_and_the_share_that_a_threshold_clips():
    norms = np.array([0.5, 1.0, 2.0, 4.0, 100.0])
    left, right = norm_trace(norms, 3.0), share_clipped(norms, 3.0)
    for picture in (left, right):
        plotly_figure(picture)
    assert share_above(norms, 3.0) == 0.4
    assert "clips 40%" in right.sentence
    (curve,) = named(right, "share clipped")
    for log10, share in zip(curve["x"], curve["y"], strict=True):
        assert share == (np.log10(norms) > log10).mean()
    assert sum(named(right, "updates")[0]["y"]) == 5
    (band,) = left.figure["layout"]["shapes"]
    assert (band["y0"], band["y1"]) == (pytest.approx(np.log10(0.5 * 21.5)), pytest.approx(np.log10(10 * 21.5)))


# ------------------------------------------------------------------------------------------------------ the wall


@pytest.fixture(scope="module")
def film():
    raw = descend(5.5, -2.6, 60, 0.2)
    return raw, wall(raw, descend(5.5, -2.6, 60, 0.2, lambda g: clip_by_global_norm({"g": g}, 0.5)["g"]), 0.2, 0.5)


def test_the_film_of_the_wall(film):
    """A frame per update, with words; the points of the paths; the surface is E; valid for Plotly and JSON."""
    raw, made = film
    assert len(made.frames) == len(made.words) == 61
    assert all(len(frame) == len(made.moving) for frame in made.frames)
    plotly_figure(made, dark=True)
    json.dumps(as_json([made.figure, list(made.frames)]), allow_nan=False)
    for n in (0, 7, 60):
        on_map = made.frames[n][1]
        np.testing.assert_array_equal(on_map["x"], raw.w[: n + 1])
        np.testing.assert_array_equal(on_map["y"], raw.b[: n + 1])
    w, b, E = surface()
    assert (w[0], w[-1], b[0], b[-1]) == (*W_RANGE, *B_RANGE)
    assert E[3, 5] == one_unit.error(w[5], b[3])
    assert f"‖∇E‖ = {number(raw.norm.max())}, moves it by {number(raw.moved.max())}" in made.sentence
    assert "thrown out of the picture" in made.sentence.split("Clipped at")[0]
    assert "thrown" not in made.sentence.split("Clipped at")[1]


def test_the_bifurcation_is_that_of_the_present_weights(film):
    """Solid and dashed branches hold every fixed point once; the mark is the state after 50 steps, at the present b."""
    raw, made = film
    for n in (0, 12):
        stable, unstable, mark = made.frames[n][4:7]
        y = made.figure["data"][made.moving[4]]["y"]
        b, attracts = one_unit.fixed_points(raw.w[n], y)
        np.testing.assert_array_equal(np.isnan(stable["x"]), ~attracts)
        np.testing.assert_array_equal(np.where(attracts, stable["x"], unstable["x"]), b)
        assert list(mark["x"]) == [raw.b[n]] * 2
        assert list(mark["y"]) == [0.5, one_unit.states(raw.w[n], raw.b[n])[-1]]


@pytest.mark.parametrize(
    ("w", "b", "rate"), [(3.5, -3.6, 1.0), (6.5, -1.4, 0.001), (6.5, -3.55, 1.0), (5.0, -2.6127, 1.0)]
)
def test_a_film_from_any_start(w, b, rate):
    """Corners of the picture, and a start on the wall itself."""
    path = descend(w, b, 60, rate)
    made = wall(path, path, rate, 0.001)
    plotly_figure(made)
    json.dumps(as_json([made.figure, list(made.frames)]), allow_nan=False)
    assert not any(word in made.sentence + "".join(made.words) for word in ("nan", "undefined"))


def test_arrays_become_lists_of_six_digits_and_null():
    got = as_json({"x": np.array([0.123456789, -1.23456789e-7, 0.0, np.nan, np.inf, 1e300]), "y": [np.eye(2)]})
    assert got["x"][:3] == [pytest.approx(0.123457, rel=1e-9), pytest.approx(-1.23457e-7, rel=1e-9), 0.0]
    assert got["x"][3:5] == [None, None]
    assert got["x"][5] == pytest.approx(1e300)
    assert got["y"] == [[[1.0, 0.0], [0.0, 1.0]]]


def test_the_landscape_film_marks_where_updates_land():
    """The raw update is η‖g‖ long, the clipped one η·threshold; the losses there are those of the moved networks."""
    trace = run(CLIPPING_PRESETS["a wall nearby"].config)
    around = landscape(trace, 0.3, 21)
    made = landscape_film(trace, around, 0.1, 0.5)
    plotly_figure(made)
    for name, length in (("raw", 0.1 * trace.full.norm), ("clipped", 0.05)):
        moved = {n: p - length * trace.full.grads[n] / trace.full.norm for n, p in trace.params.items()}
        assert (
            f"After the {name} update, {number(length)} long, L = {number(run(trace.config, moved).loss)}."
            in made.sentence
        )
    assert steepest(around) > 10 * trace.full.norm  # a wall stands in this preset's picture
    assert named(landscape_film(trace, around, 10.0, 0.5), "raw, beyond the edge")


# ------------------------------------------------------------------------------------------------------ overflow


def test_the_presets_overflow_as_they_say():
    """Squares only: naively the update is 0, safely it is the threshold. Entries: naively NaN, safely refused."""
    squares = overflow_table(run(CLIPPING_PRESETS["squares overflow float32"].config), 1.0).splitlines()
    assert "silently vanishes" in squares[2]
    assert "| 0 of 4,676 | ∞ | 0 |" in squares[2]
    assert squares[3].endswith("| 1.00 |")
    entries = overflow_table(run(CLIPPING_PRESETS["the gradient overflows float32"].config), 1.0).splitlines()
    assert "NaN in" in entries[2]
    assert "refused: gradient of W_xh is not finite" in entries[3]
    assert entries[4].endswith("| 1.00 |")


def test_without_overflow_all_rows_agree():
    rows = overflow_table(run(SMALL), 0.05).splitlines()[2:]
    assert {row.split("|", 2)[2] for row in rows} == {rows[0].split("|", 2)[2]}
