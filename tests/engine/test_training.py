"""The trainer against loops written by hand, against what it should learn, and when something goes wrong."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from explorer.config import Config
from explorer.engine.batches import from_task, from_text
from explorer.engine.cells import CELLS
from explorer.engine.clipping import CLIPPERS
from explorer.engine.losses import perplexity
from explorer.engine.optimisers import OPTIMISERS
from explorer.engine.tasks import TASKS
from explorer.engine.training import continue_text, evaluate
from explorer.engine.truncation import TRUNCATIONS
from explorer.training.recipe import Recipe, start

SMALL = Config(task="order", sequence_length=12, batch_size=3, hidden_size=5, truncation="full", clip="none")


def run(config, **recipe):
    lesson = start(config, Recipe(**recipe))
    return lesson, list(islice(lesson.updates(), lesson.recipe.updates))


def by_hand(params, xs, targets, mask):
    """Loss and gradients of the tanh network by the textbook's loops, one sequence and one step at a time."""
    T, N, _ = xs.shape
    grads, loss = {name: np.zeros_like(W) for name, W in params.items()}, 0.0
    for n in range(N):
        hs = [np.zeros(len(params["b_h"]))]
        for t in range(T):
            hs.append(np.tanh(xs[t, n] @ params["W_xh"] + hs[-1] @ params["W_hh"] + params["b_h"]))
        dh = np.zeros_like(hs[0])
        for t in reversed(range(T)):
            y = hs[t + 1] @ params["W_hy"] + params["b_y"]
            p = np.exp(y) / np.exp(y).sum()
            weight = mask[t] / mask.sum() / N
            loss -= weight * np.log(p[targets[t, n]])
            dy = p.copy()
            dy[targets[t, n]] -= 1.0
            dy *= weight
            grads["W_hy"] += np.outer(hs[t + 1], dy)
            grads["b_y"] += dy
            dh = dh + params["W_hy"] @ dy
            da = dh * (1.0 - hs[t + 1] ** 2)
            grads["W_xh"] += np.outer(xs[t, n], da)
            grads["W_hh"] += np.outer(hs[t], da)
            grads["b_h"] += da
            dh = params["W_hh"] @ da
    return loss, grads


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("task", ["order", "parity", "copy", "tagging"])
def test_first_updates_are_those_of_a_loop_written_by_hand(task, optimiser):
    """Losses, norms and weights of five updates."""
    lesson, updates = run(replace(SMALL, task=task), optimiser=optimiser, learning_rate=0.05, updates=5)
    params, memory = lesson.params, {}
    batches = lesson.batches()
    for batch, update in zip(batches, updates, strict=False):
        loss, grads = by_hand(params, batch.xs, batch.targets, batch.mask)
        params, memory = OPTIMISERS[optimiser](params, grads, memory, 0.05)
        assert update.loss == pytest.approx(loss, rel=1e-12)
        assert update.norm == pytest.approx(np.sqrt(sum((g**2).sum() for g in grads.values())), rel=1e-10)
        for name, W in params.items():
            np.testing.assert_allclose(update.params[name], W, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("truncation", TRUNCATIONS)
def test_an_update_takes_the_truncated_gradient(cell, truncation):
    """The weights move by −η times the gradient that a Trace of the same settings has (one answer at the last step)."""
    config = replace(SMALL, cell=cell, truncation=truncation, window=3, batch_size=1)
    lesson, (update,) = run(config, optimiser="sgd", learning_rate=1.0, updates=1)
    batch = next(lesson.batches())
    moved = {name: W - update.params[name] for name, W in lesson.params.items()}
    twin = start(replace(config, truncation="full"), Recipe(optimiser="sgd", updates=1))
    full = next(twin.updates())
    assert np.isfinite(update.norm)
    if truncation == "full":
        assert update.norm == full.norm
    if truncation in ("block", "sliding"):  # both keep the last three states of one loss at step 12
        assert (update.log10_dh_norms[:9] == -np.inf).all()
        np.testing.assert_allclose(update.log10_dh_norms[9:], full.log10_dh_norms[9:], rtol=1e-12)
    length = np.sqrt(sum((g**2).sum() for g in moved.values()))
    assert length == pytest.approx(update.norm, rel=1e-10)
    assert batch.fresh


def test_identical_seeds_give_identical_logs():
    """And another seed another one."""
    logs = [[(u.loss, u.norm) for u in run(replace(SMALL, seed=seed), updates=20)[1]] for seed in (1, 1, 2)]
    assert logs[0] == logs[1] != logs[2]


def test_variants_read_the_same_data_and_start_from_the_same_weights():
    """tanh and sigmoid, clipped and not: what differs is what was varied."""
    a, b = (start(replace(SMALL, activation=phi), Recipe()) for phi in ("tanh", "sigmoid"))
    np.testing.assert_array_equal(a.params["W_hh"], b.params["W_hh"])
    for one, other in zip(islice(a.batches(), 3), b.batches(), strict=False):
        np.testing.assert_array_equal(one.xs, other.xs)
    np.testing.assert_array_equal(a.validation.xs, b.validation.xs)


def test_dogs_is_learnt():
    """d → o → g → s with p > 0.99 each, in 300 updates."""
    lesson, updates = run(Config(task="dogs", sequence_length=3, truncation="full"), updates=300)
    loss, accuracy = evaluate(lesson.learner, updates[-1].params, lesson.fixed)
    assert np.exp(-3 * loss) > 0.99  # the product of the three, so each of them is
    assert accuracy == 1.0
    assert perplexity(lesson.blind_loss) == pytest.approx(len(lesson.classes), rel=1e-15)


def test_the_sentence_is_learnt_and_said():
    """Eight words to a perplexity below 1.2, and far below: who guesses after "say" already has 2^(2/8) = 1.189.

    What needs memory is to say it.
    """
    lesson, updates = run(Config(task="hello", sequence_length=8, truncation="full"), updates=300)
    params = updates[-1].params
    assert perplexity(evaluate(lesson.learner, params, lesson.fixed)[0]) < 1.02 < 2 ** (2 / 8) < 1.2
    said = continue_text(lesson.learner, params, np.array([0]), 8, 0.0, np.random.default_rng(0))
    assert " ".join(lesson.classes[c] for c in [0, *said]) == "you say goodbye and I say hello . you"


def test_temperature():
    """τ = 0 is the most probable; a very high one is uniform; the same generator says the same."""
    lesson, updates = run(Config(task="hello", sequence_length=8, truncation="full"), updates=100)

    def said(tau, length=2000):
        rng = np.random.default_rng(0)
        return continue_text(lesson.learner, updates[-1].params, np.array([0]), length, tau, rng)

    np.testing.assert_array_equal(said(0.0, 50), said(0.01, 50))
    shares = np.bincount(said(1e6), minlength=7) / 2000
    assert np.abs(shares - 1 / 7).max() < 5 * np.sqrt(1 / 7 * 6 / 7 / 2000)
    np.testing.assert_array_equal(said(1.0, 50), said(1.0, 50))


def test_chunks_carry_the_state_and_update_each_time():
    """Twelve steps in chunks of four: three updates; the second starts from where the first one's weights led it."""
    config = replace(SMALL, task="parity", window=4)
    lesson, (first, second, *_) = run(config, optimiser="sgd", update="chunk", updates=3)
    one, two, three, again = islice(lesson.batches(), 4)
    assert [b.fresh for b in (one, two, three, again)] == [True, False, False, True]
    h = np.zeros((3, 5))
    for x in one.xs:  # the old weights read the first chunk
        h = np.tanh(x @ lesson.params["W_xh"] + h @ lesson.params["W_hh"] + lesson.params["b_h"])
    loss = 0.0
    for x, targets in zip(two.xs, two.targets, strict=True):  # the new ones the second
        h = np.tanh(x @ first.params["W_xh"] + h @ first.params["W_hh"] + first.params["b_h"])
        y = h @ first.params["W_hy"] + first.params["b_y"]
        loss -= np.take_along_axis(y - np.log(np.exp(y).sum(axis=1, keepdims=True)), targets[:, None], 1).mean() / 4
    assert second.loss == pytest.approx(loss, rel=1e-12)


def test_chunks_without_a_loss_make_no_update():
    """Temporal order asks at the last step: one update per sequence, out of its last chunk."""
    _, updates = run(replace(SMALL, window=4), update="chunk", updates=2)
    assert [u.number for u in updates] == [1, 2]
    assert len(updates[0].log10_dh_norms) == 4


@pytest.mark.parametrize("T", [3, 10])
@pytest.mark.parametrize("task", TASKS)
def test_batches_of_every_task(task, T):
    """Masks ask at one step at least, for every length, in every chunking."""
    for batch in islice(from_task(TASKS[task], T, 4, "some text", np.random.default_rng(0), T), 3):
        assert batch.fresh
        assert batch.mask.any()
        assert set(batch.mask) <= {0.0, 1.0}


def test_a_text_is_read_on_and_on():
    """Two readers, half a text apart; targets are the next symbol; after the end comes the beginning."""
    codes = np.arange(10)
    batches = list(islice(from_text(codes, 10, 2, 4, carried=True), 4))
    assert all(b.fresh for b in islice(from_text(codes, 10, 2, 4, carried=False), 4))
    read = np.concatenate([b.xs.argmax(axis=-1) for b in batches])
    np.testing.assert_array_equal(read[:, 0], np.arange(16) % 10)
    np.testing.assert_array_equal(read[:, 1], (np.arange(16) + 5) % 10)
    np.testing.assert_array_equal(np.concatenate([b.targets for b in batches]), (read + 1) % 10)
    assert [b.fresh for b in batches] == [True, False, False, False]


@pytest.mark.parametrize("cell", CELLS)
def test_float32_is_float32_throughout(cell):
    """Weights stay float32 and the first losses agree with float64's."""
    config = replace(SMALL, cell=cell, task="parity")
    single, double = (run(config, precision=p, updates=3)[1] for p in ("float32", "float64"))
    assert {W.dtype for W in single[-1].params.values()} == {np.dtype("float32")}
    np.testing.assert_allclose([u.loss for u in single], [u.loss for u in double], rtol=1e-4)


def test_clipping_bounds_the_step():
    """‖ΔW‖ = η · min(‖g‖, threshold), and both norms are in the record."""
    lesson, updates = run(
        replace(SMALL, clip="norm", clip_at=0.1), optimiser="sgd", learning_rate=0.5, decay=0.5, updates=200
    )
    before = lesson.params
    assert any(u.norm > 0.1 for u in updates)
    for u in updates:
        moved = np.sqrt(sum(((W - before[name]) ** 2).sum() for name, W in u.params.items()))
        assert u.clipped_norm == pytest.approx(min(u.norm, 0.1), rel=1e-12)
        assert u.rate == pytest.approx(0.5 * 0.5 ** ((u.number - 1) / 100))
        assert moved == pytest.approx(u.rate * u.clipped_norm, rel=1e-6)
        before = u.params


@pytest.mark.parametrize("kind", CLIPPERS)
def test_every_clipper_trains(kind):
    """The raw norm is that of no clipping, whatever the kind; none of them makes the gradient longer here."""
    plain, clipped = (run(replace(SMALL, clip=k, clip_at=0.02), updates=1)[1][0] for k in ("none", kind))
    assert clipped.norm == plain.norm
    assert clipped.clipped_norm <= plain.norm
    assert (clipped.clipped_norm < plain.norm) == (kind != "none")


@pytest.mark.parametrize(
    ("changes", "recipe", "cause"),
    [
        ({"activation": "identity", "weight_scale": 100, "sequence_length": 400}, {}, "the state at step"),
        ({"activation": "relu", "task": "adding"}, {"learning_rate": 10, "optimiser": "sgd"}, "float64"),
        ({"activation": "identity", "weight_scale": 20}, {"precision": "float32", "optimiser": "sgd"}, "float32"),
    ],
)
def test_a_run_that_diverges_stops_and_keeps_the_last_good_weights(changes, recipe, cause):
    """The last record says at which update and why; its weights are finite."""
    _, updates = run(replace(SMALL, **changes), updates=400, **recipe)
    *good, last = updates
    assert not any(u.fault for u in good)
    assert cause in last.fault
    assert all(np.isfinite(W).all() for W in last.params.values())
    assert last.number == len(updates) < 400
    if good:
        assert last.params is good[-1].params


def test_held_back_text_is_not_trained_on():
    """The last tenth; a short text holds nothing back."""
    text = "".join(np.random.default_rng(0).choice(list("abcdef"), 300))
    corpus = start(Config(task="text"), Recipe(), text).corpus
    said = [corpus.alphabet[c] for c in (*corpus.train, *corpus.held_back)]
    assert ("".join(said), len(corpus.held_back)) == (text, 30)
    assert start(Config(task="text"), Recipe()).validation is None


def test_words():
    """Words and marks; too many different ones share one symbol."""
    lesson = start(Config(task="text"), Recipe(symbols="words"), "It is. It was!")
    assert lesson.classes == ("It", "is", ".", "was", "!")
    many = " ".join(f"w{i}" for i in range(1000)) + " w0 w1"
    assert len(start(Config(task="text"), Recipe(symbols="words"), many).classes) == 401
    with pytest.raises(ValueError, match="two different words"):
        start(Config(task="text"), Recipe(symbols="words"), "no no no")


@pytest.mark.parametrize("task", TASKS)
def test_the_blind_loss_is_what_not_looking_costs(task):
    """No constant answer does better on the validation sequences, save by chance."""
    lesson = start(Config(task=task, sequence_length=15), Recipe(), "abcd" * 3 if task == "text" else None)
    batch = lesson.validation or lesson.fixed
    asked = batch.targets[batch.mask > 0]
    if asked.dtype.kind == "f":
        constant = 0.5 * asked.var()
    else:
        shares = np.bincount(asked.ravel(), minlength=len(lesson.classes)) / asked.size
        constant = -(shares[shares > 0] * np.log(shares[shares > 0])).sum()
    assert constant <= lesson.blind_loss * 1.25
