"""Questions: what an answer may be, how it is scored, and what a picture of many of them shows."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.figures.theme import plotly_figure
from explorer.lessons.questions import MOST_POINTS, Choose, Curve, Magnitude, Option, Sketch
from explorer.lessons.questions.boundary import crossing

CHOOSE = Choose({"a": Option("A", bool, "no"), "b": Option("B", bool, "yes"), "c": Option("C", bool, "never")})
NUMBER = Magnitude("x", -20.0, 3.0, float)
SKETCH = Sketch(lambda traces: None, "tanh")
X = np.arange(1, 41)


def curve(values):
    """A curve of 40 steps, as a picture would give it."""
    return Curve(
        X, np.asarray(values), "$tanh", {"range": [0.5, 40.5]}, {"range": [-20.0, 1.0]}, {"bound": np.zeros(40)}
    )


CURVE = curve(np.linspace(-12.0, 0.0, 40))
CASES = {  # question, a right answer, a wrong one, the truth, another truth
    "choose": (CHOOSE, "b", "a", "b", "c"),
    "number": (NUMBER, -7.2, 2.0, -7.0, -1.0),
    "sketch": (SKETCH, [-12.0, 0.0], [0.0, 0.0], CURVE, curve(CURVE.values / 2)),
}
HOSTILE = (None, True, 0.5j, [], {}, [1], [1, None], [1, True], [1, "2"], [1, math.nan], [1, math.inf], [[1], [2]])
HOSTILE += ("", "x" * 100_000, "💥", b"a", {"a": 1}, ["a", "b"], math.nan, math.inf, -math.inf, 10**400, 1e308)
HOSTILE += ([1.0] * (MOST_POINTS + 1), [1, 1e9], [1, 10**400], (1.0, 2.0), ["a"], "d", 3.01, -20.01)


@pytest.mark.parametrize("answer", HOSTILE, ids=lambda answer: repr(answer)[:20] if answer != 10**400 else "huge")
@pytest.mark.parametrize("case", CASES)
def test_hostile_answers(case, answer):
    """A ValueError with a sentence that fits on a page."""
    with pytest.raises(ValueError, match=r"answer|sketch") as caught:
        CASES[case][0].check(answer)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("case", CASES)
def test_answers_are_json(case):
    """What is checked can be stored, read and checked again, and is the same."""
    question, right, wrong, *_ = CASES[case]
    for answer in (right, wrong):
        kept = question.check(answer)
        assert question.check(json.loads(json.dumps(kept))) == kept


@pytest.mark.parametrize("case", CASES)
def test_right_and_wrong(case):
    question, right, wrong, truth, _ = CASES[case]
    assert question.score(question.check(right), truth).right
    assert not question.score(question.check(wrong), truth).right


@given(st.floats(-20, 3), st.floats(-20, 3))
def test_gap_of_numbers(answer, truth):
    score = NUMBER.score(NUMBER.check(answer), truth)
    assert score.decades == pytest.approx(abs(answer - truth))
    assert score.right == (score.decades <= 1.0)


@given(st.lists(st.floats(-20, 1), min_size=2, max_size=MOST_POINTS), st.floats(-0.5, 0.5))
def test_gap_of_sketches(answer, shift):
    """The curve itself is 0 decades off, the curve shifted by d decades is |d| off."""
    sketch = SKETCH.resampled(SKETCH.check(answer), CURVE)
    truth = curve(sketch)
    assert SKETCH.score(answer, truth).decades == 0.0
    inside = curve(np.clip(sketch, -19.0, 0.0))
    moved = (inside.values + shift).tolist()
    assert SKETCH.score(moved, inside).decades == pytest.approx(abs(shift), abs=1e-12)


def test_gap_in_words():
    assert "0.7 decades off, a factor of 5.0" in NUMBER.score(-6.3, -7.0).sentence
    assert "right on it" in NUMBER.score(-7.0, -7.0).sentence


@pytest.mark.parametrize("n", [0, 1, 2, 200])
@pytest.mark.parametrize("case", CASES)
def test_pooled(case, n):
    """Valid in both themes; the count is said; nothing of the truth is in it before it is revealed."""
    question, right, wrong, truth, other = CASES[case]
    answers = ([right, wrong] * n)[:n]
    revealed, hidden = question.pooled(answers, truth), question.pooled(answers, truth, reveal=False)
    for picture in (revealed, hidden):
        for dark in (False, True):
            plotly_figure(picture, dark)
    assert repr(hidden) == repr(question.pooled(answers, other, reveal=False))
    assert repr(revealed) != repr(hidden)
    assert hidden.sentence.startswith(str(n or "No"))
    if n > 1:
        assert revealed.sentence == f"{n} answers, {n // 2} right."


def test_histograms_count():
    """Every answer is in a bar, also at both ends of the slider."""
    (bars,) = CHOOSE.pooled(["a", "b", "b"], "b", reveal=False).figure["data"]
    assert bars["x"].tolist() == [1, 2, 0]
    answers = [-20.0, 3.0, -7.0, -7.0]
    (bars,) = NUMBER.pooled(answers, -7.0, reveal=False).figure["data"]
    assert bars["y"].sum() == len(answers)
    assert np.abs(bars["x"][bars["y"] == 2] + 7.0) <= bars["width"]


@given(st.floats(-2, 1.9))
def test_crossing(edge):
    """Where a straight line rises above 0, between two points."""
    x = np.linspace(-2.1, 2, 30)
    assert crossing(x, 3.0 * (x - edge)) == pytest.approx(edge, abs=1e-9)
