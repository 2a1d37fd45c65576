"""Every screen of every lesson: its truth can be computed, one option is right, and what its texts say is so."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from explorer.config import SPECS, ConfigError
from explorer.figures.theme import plotly_figure
from explorer.lessons.catalogue import LESSONS
from explorer.lessons.questions import Boundary, Choose, Drawn, Magnitude, Sketch
from explorer.live.sketch import pad
from explorer.run import compare

SCREENS = {f"{name} {n}": screen for name, lesson in LESSONS.items() for n, screen in enumerate(lesson.screens, 1)}
OTHERWISE = (
    *({"weight_scale": 0.1}, {"weight_scale": 16}, {"hidden_size": 2}, {"sequence_length": 8}, {"forget_bias": 6}),
    *({"truncation": "full"}, {"truncation": "sliding", "window": 3}, {"clip": "norm"}, {"clip": "value"}),
    *({"loss_at": "every"}, {"loss_at": "last"}, {"task": "text", "text": "ab"}),
)
ALWAYS = {"truncation 1"}  # what these say holds for every network: an identity, not an observation


@pytest.fixture(scope="module")
def traces():
    """The runs of a screen, computed once."""
    made = {}
    return lambda name: made.setdefault(name, SCREENS[name].traces())


def sentences(text):
    """How many sentences a text has."""
    return len(re.findall(r"[.?!:;](?= |$)", text))


def test_lessons():
    assert len(LESSONS) >= 10
    for name, lesson in LESSONS.items():
        assert re.fullmatch(r"[a-z]+", name), "the name stands in links"
        assert 3 <= len(lesson.screens) <= 6
        assert lesson.title
        assert lesson.about.endswith((".", "?"))
    kinds = {type(screen.question) for screen in SCREENS.values()}
    assert kinds == {Choose, Magnitude, Sketch, Boundary}


@pytest.mark.parametrize("name", SCREENS)
def test_exactly_one_answer_is_right(name, traces):
    screen = SCREENS[name]
    question, truth = screen.question, screen.question.truth(traces(name))
    if isinstance(question, Choose):
        assert 2 <= len(question.options) <= 4
        assert [key for key, option in question.options.items() if option.right(traces(name))] == [truth]
        assert len({option.text for option in question.options.values()}) == len(question.options)
        assert [question.score(key, truth).right for key in question.options].count(True) == 1
    elif isinstance(question, Magnitude):
        assert question.low + question.near < truth < question.high - question.near
        start = (question.low + question.high) / 2
        assert not question.score(start, truth).right, "the slider's first position gives it away"
        assert 2 * question.near < (question.high - question.low) / 4, "too easy to guess"
    else:
        low, high = truth.range
        assert np.isfinite(truth.values).all()
        assert ((low <= truth.values) & (truth.values <= high)).all()
        itself = np.interp(np.linspace(truth.x[0], truth.x[-1], 64), truth.x, truth.values).tolist()
        assert question.score(itself, truth).right
        level = [np.full(2, y).tolist() for y in (low, high)]
        assert not any(question.score(line, truth).right for line in level), "a line along an edge is right"


@pytest.mark.parametrize("name", SCREENS)
def test_what_the_texts_say_is_so(name, traces):
    assert SCREENS[name].holds(traces(name))


@pytest.mark.parametrize("name", [name for name in SCREENS if name not in ALWAYS])
def test_it_would_not_be_so_for_any_network(name):
    """The check before this one can fail: some other network breaks what is said."""
    screen = SCREENS[name]

    def broken(changes):
        try:
            return not screen.holds(compare(replace(screen.config, **changes), screen.show))
        except (ConfigError, IndexError, ValueError):  # say, step 40 of 8
            return True

    with np.errstate(all="ignore"):
        assert any(broken(changes) for changes in OTHERWISE)


@pytest.mark.parametrize("name", SCREENS)
def test_texts(name):
    """Short enough for a screen: the takeaway is spoken in a breath, the explanation has a few sentences."""
    screen = SCREENS[name]
    assert screen.ask.endswith(("?", ".", ")"))
    assert len(screen.ask) <= 130
    assert len(screen.setting) <= 260
    assert len(screen.takeaway.split()) <= 25
    assert 2 <= sentences(screen.explain) <= 6
    assert len(screen.explain) <= 420
    if isinstance(screen.question, Choose):
        for option in screen.question.options.values():
            assert len(option.text) <= 90
            assert option.because.endswith(".")


@pytest.mark.parametrize("name", SCREENS)
def test_pictures_and_sliders(name, traces):
    """All pictures of a screen draw its run; its sliders are sliders, and something on the screen follows them."""
    screen = SCREENS[name]
    for picture in (screen.given, *screen.pictures, *([screen.still] if screen.still else [])):
        plotly_figure(picture(traces(name)))
    assert all(SPECS[field].grid for field in screen.sliders)


@pytest.mark.parametrize("name", [name for name, screen in SCREENS.items() if isinstance(screen.question, Sketch)])
def test_sketches_are_of_the_picture(name, traces):
    """The pad's axes and curve are those of the picture that follows it."""
    screen, question = SCREENS[name], SCREENS[name].question
    truth = question.truth(traces(name))
    assert question.picture in screen.pictures
    axes = question.picture(traces(name)).figure["layout"]
    assert truth.range == tuple(axes["yaxis"]["range"])
    assert truth.xaxis["range"] == axes["xaxis"]["range"] == [0.5, len(truth.x) + 0.5]
    assert set(truth.given) == set(question.given)


@pytest.mark.parametrize("name", [name for name, screen in SCREENS.items() if isinstance(screen.question, Drawn)])
def test_pad(name, traces):
    """What the browser gets is JSON, has ticks on its axes, and does not have the answer."""
    truth = SCREENS[name].question.truth(traces(name))
    sent = pad(truth, "label")
    json.dumps(sent, allow_nan=False)
    for ticks, (low, high) in zip((sent["x"], sent["y"]), sent["range"], strict=True):
        assert 3 <= len(ticks) <= 15
        assert all(low <= at <= high for at, _ in ticks)
    assert sent == pad(replace(truth, values=np.zeros(len(truth.x))), "label")
