"""Files of weights: what was saved comes back, PyTorch reads it alike, and a bad file gets a sentence."""

import contextlib
import io
import json
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.activations import ACTIVATIONS
from explorer.engine.bptt import forward, readout
from explorer.engine.cells import CELLS
from explorer.engine.storage import FORMATS, NAMES, from_torch, save_npz, save_safetensors, to_torch
from explorer.engine.weights import draw_params
from tests.engine.torch_cases import CASES

D, H, O = 3, 4, 5
TWO_BIASES = {"gru"}


def drawn(cell, dtype=float):
    rng = np.random.default_rng(0)
    params = draw_params(rng, CELLS[cell], "gaussian", (D, H, O), 1.0, 0.3)
    return {name: (W + rng.normal(size=W.shape)).astype(dtype) for name, W in params.items()}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("cell", CELLS)
def test_what_is_saved_comes_back(cell, form, dtype):
    """Weights bit for bit, their order, the log, the settings in any alphabet."""
    params, (save, load) = drawn(cell, dtype), FORMATS[form]
    arrays, told = load(save(to_torch(params) | {"log.loss": np.arange(3.0)}, '{"text": "é日本"}'))
    back = from_torch(arrays, cell in TWO_BIASES)
    assert (list(back), told) == (list(params), '{"text": "é日本"}')
    for name, W in params.items():
        np.testing.assert_array_equal(back[name], W)
        assert back[name].dtype == dtype
    np.testing.assert_array_equal(arrays["log.loss"], [0, 1, 2])


@pytest.mark.parametrize("cell", CELLS)
def test_pytorchs_weights_give_pytorchs_outputs(cell):
    """torch_cases.npz, made by PyTorch: its two biases add up, its matrices are transposed, its gates in our order."""
    with np.load(CASES) as cases:
        arrays = {key: cases[f"{cell}.{key}"] for key in NAMES.values()}
        params = from_torch(arrays, cell in TWO_BIASES)
        states, _ = forward(params, cases["xs"], CELLS[cell], ACTIVATIONS["tanh"])
        np.testing.assert_allclose(readout(params, states), cases[f"{cell}.outputs"], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("form", FORMATS)
def test_pytorch_loads_our_files(form, cell):
    """load_state_dict takes the arrays as they are, and the module gives our outputs."""
    torch = pytest.importorskip("torch")
    params, (save, load) = drawn(cell), FORMATS[form]
    arrays = {name: torch.tensor(array) for name, array in load(save(to_torch(params), ""))[0].items()}
    net, fc = getattr(torch.nn, cell.upper())(D, H, dtype=torch.float64), torch.nn.Linear(H, O, dtype=torch.float64)
    net.load_state_dict({name: array for name, array in arrays.items() if not name.startswith("fc.")})
    fc.load_state_dict({name[3:]: array for name, array in arrays.items() if name.startswith("fc.")})
    xs = np.random.default_rng(1).normal(size=(6, 2, D))
    states, _ = forward(params, xs, CELLS[cell], ACTIVATIONS["tanh"])
    theirs = fc(net(torch.tensor(xs))[0]).detach().numpy()
    np.testing.assert_allclose(readout(params, states), theirs, rtol=1e-12, atol=1e-13)


def test_the_safetensors_library_reads_our_files():
    """And we read what it writes."""
    library = pytest.importorskip("safetensors.numpy")
    arrays = to_torch(drawn("rnn"))
    read = library.load(save_safetensors(arrays, "told"))
    for name, array in arrays.items():
        np.testing.assert_array_equal(read[name], array)
    written, told = FORMATS["safetensors"][1](library.save(arrays, {"settings": "told"}))
    assert told == "told"
    for name, array in arrays.items():
        np.testing.assert_array_equal(written[name], array)


def broken(**changes):
    """A .safetensors file with one array, whose header entry is changed."""
    entry = {"dtype": "F64", "shape": [2], "data_offsets": [0, 16], **changes}
    header = json.dumps({"a": entry}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(16)


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": [3]},
        {"shape": [-2]},
        {"shape": [2.0]},
        {"shape": "2"},
        {"shape": [1] * 9},
        {"dtype": "F65"},
        {"dtype": None},
        {"dtype": []},
        {"data_offsets": [0, 17]},
        {"data_offsets": [8, 32]},
        {"data_offsets": [16, 0]},
        {"data_offsets": [0]},
        {"shape": [2**40, 2**40], "data_offsets": [0, 2**83]},
    ],
)
def test_a_broken_safetensors_header_is_refused(changes):
    with pytest.raises(ValueError, match=r"safetensors|cannot be read"):
        FORMATS["safetensors"][1](broken(**changes))
    FORMATS["safetensors"][1](broken())


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200), at=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_any_bytes_are_read_or_refused_with_a_sentence(form, data, at, flip):
    """Noise, and our own files with a byte changed: arrays or ValueError, nothing else, and no unpickling."""
    save, load = FORMATS[form]
    own = bytearray(save(to_torch(drawn("rnn")), "{}"))
    own[at % len(own)] ^= flip
    for candidate in (data, bytes(own), bytes(own[: at % len(own)])):
        with contextlib.suppress(ValueError):
            arrays, told = load(candidate)
            assert isinstance(told, str)
            assert all(isinstance(array, np.ndarray) for array in arrays.values())


def test_pickles_are_refused():
    file = io.BytesIO()
    np.savez(file, a=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        FORMATS["npz"][1](file.getvalue())


def test_a_bomb_is_not_unpacked():
    """A small archive that promises gigabytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", bytes(70_000_000))
    with pytest.raises(ValueError, match="unpacks to more"):
        FORMATS["npz"][1](file.getvalue())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"fc.bias": None}, "no fc.bias"),
        ({"weight_hh_l0": np.zeros((4, 5))}, "has shape"),
        ({"fc.weight": np.zeros((4, 5))}, "has shape"),
        ({"bias_ih_l0": np.zeros(3)}, "has shape"),
        ({"fc.bias": np.zeros((5, 1))}, "no matrix or vector"),
        ({"fc.bias": np.zeros(5, int)}, "no matrix or vector"),
        ({"fc.bias": np.full(5, np.nan)}, "not finite"),
        ({"weight_ih_l0": np.zeros((0, 3))}, "no matrix or vector"),
    ],
)
def test_arrays_that_make_no_network_are_refused(change, sentence):
    arrays = {name: array for name, array in (to_torch(drawn("rnn")) | change).items() if array is not None}
    with pytest.raises(ValueError, match=sentence):
        from_torch(arrays, False)
    assert save_npz(arrays, "")
