"""Kinds of questions, a file each. An answer is a JSON value, and a browser can send anything; the truth is computed.

truth(traces)                  what is right, computed from the runs of the screen
check(answer)                  the answer as it is kept, or ValueError with a sentence
score(answer, truth)           how near a checked answer comes, in words
pooled(answers, truth, reveal) checked answers of one reader or of a class in one picture, the truth only if `reveal`
"""

from __future__ import annotations

from explorer.lessons.questions.boundary import Boundary
from explorer.lessons.questions.choose import Choose, Option
from explorer.lessons.questions.common import Score, Traces
from explorer.lessons.questions.magnitude import Magnitude
from explorer.lessons.questions.sketch import MOST_POINTS, Curve, Drawn, Sketch

Question = Choose | Magnitude | Sketch | Boundary

__all__ = (
    "MOST_POINTS",
    "Boundary",
    "Choose",
    "Curve",
    "Drawn",
    "Magnitude",
    "Option",
    "Question",
    "Score",
    "Sketch",
    "Traces",
)
