"""By hand: every displayed number is the Trace's, and every displayed formula, evaluated, gives the displayed value."""

import re
import unicodedata

import numpy as np
import pytest

from explorer.config import Config
from explorer.figures.costs import kept, most_kept, work
from explorer.figures.kinds import KINDS
from explorer.figures.latex import tex
from explorer.figures.walk import chain, walk
from explorer.run import run

WORDS = ("dogs", "hi", "noon", "Übergröß", "a\u0308rger")  # the last one spells ä in two code points


def by_hand(word: str = "dogs", **changes):
    T = len(unicodedata.normalize("NFC", word)) - 1
    base = {"hidden_size": 3, "truncation": "full", "clip": "none", "sequence_length": T}
    return run(Config(task="text", text=word, **{**base, **changes}))


CASES = [
    pytest.param(word, {"activation": phi, "loss_at": at, "hidden_size": H}, id=f"{word}-{phi}-{at}-{H}")
    for word in WORDS
    for phi, at, H in (("tanh", "last", 3), ("sigmoid", "every", 2), ("tanh", "every", 5))
]


def displayed(trace, name: str, t: int) -> np.ndarray:
    """What the Trace says a quantity is, found without the walk. t from 1."""
    dys = trace.dlogits * trace.loss_mask[:, None, None]
    das = trace.full.dhs * trace.slopes
    later = slice(t - 1, None)  # growing sums hold the terms of this step and all later ones
    return {
        "a": lambda: trace.pre[t - 1],
        "h": lambda: trace.hs[t],
        "y": lambda: trace.logits[t - 1],
        "p": lambda: trace.probs[t - 1],
        "L": lambda: trace.losses[t - 1].reshape(1, 1),
        "dy": lambda: dys[t - 1],
        "dh": lambda: trace.full.dhs[t - 1],
        "da": lambda: das[t - 1],
        "dW_hy": lambda: np.einsum("tnh,tno->ho", trace.hs[1:][later], dys[later]),
        "db_y": lambda: dys[later].sum(axis=(0, 1))[None],
        "dW_xh": lambda: np.einsum("tnd,tnh->dh", trace.xs[later], das[later]),
        "dW_hh": lambda: np.einsum("tnh,tnk->hk", trace.hs[:-1][later], das[later]),
        "db_h": lambda: das[later].sum(axis=(0, 1))[None],
    }[name]()


@pytest.mark.parametrize(("word", "changes"), CASES)
def test_every_number_is_the_traces(word, changes):
    trace = by_hand(word, **changes)
    for stop in walk(trace):
        np.testing.assert_allclose(stop.value, displayed(trace, stop.key.split(":")[0], stop.t), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("word", "changes"), CASES)
def test_the_last_sums_are_the_gradient(word, changes):
    trace = by_hand(word, **changes)
    last = {stop.key.split(":")[0]: stop.value for stop in walk(trace)}
    for name, gradient in trace.full.grads.items():
        np.testing.assert_allclose(last[f"d{name}"], np.atleast_2d(gradient), rtol=1e-12, atol=1e-15)


def as_array(match: re.Match) -> str:
    """bmatrix → np.array([[…]]), each entry an expression of its own."""
    rows = [[value_of(x) for x in row.split("&")] for row in match[1].split(r"\\")]
    return "np.array([" + ",".join("[" + ",".join(row) + "]" for row in rows) + "])"


def value_of(latex: str) -> str:
    """A scalar formula as Python."""
    code = re.sub(r"e\^\{((?:[^{}]|\{[^{}]*\})*)\}", lambda m: f"np.exp({value_of(m[1])})", latex)
    code = re.sub(r"\\frac\{((?:[^{}]|\{[^{}]*\})*)\}\{((?:[^{}]|\{[^{}]*\})*)\}", r"((\1)/(\2))", code)
    code = re.sub(r"\\cdot 10\^\{(-?\d+)\}", r"*10.0**(\1)", code)
    code = re.sub(r"\\underbrace\{((?:[^{}]|\{[^{}]*\})*)\}_\{(?:[^{}]|\{[^{}]*\})*\}", r"(\1)", code)
    code = re.sub(r"\\ln (.*)$", r"np.log(\1)", code)
    for name, python in ((r"\tanh", "np.tanh"), (r"\sigma", "sigma"), (r"\cdot", "*"), (r"\circ", "*")):
        code = code.replace(name, python)
    return code


