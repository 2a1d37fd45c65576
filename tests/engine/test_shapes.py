"""Chains in every shape: gradients against a graph unrolled by hand, and what the shipped tasks must be."""

import dataclasses

import numpy as np
import pytest

from explorer.engine.activations import ACTIVATIONS
from explorer.engine.bptt import bptt, readout
from explorer.engine.bptt import forward as run_chain
from explorer.engine.cells import CELLS
from explorer.engine.flow import gradient_flow
from explorer.engine.losses import cross_entropy
from explorer.engine.shapes import SHAPES, UPDATES
from explorer.engine.shapes.chains import run_chains, send_back
from explorer.engine.shapes.learning import (
    KEPT,
    Group,
    Learnt,
    Setup,
    draw,
    group,
    groups,
    keeps,
    learn,
    mean_gradients,
)
from explorer.engine.shapes.looking import answers, look
from explorer.engine.shapes.tasks import BLANK
from explorer.engine.truncation import TRUNCATIONS
from explorer.engine.weights import draw_params

T, N, D, H, O = 5, 2, 3, 4, 3
TANH = ACTIVATIONS["tanh"]
POSITIONS = {"first": [0], "last": [T - 1], "middle": [2], "every": list(range(T))}
COMPLEX_STEP = 1e-30


def setup(cell="rnn", truncation="full", window=2, scale=1.0, activation="tanh"):
    return Setup(CELLS[cell], ACTIVATIONS[activation], TRUNCATIONS[truncation].keep, window, scale, 0)


def small(chains, cell, at):
    """Random weights for these chains, no parameter at zero, and a random batch with losses at these steps."""
    rng = np.random.default_rng(3)
    weights = {}
    for chain in chains:
        params = draw_params(rng, cell, "gaussian", (D, H, O if chain.speaks else 0), 1.0, 0.1, 0.7)
        weights[chain.name] = {name: W if W.any() else rng.normal(size=W.shape) for name, W in params.items()}
    length = {chain.name: T if chain.speaks else 4 for chain in chains}  # block by 2 cuts the hand-over
    inputs = {chain.name: rng.normal(size=(length[chain.name], N, D)) for chain in chains}
    mask = np.zeros(T)
    mask[at] = 1.0
    return weights, Group((), inputs, rng.integers(O, size=(T, N)), mask)


def loss_by_hand(chains, weights, data, cell, keep):
    """The loss as one graph, step by step. At a cut the state goes on as a constant: its imaginary part is dropped."""
    ends, logits = {}, np.zeros((T, N, O), complex)
    for chain in chains:
        params, order = weights[chain.name], range(len(data.inputs[chain.name]))
        s = ends[chain.after] if chain.after else np.zeros((N, H * len(cell.parts)), complex)
        for i, t in enumerate(reversed(order) if chain.backward else order):
            if keep[chain.name][i] == 0.0:
                s = s.real.astype(complex)
            s, _ = cell.step(params, data.inputs[chain.name][t].astype(complex), s, TANH)
            if chain.speaks:
                logits[t] += s[:, :H] @ params["W_hy"] + params["b_y"]
        ends[chain.name] = s
    nll = np.log(np.exp(logits).sum(axis=-1)) - np.take_along_axis(logits, data.targets[..., None], axis=-1)[..., 0]
    return (nll.mean(axis=-1) * data.mask).sum()


def engine(chains, weights, data, cell, keep):
    done = run_chains(chains, weights, data.inputs, cell, TANH)
    losses, dys = cross_entropy(done.logits, data.targets, data.mask)
    return done, losses, send_back(chains, weights, done, dys, cell, keep)


