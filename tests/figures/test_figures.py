"""Every picture of every preset: valid for Plotly, and it says the numbers of its runs."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from explorer.config import SPECS, Config
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.clipping import angle
from explorer.figures.clipping import BY_NORM, clipping
from explorer.figures.gradient_terms import gradient_terms
from explorer.figures.hidden_states import hidden_states
from explorer.figures.theme import TOKEN, number, plotly_figure, power, resolve
from explorer.figures.truncation import full_against_truncated
from explorer.lessons.presets import PRESETS
from explorer.run import compare, mask_of

PICTURES = (hidden_states, full_against_truncated, gradient_terms, clipping)
CASES = {
    **{name: preset.config for name, preset in PRESETS.items()},
    **{f"task {name}": Config(task=name, sequence_length=20) for name in SPECS["task"].options},
    **{f"{name} truncation": Config(truncation=name, loss_at="every") for name in SPECS["truncation"].options},
    **{f"clip {name}": Config(clip=name, clip_at=0.05) for name in SPECS["clip"].options},
    **{f"{name} init": Config(init=name, weight_scale=2) for name in SPECS["init"].options},
    "two steps, two units": Config(sequence_length=2, hidden_size=2),
    "one step, one unit": Config(sequence_length=1, hidden_size=1),
    "no weights": Config(weight_scale=0),
    "window beyond T": Config(sequence_length=5, window=200),
    "batch": Config(task="order", batch_size=8),
    "overflow": Config(weight_scale=16, sequence_length=1000, hidden_size=8),
    "underflow": Config(weight_scale=0.1, sequence_length=400),
    "typed": Config(task="text", text="<b>&amp;$x$</b> 💥\n\t", sequence_length=30),
}
SHOWN = [("tanh", "sigmoid"), ("relu",), tuple(ACTIVATIONS), ("tanh", "lstm", "gru")]
_runs: dict = {}


def runs(name, show):
    """The runs of a case, computed once for all tests."""
    key = name, show
    if key not in _runs:
        _runs[key] = compare(CASES[name], show)
    return _runs[key]


def scalars(node):
    """Every value in a figure that is neither an array nor a container."""
    if isinstance(node, dict):
        for value in node.values():
            yield from scalars(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from scalars(value)
    elif not isinstance(node, np.ndarray):
        yield node


@pytest.mark.parametrize("show", SHOWN, ids=" ".join)
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.__name__)
def test_is_valid(picture, name, show):
    """Plotly takes the figure as it is, in both themes; its scalars are JSON; title and sentence are one line each."""
    made = picture(runs(name, show))
    for dark in (False, True):
        figure = plotly_figure(made, dark)
        assert len(figure.data) == len(made.figure["data"]) > 0
        assert not [v for v in scalars(resolve(made.figure, dark)) if isinstance(v, str) and TOKEN.match(v)]
    plain = list(scalars(made.figure))
    json.dumps(plain, allow_nan=False)
    assert all(v is None or type(v) in (str, int, float, bool) for v in plain)
    assert all(not isinstance(v, float) or math.isfinite(v) for v in plain)
    for text in (made.title, made.sentence):
        assert text.strip() == text != ""
        assert not re.search(r"\n|nan|inf\b|None", text)
    assert len(made.title) < 70


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.__name__)
def test_arrays(picture, name):
    """Arrays are small types (they travel as bytes), and the x and y of a line have one length."""
    for trace in picture(runs(name, ("tanh", "sigmoid"))).figure["data"]:
        arrays = [value for value in trace.values() if isinstance(value, np.ndarray)]
        assert arrays
        assert all(a.dtype.itemsize <= 8 and a.dtype.kind in "fi" for a in arrays)
        if trace["type"] == "scatter":
            assert trace["x"].shape == trace["y"].shape


def data_of(picture, name, show=("tanh", "sigmoid")):
    """The figure's traces by name."""
    return {trace.get("name"): trace for trace in picture(runs(name, show)).figure["data"]}


@pytest.mark.parametrize("name", CASES)
def test_hidden_states(name):
    """One colour scale that ends at ±1; a state beyond it is cut to it, one that is not a number is a hole."""
    made = hidden_states(runs(name, tuple(ACTIVATIONS)))
    axis = made.figure["layout"]["coloraxis"]
    assert (axis["cmin"], axis["cmax"]) == (-1, 1)
    for trace, (phi, run) in zip(made.figure["data"], runs(name, tuple(ACTIVATIONS)).items(), strict=True):
        h = run.hs[1:, 0]
        assert trace["name"] == phi
        np.testing.assert_allclose(trace["z"], np.where(np.isfinite(h), np.clip(h, -1, 1), np.nan), atol=1e-7)
        if np.isfinite(run.hs).all():
            assert f"{phi}: |h| averages {number(float(np.abs(run.hs[1:]).mean()), 2)}" in made.sentence


