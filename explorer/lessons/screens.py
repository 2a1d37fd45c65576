"""A lesson is a few screens; a screen is a setting, a question about its run, and what there is to say afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from explorer.config import Config
from explorer.figures.gradient_terms import gradient_terms
from explorer.figures.hidden_states import hidden_states
from explorer.figures.theme import Picture
from explorer.lessons.questions import Question, Traces
from explorer.run import compare

WHY = "In one sentence: why is it so?"


@dataclass(frozen=True, kw_only=True)
class Screen:
    """One question.

    setting, ask, question  what there is, what is asked about it, and which answers there are
    config, show            the run that it is about, one for each activation shown
    given                   the picture that stands beside the question
    pictures, sliders       what is live once the answer is in
    still                   a picture of the answer that no slider moves
    takeaway, explain       one spoken sentence, and two to four for reading
    holds                   whether what these texts say is true of the run; a test asks
    why                     what the reader is to put into a sentence
    """

    setting: str
    ask: str
    question: Question
    config: Config
    takeaway: str
    explain: str
    holds: Callable[[Traces], bool]
    show: tuple[str, ...] = ("tanh",)
    given: Callable[[Traces], Picture] = hidden_states
    pictures: tuple[Callable[..., Picture], ...] = (gradient_terms,)
    sliders: tuple[str, ...] = ("weight_scale", "sequence_length")
    still: Callable[[Traces], Picture] | None = None
    why: str = WHY

    def traces(self) -> Traces:
        """The runs that the question is about."""
        return compare(self.config, self.show)


@dataclass(frozen=True)
class Lesson:
    """`title` and a line on what it is about, and 3–6 screens."""

    title: str
    about: str
    screens: tuple[Screen, ...]
