import re
import unicodedata

import numpy as np
import pytest

from explorer.engine.tasks import OPINIONS, TAGGED, TASKS, one_hot

TEXT = "the quick brown fox "
EXTENDING = [name for name, task in TASKS.items() if task.extends]
UNNAMED = ["adding", "noise"]


def make(task, T, N=1, text=TEXT, seed=0):
    rngs = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(N)]
    return TASKS[task].make(T, N, text, rngs)


def read(data, n=0):
    """The symbols that sequence n reads, and the classes it is asked for."""
    alphabet = data.classes
    return [alphabet[i] for i in data.xs[:, n].argmax(axis=-1)], [alphabet[i] for i in data.targets[:, n]]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("T", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("N", [1, 3])
def test_shapes_and_names(task, T, N):
    """xs (T, N, D), targets inside the classes or float, one name per step and per class, for every length."""
    data = make(task, T, N)
    assert data.xs.shape[:2] == (T, N)
    assert data.xs.dtype == np.float64
    if TASKS[task].loss == "cross_entropy":
        assert data.targets.shape == (T, N)
        assert np.issubdtype(data.targets.dtype, np.integer)
        assert set(np.unique(data.targets)) <= set(range(len(data.classes)))
    else:
        assert data.targets.shape == (T, N, len(data.classes))
    assert data.inputs is None or len(data.inputs) == T
    assert all(isinstance(name, str) for name in (*data.classes, *(data.inputs or ())))


@pytest.mark.parametrize("task", [name for name in TASKS if name not in UNNAMED])
def test_inputs_with_names_are_one_hot(task):
    """Every row of the inputs holds a single 1."""
    xs = make(task, 50, 3).xs
    np.testing.assert_array_equal(xs.sum(axis=-1), 1.0)
    np.testing.assert_array_equal(xs.max(axis=-1), 1.0)


@pytest.mark.parametrize("task", EXTENDING)
@pytest.mark.parametrize("T", [1, 2, 13, 60])
def test_a_longer_sequence_only_extends(task, T):
    """The first T steps of a run of 61 are the run of T, and a larger batch only adds sequences."""
    long, short = make(task, 61, 4), make(task, T, 2)
    np.testing.assert_array_equal(long.xs[:T, :2], short.xs)
    np.testing.assert_array_equal(long.targets[:T, :2], short.targets)
    assert long.classes == short.classes
    assert long.inputs is None or long.inputs[:T] == short.inputs


@pytest.mark.parametrize("task", [task for task in TASKS if task not in EXTENDING])
def test_the_others_do_not(task):
    """They place events, or what is asked, at fractions of T."""
    pairs = [(make(task, 61, seed=s), make(task, 30, seed=s)) for s in range(4)]
    assert any((a.xs[:30] != b.xs).any() or (a.targets[:30] != b.targets).any() for a, b in pairs)


@pytest.mark.parametrize("task", TASKS)
def test_same_seed_same_data(task):
    """And for tasks that draw, another seed gives other data."""
    a, b, c = make(task, 40), make(task, 40), make(task, 40, seed=1)
    np.testing.assert_array_equal(a.xs, b.xs)
    np.testing.assert_array_equal(a.targets, b.targets)
    assert TASKS[task].symbols or (a.xs != c.xs).any()


def test_dogs():
    """d, o, g are read and o, g, s are asked for; K = 4."""
    data = make("dogs", 3)
    assert read(data) == (["d", "o", "g"], ["o", "g", "s"])
    assert data.inputs == ("d", "o", "g")
    assert data.xs.shape[-1] == len(data.classes) == 4


def test_dogs_repeats_and_sequences_start_one_apart():
    """dogsdogs…; the second sequence begins with o, and s is followed by d."""
    data = make("dogs", 6, 2)
    assert read(data, 0) == (list("dogsdo"), list("ogsdog"))
    assert read(data, 1) == (list("ogsdog"), list("gsdogs"))


def test_hello():
    """Words → next word: eight words, seven different ones."""
    data = make("hello", 8)
    assert " ".join(data.inputs) == "you say goodbye and I say hello ."
    assert read(data)[1] == ["say", "goodbye", "and", "I", "say", "hello", ".", "you"]
    assert len(data.classes) == 7


@pytest.mark.parametrize("text", ["ab", "añb", "日本語", "🐕🦴🐈", "a\nb\tc", "🏳️‍🌈!", "שלום", "x" * 1999 + "y"])
def test_any_unicode_text(text):
    """Inputs are the characters in order, targets the ones after them, the alphabet has no double."""
    data = make("text", 2 * len(text), text=text)
    assert "".join(data.inputs) == 2 * text
    assert "".join(read(data)[1]) == (3 * text)[1 : 2 * len(text) + 1]
    assert len(set(data.classes)) == len(data.classes) == len(set(text))


def test_text_is_composed():
    """é typed as e + accent is one symbol, the same as é typed at once (NFC)."""
    decomposed = unicodedata.normalize("NFD", "café")
    assert len(decomposed) == 5
    assert make("text", 8, text=decomposed).inputs == make("text", 8, text="café").inputs == tuple("cafécafé")


def test_the_alphabet_is_that_of_the_whole_text():
    """Also where T crops the text: dragging T never changes D."""
    assert make("text", 2).xs.shape[-1] == make("text", 200).xs.shape[-1] == len(set(TEXT))


@pytest.mark.parametrize("T", [2, 3, 10, 20, 100, 333])
def test_temporal_order(T):
    """Exactly one A or B near T/10…2T/10 and one near 4T/10…5T/10; the class at every step is their pair, in order."""
    data = make("order", T, 64)
    codes, targets = data.xs.argmax(axis=-1), data.targets
    seen = set()
    for n in range(64):
        i, j = np.flatnonzero(codes[:, n] < 2)
        assert T / 10 - 1 <= i <= 2 * T / 10
        assert 4 * T / 10 - 1 <= j <= max(5 * T / 10, 1)
        pair = "AB"[codes[i, n]] + "AB"[codes[j, n]]
        assert {data.classes[c] for c in targets[:, n]} == {pair}
        seen.add(pair)
    assert seen == {"AA", "AB", "BA", "BB"}
    assert data.inputs == tuple("ABcdef"[c] for c in codes[:, 0])


def test_temporal_order_distractors_are_uniform():
    """c, d, e, f equally often, within five standard errors."""
    codes = make("order", 1000, 16).xs.argmax(axis=-1)
    counts = np.bincount(codes[codes >= 2], minlength=6)[2:]
    assert np.abs(counts / counts.sum() - 0.25).max() < 5.0 * np.sqrt(0.25 * 0.75 / counts.sum())


@pytest.mark.parametrize("T", [2, 3, 10, 51])
def test_adding(T):
    """One mark in each half; the target, at every step, is the sum of the two marked numbers, with variance 1/6."""
    data = make("adding", T, 300)
    numbers, marks = data.xs[..., 0], data.xs[..., 1]
    np.testing.assert_array_equal(marks[: T // 2].sum(axis=0), 1.0)
    np.testing.assert_array_equal(marks[T // 2 :].sum(axis=0), 1.0)
    np.testing.assert_allclose(data.targets[..., 0], np.tile((numbers * marks).sum(axis=0), (T, 1)))
    assert abs(data.targets[0].var() - 1 / 6) < 0.05


@pytest.mark.parametrize("T", [3, 7, 30])
def test_copy(T):
    """The first symbols come back as the last targets, in their order; where nothing is asked, the answer is blank."""
    data = make("copy", T, 8)
    read, K = data.xs.argmax(axis=-1), T - TASKS["copy"].asks_from(T)
    assert 1 <= K <= 5
    np.testing.assert_array_equal(data.targets[T - K :], read[:K])
    assert (data.targets[: T - K] == 4).all()
    assert data.inputs[T - K] == "?"


@pytest.mark.parametrize("T", [2, 9, 30])
def test_echo(T):
    """Every symbol again, T/2 steps later."""
    data = make("echo", T, 8)
    lag = TASKS["echo"].asks_from(T)
    assert lag == T // 2
    np.testing.assert_array_equal(data.targets[lag:], data.xs.argmax(axis=-1)[: T - lag])


def test_parity():
    """After each bit, whether the ones so far are odd."""
    data = make("parity", 20, 8)
    ones = data.xs[..., 1].cumsum(axis=0)
    np.testing.assert_array_equal(data.targets, ones.astype(int) % 2)
    assert data.classes == ("even", "odd")


def test_sentiment():
    """The adjective decides, "not" and "never" turn it round; both answers are equally likely; silence fills up."""
    data, words = make("sentiment", 12, 400), None
    for n in range(400):
        data_n = make("sentiment", 12, 1, seed=n)
        words = [w for w in data_n.inputs if w != "·"]
        good, turned = words[-1] in OPINIONS["good"], words[-2] in ("not", "never")
        assert data_n.classes[data_n.targets[-1, 0]] == ("positive" if good != turned else "negative")
        assert data_n.inputs[len(words) :] == ("·",) * (12 - len(words))
    assert abs(data.targets[-1].mean() - 0.5) < 5 * 0.5 / 20


@pytest.mark.parametrize("T", [10, 20, 51])
def test_the_lag_that_pages_name(T):
    """No event that counts stands further back than the lag says, and some stand as far back (adding: nearly)."""
    lag = {name: task.lag(T) for name, task in TASKS.items() if task.lag}
    codes = make("order", T, 400).xs.argmax(axis=-1)
    assert T - 1 - (codes < 2).argmax(axis=0).min() == lag["order"]
    marked = make("adding", T, 400).xs[..., 1].argmax(axis=0)
    assert lag["adding"] - 1 <= T - 1 - marked.min() <= lag["adding"]
    words = [make("sentiment", T, 1, seed=n).inputs for n in range(20)]
    telling = {w for kind in ("adverb", "good", "bad") for part in OPINIONS[kind] for w in part.split()}
    assert max(T - 1 - min(i for i, w in enumerate(said) if w in telling) for said in words) == lag["sentiment"]
    assert lag.keys() == {"order", "adding", "sentiment", "copy", "echo", "parity"}  # the rest: see their own tests


def test_tagging():
    """Every word may have the tag that it is given, and sentences are DET (ADJ) NOUN VERB DET (ADJ) NOUN STOP."""
    data = make("tagging", 60, 1)
    tags = [data.classes[c] for c in data.targets[:, 0]]
    assert all(word in TAGGED[tag] for word, tag in zip(data.inputs, tags, strict=True))
    pattern = r"(DET (ADJ )?NOUN VERB DET (ADJ )?NOUN STOP )*"
    assert re.match(pattern, " ".join(tags) + " ").end() > 200


def test_noise_is_gaussian_with_random_classes():
    """Mean 0, variance 1, four classes equally often, targets independent of inputs: five standard errors each."""
    data = make("noise", 1000, 16)
    error = 5.0 / np.sqrt(data.xs.size)
    assert abs(data.xs.mean()) < error
    assert abs(data.xs.var() - 1.0) < 2.0 * error
    shares = np.bincount(data.targets.ravel(), minlength=4) / data.targets.size
    assert np.abs(shares - 0.25).max() < 5.0 * np.sqrt(0.25 * 0.75 / data.targets.size)
    for c in range(4):
        inputs = data.xs[data.targets == c]
        assert np.abs(inputs.mean(axis=0)).max() < 5.0 / np.sqrt(len(inputs))


def test_one_hot():
    """A 1 at the index, along a new last axis."""
    np.testing.assert_array_equal(one_hot(np.array([[0, 2]]), 3), [[[1, 0, 0], [0, 0, 1]]])