@pytest.mark.parametrize("name", CASES)
def test_gradient_terms(name):
    """The lines are the last row of the flow and its bound; the sentence reads their two ends."""
    lines, sentence = data_of(gradient_terms, name), gradient_terms(runs(name, ("tanh", "sigmoid"))).sentence
    for phi, run in runs(name, ("tanh", "sigmoid")).items():
        np.testing.assert_allclose(lines[phi]["y"], run.last_row, rtol=1e-6)
        np.testing.assert_allclose(lines[f"{phi} bound"]["y"], run.bound, rtol=1e-6)
        assert (f"{phi} total ∂L/∂h" in lines) == (run.config.loss_at == "every")
        assert f"{phi} {power(run.last_row[-1])} → {power(run.last_row[0])}" in sentence
        finite = np.isfinite(run.last_row)
        assert (run.last_row[finite] <= run.bound[finite] + 1e-9).all()


@pytest.mark.parametrize("name", CASES)
def test_truncation(name):
    """Curves are ‖∂L/∂h_t‖ in full and as cut; block edges lie between the steps that they separate."""
    made, both = full_against_truncated(runs(name, ("tanh", "sigmoid"))), runs(name, ("tanh", "sigmoid"))
    for tail, (phi, run) in zip(("", "2"), both.items(), strict=True):
        lines = {trace["name"]: trace for trace in made.figure["data"] if trace["xaxis"] == "x" + tail}
        np.testing.assert_allclose(lines["full"]["y"], run.full.log10_dh_norms, rtol=1e-6)
        assert ("truncated" in lines) == (run.truncated is not None)
        if run.truncated is None:
            assert number(run.full.norms["W_hh"]) in made.sentence
            continue
        np.testing.assert_allclose(lines["truncated"]["y"], run.truncated.log10_dh_norms, rtol=1e-6)
        zero = np.isneginf(run.truncated.log10_dh_norms)
        assert (np.isfinite(lines["exactly 0"]["y"]) == zero).all()
        if "cut" in lines:
            edges = lines["cut"]["x"][::3]
            mask = mask_of(run.config)  # a cut stands where the loss of one step does not reach the step before it
            reached = np.diagonal(mask, -1) != 0.0
            np.testing.assert_array_equal(edges, np.flatnonzero(~reached) + 1.5)
        assert ("cut" in lines) == (
            run.config.truncation != "sliding" and not np.diagonal(mask_of(run.config), -1).all()
        )
        if np.isfinite(run.full.norm) and run.full.norms["W_hh"]:
            kept = 100 * run.truncated.norms["W_hh"] / run.full.norms["W_hh"]
            assert f"{phi}: ∂L/∂W_hh is {number(kept, 2)}% as long as in full" in made.sentence


@pytest.mark.parametrize(("window", "cut"), [(10, 190), (150, 150)])
def test_what_float64_loses_is_not_called_cut(window, cut):
    """Deep below 10⁻³⁰⁸ both gradients read 0: the sentence counts what the truncation cuts, and says the rest."""
    config = Config(weight_scale=0.1, sequence_length=200, hidden_size=2, window=window)
    traces = compare(config, ("sigmoid",))
    made, lost = full_against_truncated(traces), np.isneginf(traces["sigmoid"].full.log10_dh_norms).sum()
    assert lost > 0
    assert f"{cut} of 200 steps hear exactly nothing" in made.sentence
    assert f"float64 reads 0 at {lost} steps" in made.sentence


@pytest.mark.parametrize("name", CASES)
def test_clipping(name):
    """Norms of every parameter before and after; the sentence has the global ones and the angle between them."""
    both = runs(name, ("tanh", "sigmoid"))
    made, lines = clipping(both), data_of(clipping, name)
    for phi, run in both.items():
        with np.errstate(divide="ignore"):
            before = np.log10([*run.used.norms.values(), run.used.norm])
        np.testing.assert_allclose(lines[f"{phi} raw"]["x"], before, rtol=1e-5, atol=1e-6)
        if run.clipped is None:
            assert f"{phi}: the gradient is not finite" in made.sentence
        elif run.config.clip != "none" and run.clipped.norm != run.used.norm:
            turned = angle(run.used.grads, run.clipped.grads)
            words = f"{number(run.used.norm)} → {number(run.clipped.norm)}, angle {turned:.1f}°"
            assert words in made.sentence
            assert "kept" not in made.sentence or run.config.clip == "norm"
    assert ("threshold" in lines) == (CASES[name].clip in BY_NORM)


def test_symbols_stand_under_their_steps():
    """What the network reads is spelled along the axis where there is room, white space made visible."""
    config = Config(task="text", text="a b\nc", sequence_length=10)
    ticks = hidden_states(compare(config)).figure["layout"]["xaxis"]
    assert ticks["ticktext"] == [*"a␣b⏎c"] * 2
    assert ticks["tickvals"] == list(range(1, 11))
    assert "ticktext" not in hidden_states(compare(replace(config, sequence_length=100))).figure["layout"]["xaxis"]


def test_time_axes_agree():
    """Steps stand under one another: the same range and the same margins in every picture over time."""
    layouts = [picture(runs("vanish", ("tanh", "sigmoid"))).figure["layout"] for picture in PICTURES[:3]]
    ranges = [axis["range"] for lay in layouts for name, axis in lay.items() if name.startswith("xaxis")]
    assert ranges == [[0.5, 50.5]] * 5
    assert all(lay["margin"] == layouts[0]["margin"] and lay["meta"] == {"time": True} for lay in layouts)
