"""Sequences from files: tables, codes and text come out as they are; everything else gets a sentence."""

import contextlib
import io
import re
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.config import Config
from explorer.own.read_sequence import KEPT, read_sequence
from explorer.run import run
from tests.own.test_own_network import network


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def csv(text):
    return read_sequence(text.encode(), "x.csv")


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_table_of_floats(order):
    xs = np.asarray(np.random.default_rng(0).normal(size=(9, 3)), order=order)
    reading = read_sequence(npy(xs), "x.npy")
    np.testing.assert_array_equal(reading.xs, xs)
    assert (reading.targets, reading.symbols, reading.inputs) == (None, None, 3)
    np.testing.assert_array_equal(run(Config(reading=reading, sequence_length=12)).xs[9:, 0], xs[:3])


def test_one_column_is_one_input():
    assert read_sequence(npy(np.ones(5) / 3), "x.npy").xs.shape == (5, 1)


@pytest.mark.parametrize("own", [None, network(D=6, O=6), network(D=6, O=2), network(D=6, O=None)])
def test_codes_are_one_hot_and_the_next_one_is_asked_for(own):
    codes = np.array([0, 3, 1, 3])
    reading = read_sequence(npy(codes), "x.npy", own)
    assert reading.xs.shape == (4, 6 if own else 4)
    np.testing.assert_array_equal(reading.xs.argmax(axis=1), codes)
    if own and own.outputs == 2:  # it has no class for them
        assert reading.targets is None
    else:
        np.testing.assert_array_equal(reading.targets, [3, 1, 3, 0])
    assert run(Config(network=own, reading=reading, sequence_length=9)).loss > 0


def test_text():
    reading = read_sequence("e\u0301a\u00e9\n".encode(), "x.txt")  # é in two ways is one letter
    assert (list(reading.symbols), list(reading.classes)) == (["é", "a", "é"], ["é", "a"])
    np.testing.assert_array_equal(reading.targets, [1, 0, 0])
    trace = run(Config(reading=reading, sequence_length=4))
    assert (trace.inputs, trace.classes) == (("é", "a", "é", "é"), ("é", "a"))


@pytest.mark.parametrize("text", ["1,2\n3,4", "a,b\n1,2\n3,4\n", "\ufeff1;2\r\n3;4", "1\t2\n\n3\t4", '"1","2"\n3, 4'])
def test_tables_of_text(text):
    np.testing.assert_array_equal(csv(text).xs, [[1, 2], [3, 4]])


def test_targets_beside_inputs():
    reading = csv("u,target,v\n0.5,2,1\n-1,0,1e-3")
    np.testing.assert_array_equal(reading.xs, [[0.5, 1], [-1, 0.001]])
    np.testing.assert_array_equal(reading.targets, [2, 0])
    assert reading.outputs == 3


def test_codes_in_a_column():
    np.testing.assert_array_equal(csv("0\n2\n1").xs, np.eye(3)[[0, 2, 1]])
    np.testing.assert_array_equal(csv("0.0\n2\n1").xs, [[0], [2], [1]])


def test_a_long_one_says_that_it_is_cropped():
    reading = read_sequence(npy(np.arange(3 * KEPT) % 7), "x.npy")
    assert len(reading.xs) == len(reading.targets) == len(reading.symbols) == KEPT
    assert "the first 2,000 of 6,000 steps" in reading.name


BAD = {
    "1,2\n3": "Row 2 of 'x.csv' has 1 cells, the first has 2",
    "a,b\n1,2\n3": "Row 3 of 'x.csv' has 1 cells",
    "a,b\n1": "Row 2 of 'x.csv' has 1 cells, the first has 2",
    "1,2\n3,x": "Row 2 of 'x.csv' holds 'x', expected a number",
    "1,x\n3,4": "Row 1 of 'x.csv' holds 'x'",
    "1,nan": "holds nan at step 1, input 2",
    "1,2\n1e999,2": "holds inf at step 2, input 1",
    "": "0 steps",
    "a,b": "0 steps",
    "target\n1": "no inputs",
    "u,target\n1,0.5": "has to hold classes",
    "u,target\n1,-1": "has to hold classes",
    "u,target\n1,nan": "has to hold classes",
    "u,target\n1,99999": "has to hold classes",
    "-1\n2": "number the symbols from 0",
    "0\n5000": "number the symbols from 0 to 1023",
    ",".join(["1"] * 2000): "2,000 inputs a step",
}


@pytest.mark.parametrize("text", BAD, ids=lambda text: repr(text[:20]))
def test_bad_tables(text):
    with pytest.raises(ValueError, match=re.escape(BAD[text])) as refusal:
        csv(text)
    assert len(str(refusal.value)) < 300


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.ones((2, 3, 4)), "shape (2, 3, 4)"),
        (np.ones((0, 3)), "shape (0, 3)"),
        (np.array("x"), "holds <U1"),
        (np.ones(3, complex), "complex128"),
        (np.array([[1, np.inf]]), "holds inf at step 1, input 2"),
        (np.array([2**62]), "codes from 4611686018427387904"),
        (np.ones(3, bool), "holds bool"),
    ],
)
def test_bad_arrays(array, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        read_sequence(npy(array), "x.npy")


def test_codes_beyond_the_network():
    with pytest.raises(ValueError, match="from 0 to 3, the network's inputs"):
        read_sequence(npy(np.array([0, 4])), "x.npy", network(D=4))


@settings(max_examples=300)
@given(st.binary(max_size=300) | st.text("0123456789.,;-+e\n\tnaif\"'targetNAN", max_size=200).map(str.encode))
def test_any_bytes(data):
    """A sentence, or finite numbers that a run can read; at once."""
    for name in ("x.npy", "x.csv", "x.txt"):
        begun, reading = time.perf_counter(), None
        with contextlib.suppress(ValueError):
            reading = read_sequence(data, name)
        if reading is not None:
            assert np.isfinite(reading.xs).all()
            assert reading.targets is None or len(reading.targets) == len(reading.xs)
        assert time.perf_counter() - begun < 2.0