@pytest.mark.parametrize("truncation", ["full", "block"])
@pytest.mark.parametrize("at", POSITIONS)
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", SHAPES)
def test_gradients_are_those_of_the_graph_unrolled_by_hand(name, cell, at, truncation):
    """Along random directions, by the complex step, for every parameter of every chain."""
    shape, cell = SHAPES[name], CELLS[cell]
    weights, data = small(shape.chains, cell, POSITIONS[at])
    keep = keeps(shape, data.inputs, Setup(cell, TANH, TRUNCATIONS[truncation].keep, 2, 1.0, 0))
    _, losses, sent = engine(shape.chains, weights, data, cell, keep)
    assert losses.sum() == pytest.approx(loss_by_hand(shape.chains, weights, data, cell, keep).real, rel=1e-12)
    rng = np.random.default_rng(0)
    for chain, params in weights.items():
        for parameter, W in params.items():
            direction = rng.normal(size=W.shape)
            aside = {**weights, chain: {**params, parameter: W + 1j * COMPLEX_STEP * direction}}
            slope = loss_by_hand(shape.chains, aside, data, cell, keep).imag / COMPLEX_STEP
            got = (sent[chain].grads[parameter] * direction).sum()
            assert got == pytest.approx(slope, rel=1e-9, abs=1e-12), (chain, parameter)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", SHAPES)
