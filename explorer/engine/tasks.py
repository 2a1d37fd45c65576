"""Tasks: what the network reads and what it is asked for.

A task makes a `Sequences` of any length T. A longer T only extends a shorter one (except where a task places events
at fractions of T), so that dragging the length moves one sequence. Tasks with one target repeat it at every step.
A task is trained and graded from one step on, `asks_from(T)`, to the end; how far it must look back grows with T.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Sequences:
    """N sequences of T steps.

    xs (T, N, D) inputs; targets (T, N) int classes or (T, N, O) float; O outputs
    inputs     T strings, the input symbols of the first sequence, or None where inputs have no names
    classes    O strings, the names of the outputs
    """

    xs: np.ndarray
    targets: np.ndarray
    inputs: tuple[str, ...] | None
    classes: tuple[str, ...]


def from_the_start(T: int) -> int:
    """Every step is asked."""
    return 0


@dataclass(frozen=True)
class Task:
    """make(T, N, text, rngs) → Sequences; `rngs` holds one generator per sequence.

    loss        a name in LOSSES
    extends     a longer T only extends a shorter one
    asks_from   T → the first step at which training takes the loss
    lag         T → how many steps an answer lies behind what it depends on, at most; None where T does not decide it
    metric      what training reports beside the loss: "perplexity", or the share that is right, "accuracy"
    blind       O → the loss of a model that does not look at its input
    symbols     text → the symbols of one endless text, which training reads on and on; else None
    """

    make: Callable[[int, int, str, Sequence[np.random.Generator]], Sequences]
    title: str
    loss: str = "cross_entropy"
    extends: bool = True
    asks_from: Callable[[int], int] = from_the_start
    lag: Callable[[int], int] | None = None
    metric: str = "accuracy"
    blind: Callable[[int], float] = np.log
    symbols: Callable[[str], Sequence[str]] | None = None


def one_hot(index: np.ndarray, size: int) -> np.ndarray:
    """(T, N) int → (T, N, size) with a single 1 along the last axis."""
    xs = np.zeros((*index.shape, size))
    np.put_along_axis(xs, index[..., None], 1.0, axis=-1)
    return xs


def coded(symbols: Sequence[str], alphabet: Sequence[str]) -> np.ndarray:
    """The place of each symbol in the alphabet, int64."""
    place = {symbol: i for i, symbol in enumerate(alphabet)}
    return np.array([place[symbol] for symbol in symbols], dtype=np.int64)


def next_symbol(symbols: Sequence[str], T: int, N: int) -> Sequences:
    """Predict the next symbol of a text that is repeated for ever; sequence n starts n symbols in.

    The alphabet, where none is given, is in order of first appearance, over the whole text: T does not change it.
    """
    alphabet = tuple(dict.fromkeys(symbols))
    codes = coded(symbols, alphabet)
    steps = np.add.outer(np.arange(T + 1), np.arange(N)) % len(codes)
    read = codes[steps]
    shown = tuple(symbols[s] for s in steps[:T, 0])
    return Sequences(one_hot(read[:-1], len(alphabet)), read[1:], shown, alphabet)


def dogs(T: int, N: int, text: str, rngs: Sequence[np.random.Generator]) -> Sequences:
    """d, o, g → s: the letters of "dogs", one-hot, K = 4."""
    return next_symbol("dogs", T, N)


HELLO = ("you", "say", "goodbye", "and", "I", "say", "hello", ".")


def hello(T: int, N: int, text: str, rngs: Sequence[np.random.Generator]) -> Sequences:
    """you say goodbye and I say hello . : eight words, seven different ones → the next.

    The sentence of Saito, Deep Learning from Scratch 2. Who knows one word only pays ln 2 after each "say"; what comes
    next is decided by the word before it.
    """
    return next_symbol(HELLO, T, N)


def composed(text: str) -> str:
    """Unicode NFC: é typed as e + accent is one symbol."""
    return unicodedata.normalize("NFC", text)


def typed(T: int, N: int, text: str, rngs: Sequence[np.random.Generator]) -> Sequences:
    """The characters of the user's own text (Unicode NFC) → the next character."""
    return next_symbol(composed(text), T, N)


def within(share: float, low: float, high: float) -> float:
    """A number so far on the way from low to high."""
    return low + (high - low) * share


def temporal_order(T: int, N: int, text: str, rngs: Sequence[np.random.Generator]) -> Sequences:
    """Distractors c d e f with an A or B near T/10…2T/10 and again near 4T/10…5T/10; the class is AA, AB, BA or BB.

    Hochreiter & Schmidhuber (1997), task 6a, as in Pascanu et al. (2013). The two positions are fixed fractions of T.
    """
    symbols, classes = ("A", "B", "c", "d", "e", "f"), ("AA", "AB", "BA", "BB")
    codes, targets = np.empty((T, N), dtype=np.int64), np.empty((T, N), dtype=np.int64)
    for n, rng in enumerate(rngs):
        first, second = rng.integers(2, size=2)
        u, v = rng.random(2)
        codes[:, n] = rng.integers(2, 6, size=T)
        i, j = int(within(u, 0.1, 0.2) * T), int(within(v, 0.4, 0.5) * T)
        codes[i, n] = first
        codes[min(max(j, i + 1), T - 1), n] = second
        targets[:, n] = 2 * first + second
    return Sequences(one_hot(codes, 6), targets, tuple(symbols[c] for c in codes[:, 0]), classes)


