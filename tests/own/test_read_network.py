"""Networks from files: what PyTorch computes comes out, hostile bytes get a sentence soon, nothing is unpickled."""

import contextlib
import io
import json
import pickle
import struct
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.config import Config
from explorer.engine.cells import CELLS
from explorer.engine.own import Network
from explorer.engine.storage import save_safetensors
from explorer.own.read_network import LARGEST, read_network
from explorer.run import run

D, H, O, T = 3, 5, 4, 7
GATES = {"rnn": 1, "gru": 3, "lstm": 4}
LAYER = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
SECONDS = 2.0
ROOT = Path(__file__).parents[2]


def state_dict(cell="rnn", prefix="rnn.", head="fc.", dtype=np.float64):
    """What a PyTorch module with that layer has, without PyTorch."""
    rng, G = np.random.default_rng(0), GATES[cell]
    shapes = [(G * H, D), (G * H, H), (G * H,), (G * H,), (O, H), (O,)]
    names = [prefix + name for name in LAYER] + [head + "weight", head + "bias"]
    return {name: (rng.normal(size=shape) / 2).astype(dtype) for name, shape in zip(names, shapes, strict=True)}


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def refused(data, name="x.npz"):
    """The one sentence, made within bounded time."""
    begun = time.perf_counter()
    with pytest.raises(ValueError, match=r"\w+ ") as refusal:
        read_network(data, name)
    assert time.perf_counter() - begun < SECONDS
    sentence = str(refusal.value)
    assert 10 < len(sentence) < 600
    return sentence


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def pytorchs_outputs(w, cell, xs):
    """The equations of PyTorch's documentation, with columns: W x."""
    h, c, ys = np.zeros(H), np.zeros(H), []
    for x in xs:
        i, r = w["weight_ih_l0"] @ x + w["bias_ih_l0"], w["weight_hh_l0"] @ h + w["bias_hh_l0"]
        if cell == "rnn":
            h = np.tanh(i + r)
        elif cell == "lstm":
            i_, f, g, o = np.split(i + r, 4)
            c = sigmoid(f) * c + sigmoid(i_) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        else:
            (ir, iz, in_), (hr, hz, hn) = np.split(i, 3), np.split(r, 3)
            z = sigmoid(iz + hz)
            h = (1 - z) * np.tanh(in_ + sigmoid(ir + hr) * hn) + z * h
        ys.append(w["fc.weight"] @ h + w["fc.bias"])
    return np.array(ys)


