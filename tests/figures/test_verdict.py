"""What a verdict calls guaranteed, possible and observed, and the events it names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.config import Config
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.diagnostics import memory_horizon, observed_rate
from explorer.figures.theme import number, power
from explorer.figures.verdict import observed, reason, verdict
from explorer.lessons.presets import PRESETS
from explorer.run import compare, run


def events(**settings):
    """{kind: event} of a run."""
    trace = run(Config(**settings))
    return {event.kind: event for event in verdict(trace.config.activation, trace).events}


@pytest.mark.parametrize(
    ("last_row", "words"),
    [
        (np.linspace(-30, 0, 50), "vanishes"),
        (np.linspace(-1, 0, 50), "shrinks to ×0.10"),
        (np.linspace(30, 0, 50), "explodes"),
        (np.linspace(2, 0, 50), "grows to ×100"),
        (np.zeros(50), "keeps its size"),
        (np.linspace(-0.2, 0, 50), "keeps its size"),
        (np.concatenate([np.linspace(0.1, 2, 20), np.linspace(2, 0, 20)]), "rises to ×100, then returns"),
        (np.concatenate([np.linspace(0.1, -2, 20), np.linspace(-2, 0, 20)]), "dips to ×0.010, then returns"),
        (np.concatenate([np.linspace(-9, 3, 40), np.linspace(3, 0, 10)]), "grows ×1000 first, then vanishes"),
        (np.concatenate([np.full(20, -np.inf), np.linspace(-3, 0, 10)]), "stops at exactly 0"),
        (np.full(50, -np.inf), "nothing to follow"),
        (np.zeros(1), "nothing to follow"),
    ],
)
def test_headline_is_observed(last_row, words):
    """From the term of the last loss alone (step 1 first, step T last), and it says that it is an observation."""
    assert observed(last_row) == words


@pytest.mark.parametrize("gamma_sigma", [0.0, 0.3, 0.999999])
def test_guaranteed(gamma_sigma):
    """γ·σ_max < 1 is sufficient: it must vanish."""
    assert reason(gamma_sigma).startswith("Guaranteed to vanish")
    assert number(gamma_sigma) in reason(gamma_sigma)


@pytest.mark.parametrize("gamma_sigma", [1.0, 1.0 - 1e-15, 1.0 + 1e-15])
def test_cannot_grow(gamma_sigma):
    """γ·σ_max = 1 up to rounding, as for orthogonal weights: neither guaranteed to vanish nor free to grow."""
    assert reason(gamma_sigma).startswith("Cannot grow")


@pytest.mark.parametrize("gamma_sigma", [1.01, 1.76, 50.0])
def test_possible(gamma_sigma):
    """γ·σ_max > 1 is only necessary: nothing is promised, and nothing must sound like a promise."""
    words = reason(gamma_sigma)
    assert words.startswith("Possible")
    assert "promises nothing" in words
    assert not {"guaranteed", "explodes", "will"} & set(words.lower().replace(":", "").split())


@pytest.mark.parametrize("phi", ACTIVATIONS)
@pytest.mark.parametrize("scale", [0.1, 0.9, 2.0, 5.0])
def test_facts_are_the_run_s_own(phi, scale):
    trace = run(Config(activation=phi, weight_scale=scale))
    made = verdict(phi, trace)
    facts, horizon = dict(made.facts), memory_horizon(trace.last_row)
    assert facts["per step back"] == f"×{power(observed_rate(trace.last_row))}"
    assert facts["memory"].startswith("beyond T" if horizon is None else f"{horizon} step")
    assert facts["ρ"] == number(np.abs(np.linalg.eigvals(trace.params["W_hh"])).max())
    assert facts["σ_max"] == number(np.linalg.norm(trace.params["W_hh"], 2))
    assert facts["γ·σ_max"] == number(ACTIVATIONS[phi].gamma * np.linalg.norm(trace.params["W_hh"], 2))
    assert made.headline.startswith("observed: ")
    assert made.reason == reason(ACTIVATIONS[phi].gamma * trace.sigma_max)


def test_what_is_guaranteed_is_observed():
    """Over many runs: no run that must vanish is seen to do anything else."""
    for seed in range(10):
        for phi, trace in compare(Config(weight_scale=0.5, seed=seed, hidden_size=24), ("tanh", "sigmoid")).items():
            made = verdict(phi, trace)
            if made.reason.startswith("Guaranteed"):
                assert made.headline.split()[1] in ("vanishes", "shrinks")


@pytest.mark.parametrize(
    ("name", "tanh", "sigmoid"),
    [
        ("vanish", "vanishes", "vanishes"),
        ("edge", "keeps its size", "vanishes"),
        ("explode", "explodes", "vanishes"),
        ("saturated", "vanishes", "vanishes"),
        ("sigmoid vanishes where tanh explodes", "explodes", "vanishes"),
    ],
)
def test_presets_show_what_they_are_called(name, tanh, sigmoid):
    preset = PRESETS[name]
    seen = {phi: verdict(phi, trace).headline for phi, trace in compare(preset.config, preset.show).items()}
    assert seen == {"tanh": f"observed: {tanh}", "sigmoid": f"observed: {sigmoid}"}


def test_blind_and_clipped_presets():
    """Truncation leaves steps that hear nothing; clipping really clips, and keeps the direction."""
    blind = compare(PRESETS["truncation goes blind"].config)["tanh"]
    assert np.isneginf(blind.truncated.log10_dh_norms).sum() >= 30
    assert np.isfinite(blind.full.log10_dh_norms).all()
    clipped = compare(PRESETS["clipping at work"].config)["tanh"]
    assert clipped.used.norm > 10 * clipped.clipped.norm


def test_saturated_preset_is_saturated():
    trace = compare(PRESETS["saturated"].config)["tanh"]
    assert "saturation" in [event.kind for event in verdict("tanh", trace).events]


def test_overflow_of_states():
    """relu at scale 16: the step at which the first state is not finite, and why; nothing else is claimed then."""
    trace = run(Config(activation="relu", weight_scale=16, sequence_length=1000, hidden_size=32))
    (event,) = verdict("relu", trace).events
    first = next(t for t in range(1, 1001) if not np.isfinite(trace.hs[t]).all())
    assert (event.kind, event.step) == ("overflow", first)
    assert f"at step {first}:" in event.cause
    assert "relu does not bound them" in event.cause
    assert f"ρ = {number(trace.rho)}" in event.cause


def test_overflow_of_the_gradient():
    """The states stay in range and the gradient does not: the step it is lost at on its way back."""
    trace = run(Config(weight_scale=16, sequence_length=1000, hidden_size=128, task="noise"))
    beyond = [t for t in range(1, 1001) if not np.isfinite(trace.full.dhs[t - 1]).all()]
    assert np.isfinite(trace.hs).all()
    assert beyond, "the case was meant to overflow"
    event = {e.kind: e for e in verdict("tanh", trace).events}["overflow"]
    assert event.step == max(beyond)
    assert f"at step {event.step} on its way back" in event.cause
    assert np.isfinite(trace.last_row).all()


def test_underflow():
    """sigmoid over many steps: where float32 reads 0, how far the term really goes."""
    trace = run(Config(activation="sigmoid", weight_scale=0.1, sequence_length=300))
    event = {e.kind: e for e in verdict("sigmoid", trace).events}["underflow"]
    lost = [t for t in range(1, 301) if trace.last_row[t - 1] < -150 * np.log10(2)]
    assert event.step == max(lost)
    assert f"from step {event.step} back" in event.cause
    assert power(trace.last_row[0]) in event.cause
    assert "underflow" not in events(activation="sigmoid", weight_scale=0.1, sequence_length=10)


def test_saturation():
    trace = run(Config(weight_scale=64, hidden_size=16))
    event = {e.kind: e for e in verdict("tanh", trace).events}["saturation"]
    flat = trace.slopes < 0.1
    assert f"{flat.mean():.0%} of unit-steps" in event.cause
    assert flat[event.step - 1].mean() > 0.5
    assert all(flat[t].mean() <= 0.5 for t in range(event.step - 1))
    assert "saturation" not in events(weight_scale=1)


def test_dead_end():
    """relu units that are all off let exactly nothing through: not vanishing, a dead end, with the step."""
    found = None
    for seed in range(40):
        trace = run(Config(activation="relu", weight_scale=0.5, hidden_size=2, seed=seed, bias=-1.0))
        made = {e.kind: e for e in verdict("relu", trace).events}
        if "dead end" in made:
            found = trace, made["dead end"]
            break
    trace, event = found
    assert event.step == max(t for t in range(1, 51) if np.isneginf(trace.last_row[t - 1]))
    assert "slope is 0" in event.cause
    assert verdict("relu", trace).headline == "observed: stops at exactly 0"


def test_dead_end_without_weights():
    event = events(weight_scale=0)["dead end"]
    assert (event.step, "W_hh is 0" in event.cause) == (49, True)


def test_no_loss():
    """p = onehot(target) to the last digit: said to be no vanishing, and no rate or memory is shown."""
    trace = run(Config())
    silent = replace(trace, last_row=np.full(50, -np.inf))
    made = verdict("tanh", silent)
    (event,) = (e for e in made.events if e.kind == "no loss")
    assert event.step == 50
    assert "this is not vanishing" in event.cause
    assert "dead end" not in [e.kind for e in made.events]
    assert made.headline == "observed: nothing to follow"
    assert dict(made.facts)["per step back"] == dict(made.facts)["memory"] == "–"


def test_quiet_runs_have_no_events():
    assert events(sequence_length=20) == {}


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_gated_cells(cell):
    """No ρ, σ_max or bound; the gate that keeps, as a mean factor; what is followed is c in an LSTM, h in a GRU."""
    kept_all = run(Config(cell=cell, forget_bias=100, bias=-100, sequence_length=300))
    said = verdict(cell, kept_all)
    assert [label for label, _ in said.facts] == ["per step back", "memory", f"gate {kept_all.cell.keeper}"]
    assert said.facts[-1][1] == "×1.00"
    assert "keeps its size" in said.headline
    assert "cannot grow" in said.reason
    half = run(Config(cell=cell, forget_bias=0, input_scale=0, weight_scale=0, sequence_length=300, hidden_size=4))
    assert verdict(cell, half).facts[-1][1] == "×0.500"
    assert "vanishes" in verdict(cell, half).headline


@pytest.mark.parametrize(("scale", "said"), [(16, "float32 ends at step"), (2, None)])
def test_what_float32_could_not_hold_is_named(scale, said):
    """The mirror image of an underflow."""
    trace = run(Config(activation="relu", weight_scale=scale, sequence_length=60, hidden_size=16))
    found = [event.cause for event in verdict("relu", trace).events if event.kind == "overflow"]
    assert [cause.startswith(said) for cause in found] == ([True] if said else [])
    assert bool(said) == bool((np.abs(trace.hs) > np.finfo(np.float32).max).any())
