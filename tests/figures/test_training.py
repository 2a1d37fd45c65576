"""The pictures of a training run: valid for Plotly, for every task, and they say the numbers of the run."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from explorer.config import Config
from explorer.engine.cells import CELLS
from explorer.engine.losses import perplexity
from explorer.engine.tasks import TASKS
from explorer.figures.theme import number, plotly_figure, resolve
from explorer.figures.trainability import before_training, success
from explorer.figures.training_curves import POINTS, accuracy, binned, histogram, losses, norms, spectrum
from explorer.figures.training_maps import answers, gradients_over_updates, learnt_states
from explorer.lessons.trials import TRIALS
from explorer.live.packing import pack
from explorer.training.lab import begin
from explorer.training.recipe import Recipe

SMALL = Config(task="order", sequence_length=6, batch_size=4, hidden_size=4, truncation="full")
PICTURES = (losses, norms, gradients_over_updates, learnt_states, histogram, spectrum, lambda lab: answers(lab, 3))


def lab_of(config=SMALL, vary=("activation", ("tanh", "sigmoid")), updates=6, **recipe):
    lab = begin(config, Recipe(updates=updates, **recipe), vary)
    while lab.state == "running":
        lab.step()
    return lab


def valid(picture):
    """Plotly takes it, the board can pack it, and it has a sentence."""
    plotly_figure(picture)
    assert pack([picture.figure], int8_matrices=True)
    assert "$" not in json.dumps(resolve(picture.figure, False), default=lambda array: "")
    assert picture.title
    assert picture.sentence.endswith(".")
    assert "nan" not in picture.sentence.lower()


CASES = {
    **{f"task {task}": (replace(SMALL, task=task), ("activation", ("tanh", "sigmoid"))) for task in TASKS},
    "cells": (SMALL, ("cell", tuple(CELLS))),
    "gated alone": (replace(SMALL, cell="lstm"), ("clip", ("none", "norm"))),
    "four rates": (SMALL, ("learning_rate", (0.001, 0.01, 0.1, 1.0))),
    "diverged": (replace(SMALL, activation="identity", sequence_length=400), ("weight_scale", (1.0, 100.0))),
    "one step": (replace(SMALL, sequence_length=1, task="parity"), ("seed", (1,))),
    "no gradient": (replace(SMALL, sequence_length=60, activation="sigmoid"), ("precision", ("float32",))),
}


@pytest.mark.parametrize("name", CASES)
def test_pictures(name):
    lab = lab_of(*CASES[name])
    for picture in PICTURES + (accuracy,) * (TASKS[lab.config.task].metric == "accuracy"):
        valid(picture(lab))


def test_the_first_update_can_be_drawn():
    for picture in (*PICTURES, accuracy):
        valid(picture(lab_of(updates=1)))


def test_curves_say_what_was_logged():
    """Losses and norms are the log's; means over bins where there are many."""
    lab = lab_of(updates=40)
    drawn = {trace["name"]: trace for trace in norms(lab).figure["data"] if trace["mode"] == "lines"}
    for variant in lab.variants:
        np.testing.assert_allclose(drawn[variant.name]["y"], np.log10(variant.norms), rtol=1e-5, atol=1e-6)
    x, y = binned([float(i) for i in range(4 * POINTS)])
    np.testing.assert_allclose(y, np.arange(POINTS) * 4 + 1.5)
    np.testing.assert_allclose(x, np.arange(POINTS) * 4 + 2.5)


def test_loss_sentence_and_reference():
    """A text's perplexity, and that of a model which does not look: the size of its alphabet."""
    lab = lab_of(Config(task="hello", sequence_length=8, truncation="full"), updates=50)
    picture = losses(lab)
    assert "Not looking costs 7.00" in picture.sentence
    for variant in lab.variants:
        assert f"{variant.name}: {number(perplexity(variant.losses[-1]))}" in picture.sentence


def test_a_diverged_run_says_when_and_why():
    lab = lab_of(*CASES["diverged"])
    assert "diverged at update" in losses(lab).sentence
    assert "leaves the range of float64" in losses(lab).sentence


def test_the_heatmap_is_the_logs_rows():
    """Column u is update u, row t step t; below the scale it has the lowest colour."""
    lab = lab_of()
    for variant, trace in zip(lab.variants, gradients_over_updates(lab).figure["data"], strict=True):
        np.testing.assert_array_equal(trace["z"], np.maximum(np.stack(variant.rows), -8))
        assert trace["z"].shape == (6, 6)


def test_histogram_band():
    """From half to ten times the mean norm."""
    lab = lab_of(updates=30, vary=("activation", ("tanh",)))
    mean = np.mean(lab.variants[0].norms)
    band = histogram(lab).figure["data"][1]
    np.testing.assert_allclose(10.0 ** np.asarray(band["x"], float), [0.5 * mean, 10 * mean], rtol=1e-5)


def test_answers_are_the_networks_probabilities():
    """Bars as long as the probability; the sentence names the right answer."""
    lab = lab_of(Config(task="dogs", sequence_length=3, truncation="full"), ("activation", ("tanh",)), updates=300)
    picture = answers(lab, 3)
    assert picture.title.startswith("“…dog” → ?")
    assert "“s”" in picture.sentence
    bars = picture.figure["data"][0]["x"].reshape(-1, 3)[:, 1]
    assert bars.sum() == pytest.approx(1.0, abs=1e-6)
    assert bars[lab.variants[0].lesson.classes.index("s")] > 0.95


def test_success_against_length():
    """Shares with intervals, and who solved what."""
    results = {("SGD", 5, 0): 10, ("SGD", 5, 1): 0, ("SGD + clip", 5, 0): 3, ("SGD + clip", 5, 1): 9}
    picture = success(results, 20)
    valid(picture)
    assert "SGD at no length every seed" in picture.sentence
    assert "SGD + clip every seed up to T = 5" in picture.sentence
    shares = {trace["name"]: trace["y"] for trace in picture.figure["data"] if trace["name"]}
    assert (shares["SGD"][0], shares["SGD + clip"][0]) == (0.5, 1.0)
    column = before_training({5: -1.0, 10: -2.0}, results)
    valid(column)
    assert "SGD up to T = 5, where 0.10 arrives; SGD + clip up to T = 5, where 0.10 arrives" in column.sentence
    np.testing.assert_array_equal(column.figure["data"][0]["marker"]["color"], [-1.0, -2.0])


def test_a_run_that_diverged_is_said_to_have():
    """Its gradients exploded: nothing may say that they vanished, and it decides no axis."""
    trial = TRIALS["clipped | diverging"]
    lab = begin(trial.config, trial.recipe, trial.vary)
    for _ in range(20):
        lab.step()
    assert lab.variants[1].fault
    for made in (gradients_over_updates(lab), accuracy(lab), losses(lab), norms(lab), histogram(lab), spectrum(lab)):
        plotly_figure(made)
    assert f"no clipping: diverged at update {lab.variants[1].number}" in gradients_over_updates(lab).sentence
    assert "diverged" in accuracy(lab).sentence
    assert "Not counted, as it diverged: no clipping." in histogram(lab).sentence
    assert max(histogram(lab).figure["layout"]["xaxis"]["range"]) < 10
    assert norms(lab).figure["layout"]["yaxis"]["range"][1] < 10
    assert spectrum(lab).figure["layout"]["yaxis"]["range"][1] <= 128
    before = [look.rho for variant in lab.variants for look in variant.looks[:1]]
    assert before[0] == before[1]
