"""A run as the page holds it: in step, in slices, with a log that does not grow beyond bounds."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.config import Config, ConfigError
from explorer.engine.cells import CELLS
from explorer.training.lab import LOOKS, begin
from explorer.training.recipe import RECIPE_SPECS, Recipe
from explorer.training.trainability import METHODS, Survey, from_csv, jobs, shares, solve, to_csv, wilson

SMALL = Config(task="order", sequence_length=6, batch_size=4, hidden_size=4, truncation="full")
TANH_SIGMOID = ("activation", ("tanh", "sigmoid"))


class Clock:
    """A clock that moves on by a tenth of a second at every look."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 0.1
        return self.now


def finished(*args, **recipe):
    lab = begin(SMALL, Recipe(**recipe), *args)
    while lab.state == "running":
        lab.step()
    return lab


def test_variants_go_in_step_until_the_budget():
    """All make the same number of updates; each equals the run that goes alone."""
    lab = finished(TANH_SIGMOID, updates=30)
    assert [v.number for v in lab.variants] == [30, 30]
    for variant in lab.variants:
        (alone,) = finished(("activation", (variant.name,)), updates=30).variants
        assert (alone.losses, alone.norms) == (variant.losses, variant.norms)
        assert alone.looks == variant.looks


@pytest.mark.parametrize(
    "vary",
    [
        ("cell", tuple(CELLS)),
        ("clip", ("none", "norm")),
        ("learning_rate", (0.1, 0.01)),
        ("update", ("sequence", "chunk")),
    ],
)
def test_any_setting_can_be_compared(vary):
    """Of Config or of the recipe; variants are named after the values."""
    lab = finished(vary, updates=3)
    assert [v.name for v in lab.variants] == [{"none": "no clipping"}.get(value, str(value)) for value in vary[1]]
    for variant, value in zip(lab.variants, vary[1], strict=True):
        holder = variant.lesson.recipe if vary[0] in RECIPE_SPECS else variant.lesson.config
        assert getattr(holder, vary[0]) == value


def test_values_that_do_not_go_together_are_refused():
    with pytest.raises(ConfigError, match="window"):
        begin(replace(SMALL, truncation="randomised", window=5), Recipe(), ("window", (1, 5)))


def test_others_can_pass_before_every_variant():
    calls = []
    lab = begin(SMALL, Recipe(), ("weight_scale", (1, 2, 3)), between=lambda: calls.append(None))
    assert len(calls) == len(lab.variants) == 3


def test_slices_pause_and_continue():
    """A slice stops soon after its time; a pause stops it at once; Continue goes beyond the budget."""
    lab, clock, between = begin(SMALL, Recipe(updates=20), TANH_SIGMOID), Clock(), []
    lab.slice(0.35, lambda: between.append(lab.number), clock)
    assert lab.number == 4  # the clock is read once per step
    assert between == [1, 2, 3]
    lab.state = "paused"
    lab.slice(0.35, clock=clock)
    assert lab.number == 4
    lab.step()
    assert lab.number == 5
    lab.go_on()
    while lab.state == "running":
        lab.slice(1.0, clock=clock)
    assert (lab.state, lab.number) == ("done", 20)
    lab.go_on()
    lab.slice(0.0, clock=clock)
    assert (lab.state, lab.number, lab.budget) == ("running", 21, 40)


def test_one_that_diverges_does_not_stop_the_others():
    """And it can be continued only while one still learns."""
    config = replace(SMALL, activation="identity", sequence_length=400, clip="none")
    lab = begin(config, Recipe(updates=12), ("weight_scale", (1, 100)))
    while lab.state == "running":
        lab.step()
    good, bad = lab.variants
    assert (good.fault, good.number) == ("", 12)
    assert bad.fault
    assert bad.number < 12
    lab.variants = [bad]
    lab.go_on()
    assert lab.state == "done"


def test_the_log_is_bounded(monkeypatch):
    """However long a run is, its picture has at most ROWS columns, evenly spaced, and LOOKS or so measurements."""
    monkeypatch.setattr("explorer.training.lab.ROWS", 60)
    lab = finished(("activation", ("tanh",)), updates=125)
    (variant,) = lab.variants
    assert len(variant.rows) <= 60
    assert variant.stride == 4
    assert len(variant.losses) == 125
    assert len(variant.looks) <= LOOKS + 2
    again = finished(("activation", ("tanh",)), updates=9).variants[0]
    np.testing.assert_array_equal(variant.rows[:3], again.rows[:9:4])


def test_wilson():
    """Values of Wilson's interval as tables give them: 0 of 10, 5 of 10, 10 of 10."""
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)


def test_a_survey_is_resumable_and_agrees_with_single_runs():
    """Slice by slice the same results as one attempt after the other; what is known is not done again."""
    todo = jobs((2, 3), 1)
    survey = Survey(todo, budget=40, results={todo[0]: 7})
    while survey.state == "running":
        survey.slice(0.01)
    assert survey.results == {todo[0]: 7, **{job: solve(job, 40) for job in todo[1:]}}
    assert survey.left() == []
    assert shares(survey.results).keys() == METHODS.keys()


def test_the_table_comes_back():
    results = {("SGD", 5, 0): 40, ("SGD", 10, 1): 0, ("SGD + clip", 10, 1): 20}
    assert from_csv(to_csv(results, 100)) == (results, 100)
    assert shares(results) == {"SGD": {5: (1, 1), 10: (0, 1)}, "SGD + clip": {10: (1, 1)}}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "first line"),
        ("a,b\n", "first line"),
        ("method,T,seed,budget,solved_after\n", "one line at least"),
        ("method,T,seed,budget,solved_after\nSGD,5,0,100,200\n", "line 2"),
        ("method,T,seed,budget,solved_after\nSGD,5,0,100,\nmagic,5,0,100,3\n", "line 3"),
        ("method,T,seed,budget,solved_after\nSGD,5,0\n", "line 2"),
        ("method,T,seed,budget,solved_after\nSGD,5,0,100,\nSGD,6,0,200,\n", "same budget"),
    ],
)
def test_a_bad_table_is_refused(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        from_csv(text)


def test_lstm_solves_temporal_order_at_fifty_steps():
    """With its forget gates open at the start (bias 3): every validation sequence right within 400 updates."""
    config = replace(SMALL, cell="lstm", sequence_length=50, batch_size=20, hidden_size=32, init="orthogonal")
    lab = begin(replace(config, forget_bias=3.0), Recipe(updates=400, precision="float32"), ("cell", ("lstm",)))
    (variant,) = lab.variants
    while lab.state == "running" and not (variant.looks and variant.looks[-1].accuracy == 1.0):
        lab.step()
    assert variant.looks[-1].accuracy == 1.0


def test_between_two_slices_nothing_is_held_for_updates():
    """The memory in which all variants work is let go: a paused session is small, whatever T, N and H are."""
    lab = begin(SMALL, Recipe(updates=10**5), ("cell", tuple(CELLS)))
    assert len({id(variant.array) for variant in lab.variants}) == 1
    lab.step()
    assert lab.variants[0].array.made
    lab.slice(0.0)
    assert not lab.variants[0].array.made
    lab.step()