def compute(latex: str) -> np.ndarray:
    """The value of a displayed formula."""
    code = re.sub(r"\\begin\{bmatrix\}(.*?)\\end\{bmatrix\}", as_array, latex, flags=re.S)
    code = code.replace(r"^{\top}", ".T").replace(r"\,", " @ ")
    code = re.sub(r"^(\\frac\{1\}\{.*?\})(?=np)", r"\1 * ", code)
    return np.atleast_2d(eval(value_of(code), {"np": np, "sigma": lambda a: 1.0 / (1.0 + np.exp(-a))}))


@pytest.mark.parametrize(("word", "changes"), CASES)
def test_the_formula_on_the_page_gives_the_value_on_the_page(word, changes):
    """Factors are shown to three digits or decimals, so a sum of d + k products is right to a few thousandths."""
    for stop in walk(by_hand(word, **changes)):
        np.testing.assert_allclose(compute(" ".join(stop.numbers)), stop.value, atol=8e-3, err_msg=stop.key)


@pytest.mark.parametrize(("word", "changes"), CASES[:6])
def test_the_formula_of_every_entry_gives_that_entry(word, changes):
    for stop in walk(by_hand(word, **changes)):
        for i, j in np.ndindex(stop.value.shape):
            assert compute(stop.entry(i, j))[0, 0] == pytest.approx(stop.value[i, j], abs=8e-3), stop.key


def test_the_evaluator_sees_a_wrong_number():
    stop = walk(by_hand())[2]
    wrong = [stop.numbers[0].replace("1.092", "7.092"), *stop.numbers[1:]]
    assert wrong[0] != stop.numbers[0]
    assert np.abs(compute(" ".join(wrong)) - stop.value).max() > 1.0


@pytest.mark.parametrize(("t", "k"), [(3, 1), (3, 3), (2, 1), (1, 1)])
def test_the_chain_is_the_flow(t, k):
    trace = by_hand(loss_at="every")
    _, lines, value, product = chain(trace, t, k)
    assert np.log10(np.linalg.norm(value)) == pytest.approx(trace.flow.log10_norms[t - 1, k - 1], abs=1e-12)
    np.testing.assert_allclose(compute(" ".join(lines)), value, atol=8e-3)
    np.testing.assert_allclose((trace.dlogits[t - 1] @ trace.params["W_hy"].T) @ product, value, rtol=1e-12)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_finds_its_line_in_the_engine(name):
    stop = next(s for s in walk(by_hand(loss_at="every")) if s.key.startswith(f"{name}:"))
    line, function = stop.source()
    assert line in function


def test_the_walk_goes_forward_then_backward_and_parents_come_first():
    stops = walk(by_hand("dogs", loss_at="every"))
    assert [s.t for s in stops if not s.kind.backward] == sorted(s.t for s in stops if not s.kind.backward)
    seen = {"W_xh", "W_hh", "b_h", "W_hy", "b_y", *(f"x:{t}" for t in (1, 2, 3))}
    for stop in stops:
        assert set(stop.parents) <= seen, stop.key
        seen.add(stop.key)


def test_work_and_memory_are_counted_from_the_shapes():
    """dogs, k = 4, d = 3, one loss: forward 3·(4·3 + 3·3) + 3·4; kept 3·(4 + 3 + 3) + 4 + the initial state."""
    trace = by_hand()
    stops = walk(trace)
    assert sum(work(trace, s) for s in stops if not s.kind.backward) == 3 * (12 + 9) + 12
    assert sum(work(trace, s) for s in stops if s.kind.backward) == 12 + 12 + 2 * 9 + 3 * (3 + 12 + 9)
    assert sum(kept(trace, s) for s in stops) == 34
    assert [most_kept(trace, stops, w) for w in (1, 2, 3, 9)] == [17, 23, 37, 37]


@pytest.mark.parametrize(
    ("x", "shown"),
    [(0.0, "0"), (1.0, "1"), (-0.25, "-0.250"), (1e-5, r"1.00\cdot 10^{-5}"), (123456.0, r"1.23\cdot 10^{5}")],
)
def test_numbers_in_formulas(x, shown):
    assert tex(x) == shown
