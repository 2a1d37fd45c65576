"""Trials: presets of the Training page, settings with a recipe and what is compared, and what to look at."""

from __future__ import annotations

from dataclasses import dataclass, replace

from explorer.config import Config
from explorer.training.recipe import Recipe


@dataclass(frozen=True)
class Trial:
    """`config` and `recipe` are trained once for each value of the setting `vary`; `text` says what to look at."""

    config: Config
    recipe: Recipe
    vary: tuple[str, tuple]
    text: str


WORD = Config(task="dogs", sequence_length=4, truncation="full")
ORDER = Config(task="order", sequence_length=20, batch_size=20, hidden_size=32, truncation="full", init="orthogonal")
TANH_SIGMOID = ("activation", ("tanh", "sigmoid"))

TRIALS: dict[str, Trial] = {
    "dogs": Trial(
        WORD,
        Recipe(updates=300),
        TANH_SIGMOID,
        "Four letters, each decided by the one before: nothing has to be remembered. Both networks get from perplexity "
        "4 to 1; sigmoid takes longer.",
    ),
    "a sentence": Trial(
        replace(WORD, task="hello", sequence_length=8),
        Recipe(updates=300),
        TANH_SIGMOID,
        "“say” is followed by “goodbye” and by “hello”: who knows one word only cannot get below 1.19. Look at the "
        "answer after step 2 and after step 6.",
    ),
    "tanh | sigmoid": Trial(
        ORDER,
        Recipe(),
        TANH_SIGMOID,
        "Two symbols decide, up to 17 steps back. At first the first step hears 10⁻⁴ in tanh, 10⁻¹⁴ in sigmoid. "
        "Within these updates tanh learns (how soon depends on the seed) and sigmoid keeps guessing.",
    ),
    "clipped | diverging": Trial(
        replace(ORDER, activation="relu", weight_scale=1.5),
        Recipe("sgd", 0.1),
        ("clip", ("norm", "none")),
        "relu and a spectral radius of 1.5: the gradient grows on its way back. Unclipped, a few updates lead out of "
        "float64’s range; the clipped run goes on, and learns.",
    ),
    "full | truncated": Trial(
        replace(ORDER, window=10),
        Recipe(updates=400),
        ("truncation", ("full", "block")),
        "The window ends 10 steps back; the symbols that decide stand further away: there the gradient is exactly 0.",
    ),
    "RNN | LSTM | GRU": Trial(
        replace(ORDER, task="adding", sequence_length=30),
        Recipe(updates=1000),
        ("cell", ("rnn", "lstm", "gru")),
        "Two numbers, up to 29 steps back, to be added. At this learning rate the RNN hardly beats the answer “1”; "
        "other seeds and rates may end otherwise.",
    ),
    "chunks | one gradient": Trial(
        replace(ORDER, task="echo", sequence_length=12, window=4),
        Recipe(),
        ("update", ("sequence", "chunk")),
        "Every symbol again after 6 steps, chunks of 4: the state is carried over their edges, the gradient is not. "
        "What was read in an earlier chunk is not learnt, although the state might hold it.",
    ),
}