def test_what_a_state_hears_is_what_its_edges_carry(name, cell):
    """dh_t = own loss + what step t+1 sends back; at a hand-over, what the next chain sends to its initial state."""
    shape, cell = SHAPES[name], CELLS[cell]
    weights, data = small(shape.chains, cell, POSITIONS["every"])
    _, _, sent = engine(shape.chains, weights, data, cell, keeps(shape, data.inputs, setup()))
    follower = {chain.after: chain.name for chain in shape.chains}
    for chain in shape.chains:
        here = sent[chain.name]
        later = sent[follower[chain.name]].back[:1] if chain.name in follower else np.zeros_like(here.back[:1])
        heard = here.own + np.concatenate([here.back[1:], later])[..., :H]
        np.testing.assert_allclose(here.dss[..., :H], heard, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("cell", CELLS)
def test_an_encoder_that_is_its_own_decoder_is_one_long_run(cell):
    """With shared weights, encoder and decoder are one chain: its parameters' gradients are the sums of both."""
    cell, chains = CELLS[cell], SHAPES["encoder-decoder"].chains
    weights, data = small(chains, cell, POSITIONS["every"])
    one = weights["decoder"]
    weights["encoder"] = {**one, "W_hy": one["W_hy"][:, :0], "b_y": one["b_y"][:0]}
    keep = keeps(SHAPES["encoder-decoder"], data.inputs, setup())
    done, _, sent = engine(chains, weights, data, cell, keep)
    xs = np.concatenate([data.inputs["encoder"], data.inputs["decoder"]])
    states, pre = run_chain(one, xs, cell, TANH)
    E = len(data.inputs["encoder"])
    np.testing.assert_allclose(done.logits, readout(one, states)[E:], rtol=1e-13)
    _, dys = cross_entropy(readout(one, states)[E:], data.targets, data.mask)
    dys = np.concatenate([np.zeros((E, N, O)), dys])
    dss, grads = bptt(one, xs, states, cell.factors(pre, states, TANH), dys, cell, np.ones(len(xs)))
    np.testing.assert_allclose(np.concatenate([sent["encoder"].dss, sent["decoder"].dss]), dss, rtol=1e-10, atol=1e-15)
    for name in cell.shapes(D, H):
        both = sent["encoder"].grads[name] + sent["decoder"].grads[name]
        np.testing.assert_allclose(both, grads[name], rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("cell", CELLS)
def test_bidirectional_without_its_backward_chain_is_a_plain_run(cell):
    cell, chains = CELLS[cell], SHAPES["bidirectional"].chains
    weights, data = small(chains, cell, POSITIONS["every"])
    weights["right to left"] = {name: np.zeros_like(W) for name, W in weights["right to left"].items()}
    done, _, sent = engine(chains, weights, data, cell, {chain.name: np.ones(T) for chain in chains})
    params, xs = weights["left to right"], data.inputs["left to right"]
    states, pre = run_chain(params, xs, cell, TANH)
    np.testing.assert_array_equal(done.logits, readout(params, states))
    _, dys = cross_entropy(done.logits, data.targets, data.mask)
    dss, grads = bptt(params, xs, states, cell.factors(pre, states, TANH), dys, cell, np.ones(T))
    np.testing.assert_array_equal(sent["left to right"].dss, dss)
    for name, g in grads.items():
        np.testing.assert_array_equal(sent["left to right"].grads[name], g)


def test_bidirectional_gradients_go_both_ways_and_no_further():
    """A loss in the middle reaches the steps before it through one chain and those after it through the other."""
    cell, chains = CELLS["rnn"], SHAPES["bidirectional"].chains
    weights, data = small(chains, cell, POSITIONS["middle"])
    _, _, sent = engine(chains, weights, data, cell, {chain.name: np.ones(T) for chain in chains})
    for chain in chains:
        reached = np.abs(chain.turned(sent[chain.name].dss)).sum(axis=(1, 2)) > 0
        assert reached.tolist() == (
            [False, False, True, True, True] if chain.backward else [True, True, True, False, False]
        )


# ------------------------------------------------------------------------------------------------ learning, looking


@pytest.mark.parametrize("cell", CELLS)
def test_the_mean_gradient_over_batches_of_all_lengths(cell):
    """Examples one by one give the same as side by side."""
    shape, how = SHAPES["aligned"], setup(cell)
    weights, examples = draw(shape, how), shape.task.examples[:7]

    def gradient(together):
        cuts = [keeps(shape, each.inputs, how) for each in together]
        return mean_gradients(shape, weights, together, how, cuts)

    loss, grads = gradient(groups(shape, examples))
    alone, parts = gradient([group(shape, [example]) for example in examples])
    assert loss == pytest.approx(alone, rel=1e-12)
    for name, g in grads["chain"].items():
        np.testing.assert_allclose(g, parts["chain"][name], rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("name", SHAPES)
def test_every_task_is_learnt(name):
    """With the shipped number of updates, all examples are answered wholly right; before, they are not."""
    shape, how = SHAPES[name], setup()
    learnt = learn(shape, how)
    asked = answers(shape, how, learnt, shape.task.examples)
    assert learnt.updates == KEPT
    assert KEPT[-1] == UPDATES
    assert asked.right[:, -1].all()
    assert asked.right[:, 0].mean() < 0.7
    assert len(learnt.losses) == UPDATES + 1
    if shape.task.unseen:
        assert answers(shape, how, learnt, shape.task.unseen).right[:, -1].mean() > 0.7


def test_training_that_overflows_ends():
    """No NaN is kept."""
    shape = dataclasses.replace(SHAPES["one-to-many"], rate=1e300)
    learnt = learn(shape, setup(activation="identity"))
    assert len(learnt.updates) < len(KEPT)
    assert np.isfinite(learnt.losses).all()


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", SHAPES)
def test_a_look_at_all_updates_is_a_look_at_each(name, cell):
    """The batched call against one pass per kept update, with its own backward pass for every loss."""
    shape, how = SHAPES[name], setup(cell, "block", 3)
    begin = draw(shape, how)
    both = [begin, {c: {n: 1.1 * W for n, W in params.items()} for c, params in begin.items()}]
    stacked = {c: {n: np.stack([np.atleast_2d(w[c][n]) for w in both]) for n in begin[c]} for c in begin}
    seen = look(shape, how, Learnt((0, 1), stacked, np.zeros(2)), shape.task.examples[-1])
    one = group(shape, [shape.task.examples[-1]])
    keep = keeps(shape, one.inputs, how)
    for c, weights in enumerate(both):
        _, losses, sent = engine(shape.chains, weights, one, how.cell, keep)
        np.testing.assert_allclose(seen.losses[c], losses, rtol=1e-12)
        for chain in shape.chains:
            norms = np.linalg.norm(chain.turned(sent[chain.name].dss)[:, 0], axis=-1)
            np.testing.assert_allclose(10.0 ** seen.norms[chain.name].states[c], norms, rtol=1e-10)
            entering = np.linalg.norm(chain.turned(sent[chain.name].das)[:, 0], axis=-1)
            np.testing.assert_allclose(10.0 ** seen.norms[chain.name].entering[c], entering, rtol=1e-10)
        for r, t in enumerate(seen.asked):
            alone = dataclasses.replace(one, mask=np.eye(len(one.mask))[t])
            _, _, sent = engine(shape.chains, weights, alone, how.cell, keep)
            for chain in shape.chains:
                norms = np.linalg.norm(chain.turned(sent[chain.name].dss)[:, 0], axis=-1)
                np.testing.assert_allclose(10.0 ** seen.norms[chain.name].flow[c, r], norms, rtol=1e-10)


def test_the_matrix_is_the_one_of_the_flow():
    """For a chain with a loss at every step, the rows are those of `gradient_flow`."""
    shape, how = SHAPES["one-to-many"], setup()
    learnt = learn(shape, how)
    seen = look(shape, how, learnt, shape.task.examples[0])
    one = group(shape, [shape.task.examples[0]])
    params = {name: W[-1] for name, W in learnt.weights["chain"].items()}
    done = run_chains(shape.chains, {"chain": params}, one.inputs, how.cell, how.activation)
    _, dys = cross_entropy(done.logits, one.targets, one.mask)
    flow, _ = gradient_flow(params, done.factors["chain"], dys, how.cell)
    np.testing.assert_allclose(seen.norms["chain"].flow[-1], flow.log10_norms, atol=1e-9)


def test_a_decoder_that_hears_itself_reads_what_it_said():
    shape, how = SHAPES["encoder-decoder"], setup()
    learnt = learn(shape, how)
    for text in ("abca", "cb"):
        example = shape.task.known(text)
        seen = look(shape, how, learnt, example, listening=True)
        for c in range(len(learnt.updates)):
            said = tuple(shape.task.classes[i] for i in seen.answers[c])
            assert seen.reads["decoder"][c] == (example.reads[1][0], *said[:-1])
        helped = look(shape, how, learnt, example)
        assert set(helped.reads["decoder"]) == {example.reads[1]}


# ------------------------------------------------------------------------------------------------ tasks


@pytest.mark.parametrize("name", SHAPES)
def test_examples_are_read_back_and_have_one_answer_each(name):
    shape = SHAPES[name]
    examples = shape.task.examples + shape.task.unseen
    assert len({example.text for example in examples}) == len(examples)
    for example in examples:
        assert shape.task.known(example.text) == example
        assert len(example.reads) == len(shape.chains)
        assert {answer for answer in example.answers if answer} <= set(shape.task.classes)
        assert {symbol for reads in example.reads for symbol in reads if symbol} <= set(shape.task.symbols)
        assert max(len(example.answers), *map(len, example.reads)) <= 12


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("text", ["", "pizza 1", "x" * 50, "___ ___", "the " * 9, "ǆ\x00"])
def test_what_cannot_be_read_gets_a_sentence(name, text):
    with pytest.raises(ValueError, match=r"[a-z].*\."):
        SHAPES[name].task.read(text)


def test_a_missing_word_needs_both_sides():
    """Neither what stands before the gap nor what stands after it decides alone; both together do."""
    known = {}
    for example in SHAPES["bidirectional"].task.examples:
        before, after = example.text.split(BLANK)
        (word,) = filter(None, example.answers)
        for side in (("before", before), ("after", after), ("both", example.text)):
            known.setdefault(side, set()).add(word)
    for (side, text), words in known.items():
        assert (len(words) == 1) == (side == "both"), text


def test_a_tag_needs_the_words_before():
    found = {}
    for example in SHAPES["aligned"].task.examples:
        for word, tag in zip(example.reads[0], example.answers, strict=True):
            found.setdefault(word, set()).add(tag)
    assert {word for word, tags in found.items() if len(tags) > 1} == {"walk", "play", "run", "sleep"}