def noise(T: int, N: int, text: str, rngs: Sequence[np.random.Generator]) -> Sequences:
    """The null model: inputs N(0, 1) with D = 4, and a random one of four classes at every step."""
    return gaussian_noise(T, N, rngs, 4, 4)


def gaussian_noise(T: int, N: int, rngs: Sequence[np.random.Generator], D: int, O: int) -> Sequences:
    """The same for a network with any D and O; one with a single output is asked for numbers N(0, 1)."""
    xs, classes, numbers = np.empty((T, N, D)), np.empty((T, N), dtype=np.int64), np.empty((T, N, 1))
    for n, rng in enumerate(rngs):
        for_inputs, for_targets = rng.spawn(2)  # two streams, so that a longer T only extends each
        xs[:, n] = for_inputs.normal(size=(T, D))
        if O == 1:
            numbers[:, n, 0] = for_targets.normal(size=T)
        else:
            classes[:, n] = for_targets.integers(O, size=T)
    targets = numbers if O == 1 else classes
    return Sequences(xs, targets, None, tuple(str(o + 1) for o in range(O)))


def adding(T: int, N: int, text: str, rngs: Sequence[np.random.Generator]) -> Sequences:
    """Random numbers in [0, 1], one in each half of the sequence marked: the target is the sum of those two.

    Hochreiter & Schmidhuber (1997), experiment 4. x_t = (number, mark). Always answering 1 costs ½ · 1/6.
    """
    xs, targets = np.zeros((T, N, 2)), np.empty((T, N, 1))
    for n, rng in enumerate(rngs):
        u, v = rng.random(2)
        i, j = min(int(within(u, 0.0, 0.5) * T), max(T // 2 - 1, 0)), max(int(within(v, 0.5, 1.0) * T), T // 2)
        xs[:, n, 0] = rng.random(T)
        xs[[i, j], n, 1] = 1.0
        targets[:, n] = xs[i, n, 0] + xs[j, n, 0]
    return Sequences(xs, targets, None, ("sum",))


def recalled(T: int) -> int:
    """How many symbols copy memory holds: five, fewer where T has no room for them."""
    return min(5, max(T // 3, 1))


def copy(T: int, N: int, text: str, rngs: Sequence[np.random.Generator]) -> Sequences:
    """Read up to five of a b c d, wait through blanks, and say them again in the last steps.

    Hochreiter & Schmidhuber (1997); Arjovsky, Shah & Bengio (2016). "?" asks for the answer; blanks are answered by
    blanks, but nothing is asked before the answer. Guessing costs ln 4.
    """
    symbols, K = ("a", "b", "c", "d", "·", "?"), recalled(T)
    codes, targets = np.full((T, N), 4, dtype=np.int64), np.full((T, N), 4, dtype=np.int64)
    for n, rng in enumerate(rngs):
        codes[:K, n] = targets[T - K :, n] = rng.integers(4, size=K)
    if T > K:
        codes[T - K] = 5
    return Sequences(one_hot(codes, 6), targets, tuple(symbols[c] for c in codes[:, 0]), symbols[:5])


def echo(T: int, N: int, text: str, rngs: Sequence[np.random.Generator]) -> Sequences:
    """Say every symbol again ⌊T/2⌋ steps after it was read; "·" until then. Every step brings a new one to keep."""
    symbols, lag = ("a", "b", "c", "d", "·"), T // 2
    codes = np.stack([rng.integers(4, size=T) for rng in rngs], axis=1)
    targets = np.concatenate([np.full((lag, N), 4, dtype=np.int64), codes[: T - lag]])
    return Sequences(one_hot(codes, 4), targets, tuple(symbols[c] for c in codes[:, 0]), symbols)


def parity(T: int, N: int, text: str, rngs: Sequence[np.random.Generator]) -> Sequences:
    """Bits, and after each whether the number of ones so far is even or odd. One bit too many forgets everything."""
    codes = np.stack([rng.integers(2, size=T) for rng in rngs], axis=1)
    shown = tuple("01"[c] for c in codes[:, 0])
    return Sequences(one_hot(codes, 2), np.cumsum(codes, axis=0) % 2, shown, ("even", "odd"))


OPINIONS = {  # our own sentences: subject, verb, perhaps an adverb, adjective; "not" and "never" turn the adjective
    "subject": ("the film", "the soup", "this song", "my day", "the book", "our trip"),
    "verb": ("was", "felt"),
    "adverb": ("", "not", "never", "really"),
    "good": ("good", "lovely", "funny", "bright"),
    "bad": ("bad", "dull", "sad", "awful"),
}


def sentiment(T: int, N: int, text: str, rngs: Sequence[np.random.Generator]) -> Sequences:
    """A short sentence, then silence up to T: is it positive or negative? The longer T, the longer to remember."""
    words = " ".join(" ".join(part) for part in OPINIONS.values()).split()
    vocabulary = ("·", *dict.fromkeys(words))
    codes, targets = np.zeros((T, N), dtype=np.int64), np.empty((T, N), dtype=np.int64)
    for n, rng in enumerate(rngs):
        positive = int(rng.integers(2))
        subject, verb, adverb = (str(rng.choice(OPINIONS[part])) for part in ("subject", "verb", "adverb"))
        last = str(rng.choice(OPINIONS["good" if positive else "bad"]))
        read = coded(f"{subject} {verb} {adverb} {last}".split(), vocabulary)[:T]
        codes[: len(read), n] = read
        targets[:, n] = positive if adverb in ("", "really") else 1 - positive
    shown = tuple(vocabulary[c] for c in codes[:, 0])
    return Sequences(one_hot(codes, len(vocabulary)), targets, shown, ("negative", "positive"))


TAGGED = {  # our own words; "watch", "duck" and "walk" are noun or verb, "light" is adjective or noun
    "DET": ("the", "a"),
    "ADJ": ("old", "light", "small", "happy"),
    "NOUN": ("dog", "watch", "duck", "walk", "light", "child"),
    "VERB": ("watch", "duck", "walk", "see", "like"),
    "STOP": (".",),
}


def tagging(T: int, N: int, text: str, rngs: Sequence[np.random.Generator]) -> Sequences:
    """A tag for every word: DET (ADJ) NOUN VERB DET (ADJ) NOUN. …

    Some words take their tag from what came before, "light" even from the next word: no forward network gets it right
    every time, one that reads both ways can.
    """
    words, tags = tuple(dict.fromkeys(sum(TAGGED.values(), ()))), tuple(TAGGED)
    codes, targets = np.empty((T, N), dtype=np.int64), np.empty((T, N), dtype=np.int64)
    for n, rng in enumerate(rngs):
        order: list[str] = []
        said: list[str] = []
        while len(order) < T:
            first, second = (["DET", "ADJ", "NOUN"] if rng.random() < 0.5 else ["DET", "NOUN"] for _ in range(2))
            sentence = [*first, "VERB", *second, "STOP"]
            said += [str(rng.choice(TAGGED[tag])) for tag in sentence]
            order += sentence
        codes[:, n], targets[:, n] = coded(said[:T], words), coded(order[:T], tags)
    return Sequences(one_hot(codes, len(words)), targets, tuple(words[c] for c in codes[:, 0]), tags)


def at_the_end(T: int) -> int:
    """Only the last step is asked."""
    return T - 1


def whole_length(T: int) -> int:
    """From the last step to the first."""
    return T - 1


def half(T: int) -> int:
    """Echo: asked for from the middle on, and so long after it was read."""
    return T // 2


def wait(T: int) -> int:
    """Copy memory: asked for in the last steps; each symbol so long after it was read."""
    return T - recalled(T)


def order_lag(T: int) -> int:
    """Temporal order: from the last step to the first place that A or B may have."""
    return T - 1 - T // 10


def silence(T: int) -> int:
    """Sentiment: from the last step to the fourth word, the first that says anything."""
    return max(T - 4, 0)


TASKS: dict[str, Task] = {
    "dogs": Task(dogs, "“dogs”, next letter", metric="perplexity", symbols=lambda text: "dogs"),
    "hello": Task(hello, "“you say goodbye…”, next word", metric="perplexity", symbols=lambda text: HELLO),
    "text": Task(typed, "your own text, next character", metric="perplexity", symbols=composed),
    "order": Task(temporal_order, "temporal order (AA, AB, BA, BB)", "cross_entropy", False, at_the_end, order_lag),
    "adding": Task(adding, "adding problem", "squared_error", False, at_the_end, whole_length, blind=lambda O: 1 / 12),
    "copy": Task(copy, "copy memory", "cross_entropy", False, wait, wait, blind=lambda O: np.log(4)),
    "echo": Task(echo, "echo after T/2 steps", "cross_entropy", False, half, half, blind=lambda O: np.log(4)),
    "parity": Task(parity, "parity of the bits so far", lag=whole_length),
    "sentiment": Task(sentiment, "sentiment of a short sentence", asks_from=at_the_end, lag=silence),
    "tagging": Task(tagging, "a tag for every word"),
    "noise": Task(noise, "noise, random classes"),
}