@pytest.mark.parametrize("form", ["npz", "safetensors"])
@pytest.mark.parametrize("cell", CELLS)
def test_the_network_is_the_one_that_pytorch_computes(cell, form):
    w = state_dict(cell, prefix="")
    data = npz(**w) if form == "npz" else save_safetensors(w, "")
    network, unused = read_network(data, f"mine.{form}")
    assert (network.cell, network.inputs, network.hidden, network.outputs, unused) == (cell, D, H, O, [])
    trace = run(Config(network=network, task="noise", sequence_length=T))
    np.testing.assert_allclose(trace.logits[:, 0], pytorchs_outputs(w, cell, trace.xs[:, 0]), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("prefix", ["", "rnn.", "model.encoder.lstm."])
@pytest.mark.parametrize("head", ["", "fc.", "head.2."])
def test_names_with_any_prefix(prefix, head):
    network, _ = read_network(npz(**state_dict(prefix=prefix, head=head)), "x.npz")
    assert network.outputs == O


def test_what_may_be_missing():
    w = state_dict()
    bare = {name: W for name, W in w.items() if "bias" not in name and "fc" not in name}
    network, _ = read_network(npz(**bare), "x.npz")
    assert network.outputs is None
    np.testing.assert_array_equal(network.params["b_h"], np.zeros(H))


def test_what_is_not_used_is_named():
    second = {"rnn.weight_ih_l1": np.ones((H, H)), "emb.weight": np.ones((9, D)), "emb2.weight": np.ones((9, H))}
    network, unused = read_network(npz(**state_dict(), **second), "x.npz")
    assert network.outputs == O
    assert unused == [f"{name!r} {W.shape}" for name, W in second.items()]


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_other_floats_are_read_exactly(dtype):
    w = state_dict(dtype=dtype)
    network, _ = read_network(npz(**w), "x.npz")
    np.testing.assert_array_equal(network.params["W_hh"], w["rnn.weight_hh_l0"].T.astype(float))


CHANGES = {
    "no recurrent weights": ({"rnn.weight_hh_l0": None}, "no weight_hh_l0. Expected: weight_ih_l0 (G·H, D)"),
    "no layer at all": (
        dict.fromkeys([f"rnn.{name}" for name in LAYER]),
        "no weight_ih_l0. Expected: weight_ih_l0 (G·H, D) and weight_hh_l0 (G·H, H), with G = 1 for RNN",
    ),
    "two layers of that name": ({"b.weight_ih_l0": np.ones((H, D))}, "more than one weight_ih_l0"),
    "shapes that fit no cell": ({"rnn.weight_ih_l0": np.ones((2 * H, D))}, "(10, 3) and weight_hh_l0 (5, 5)"),
    "two gates": (
        {"rnn.weight_ih_l0": np.ones((2 * H, D)), "rnn.weight_hh_l0": np.ones((2 * H, H))},
        "which fit none of rnn (G = 1)",
    ),
    "a bias of another length": ({"rnn.bias_hh_l0": np.ones(H + 1)}, "bias_hh_l0 has shape (6,), expected (5,)"),
    "whole numbers": ({"rnn.weight_hh_l0": np.ones((H, H), int)}, "is of type int64, expected float32 or float64"),
    "complex numbers": ({"rnn.weight_hh_l0": np.ones((H, H), complex)}, "complex"),
    "a number that is none": ({"rnn.weight_hh_l0": np.full((H, H), np.nan)}, "holds nan at [0, 0]"),
    "infinity": ({"fc.weight": np.diag(np.full(H, np.inf))}, "'fc.weight' holds inf at [0, 0]"),
    "a vector": ({"rnn.weight_hh_l0": np.ones(H)}, "has shape (5,), expected a matrix"),
    "nothing in it": ({"rnn.weight_hh_l0": np.ones((0, 0))}, "has shape (0, 0), expected a matrix"),
    "two output layers": ({"fc.weight": None, "a.weight": np.ones((O, H)), "b.weight": np.ones((O, H))}, "'a.weight'"),
    "one class": ({"fc.weight": np.ones((1, H)), "fc.bias": np.ones(1)}, "1 outputs"),
    "too many classes": ({"fc.weight": np.ones((5000, H)), "fc.bias": np.ones(5000)}, "5000 outputs"),
    "a projection": ({"rnn.weight_hr_l0": np.ones((2, H))}, "proj_size=0"),
    "objects": ({"rnn.bias_ih_l0": np.array([{}] * H, dtype=object)}, "|O"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_cannot_be_used_gets_a_sentence_that_says_so(change):
    changes, words = CHANGES[change]
    arrays = {name: W for name, W in (state_dict() | changes).items() if W is not None}
    if change == "objects":  # np.savez pickles them
        assert "pickled objects" in refused(npz(**arrays))
        return
    assert words in refused(npz(**arrays))


def test_a_network_beyond_the_limits():
    wide = {"weight_ih_l0": np.ones((300, 2), np.float32), "weight_hh_l0": np.ones((300, 300), np.float32)}
    assert "H up to 256" in refused(npz(**wide))
    assert "D up to 1024" in refused(npz(weight_ih_l0=np.ones((2, 1025)), weight_hh_l0=np.ones((2, 2))))
    assert f"{LARGEST:,}" in refused(b"PK\x03\x04" + bytes(LARGEST))


class Trap:
    """Says so when it is unpickled."""

    def __reduce__(self):
        return pytest.fail, ("the file was unpickled",)


def test_nothing_is_unpickled():
    trap = pickle.dumps(Trap())
    for member in ("archive/data.pkl", "weight_ih_l0.npy"):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(member, trap)
        refused(file.getvalue())
        refused(file.getvalue(), "x.pt")
    refused(trap)
    refused(trap, "x.pt")
    assert "holds a pickle" in refused(b"PK\x03\x04 archive/data.pkl")


def header(text):
    """An .npy file with this header and no array behind it."""
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


@pytest.mark.parametrize(
    "shape", ["(10000000000000,)", "(" + "9" * 40 + ",)", "(-1,)", "(2,)", "(" * 4000, "(1,) * 10**9", "(True,)", "[2]"]
)
def test_a_header_that_promises_what_is_not_there(shape):
    """No memory is taken for it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("weight_ih_l0.npy", header(f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}"))
    refused(file.getvalue())


def test_zip_bombs():
    """Zeros that unpack to a gigabyte, and a directory of a great many members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(8):
            archive.writestr(f"{n}.npy", bytes(9_000_000))
    assert "unpacks to more" in refused(file.getvalue())
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for n in range(5_000):
            archive.writestr(f"{n}.npy", b"")
    assert "arrays" in refused(file.getvalue())


GOOD = npz(**state_dict())
GOOD_TENSORS = save_safetensors(state_dict(), "")


@pytest.mark.parametrize("good", [GOOD, GOOD_TENSORS], ids=["npz", "safetensors"])
@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.999])
def test_truncated_files(good, share):
    refused(good[: int(share * len(good))], "x.npz" if good is GOOD else "x.safetensors")


@settings(max_examples=300)
@given(st.data())
def test_flipped_bytes_are_refused_or_harmless(data):
    """Whatever stands in the file, there is a sentence or a network of finite numbers, at once."""
    name, good = data.draw(st.sampled_from([("x.npz", GOOD), ("x.safetensors", GOOD_TENSORS)]))
    changed = bytearray(good)
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    answered(bytes(changed), name)


@settings(max_examples=200)
@given(st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"\x93NUMPY\x01\x00"]), st.binary(max_size=400))
def test_any_bytes(magic, rest):
    for name in ("x.npz", "x.safetensors", "💥"):
        answered(magic + rest, name)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
)
entries = st.fixed_dictionaries(
    {"dtype": st.sampled_from(["F32", "F64", "BF16", "💥"]) | json_values}
    | {"shape": st.lists(st.integers(-1, 2**65), max_size=3) | json_values}
    | {"data_offsets": st.lists(st.integers(-1, 2**65), max_size=3) | json_values}
)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from([*LAYER, "fc.weight", "__metadata__"]), entries | json_values) | json_values)
def test_any_header_of_a_safetensors_file(head):
    text = json.dumps(head).encode()
    answered(struct.pack("<Q", len(text)) + text + bytes(64), "x.safetensors")


def answered(data, name):
    """A sentence, or a network whose every number is finite."""
    begun, network = time.perf_counter(), None
    with contextlib.suppress(ValueError):
        network, _ = read_network(data, name)
    if network is not None:
        assert isinstance(network, Network)
        assert all(np.isfinite(W).all() for W in network.params.values())
    assert time.perf_counter() - begun < SECONDS


def test_the_server_lets_through_what_may_be_read():
    lines = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert f"maxUploadSize = {LARGEST // 1_000_000} " in lines
