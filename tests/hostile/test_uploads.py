"""Files by the thousand: good ones changed, bombs, pickles, wrong shapes, NaN, headers that claim ten gigabytes.

Every reader gives a sentence, or something that the app can use, soon and without taking memory for a mere claim.
"""

from __future__ import annotations

import io
import json
import pickle
import random
import struct
import time
import tracemalloc
import zipfile

import numpy as np
import pytest

from explorer.config import Config, variant
from explorer.engine.own import Network, Reading
from explorer.engine.storage import DTYPES, save_npz, save_safetensors, to_torch
from explorer.own.read_network import LARGEST, read_network
from explorer.own.read_sequence import read_sequence
from explorer.run import run
from explorer.training.trained import Trained, from_file, to_file
from explorer.training_page.own_text import LONGEST_TEXT, take_text

SECONDS = 2.0  # for one file
MEGABYTES = 100  # for one file, of 10 MB at most

SMALL = Config(hidden_size=4, sequence_length=5)
WEIGHTS = {cell: to_torch(run(variant(SMALL, cell)).params) for cell in ("tanh", "lstm", "gru")}
SAVED = Trained("saved", SMALL, run(SMALL).params)
NETWORKS = [
    (save(arrays, ""), f"x.{form}")
    for arrays in WEIGHTS.values()
    for form, save in (("npz", save_npz), ("safetensors", save_safetensors))
]


def npy(array, **options):
    """An .npy file."""
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def zipped(**members):
    """A zip file with these members, each named .npy."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return file.getvalue()


def claiming(shape):
    """An .npy file whose header promises this shape, with no numbers behind it."""
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def tensors(entry):
    """A .safetensors file with this entry for every weight, and no numbers behind it."""
    text = json.dumps(dict.fromkeys(("weight_ih_l0", "weight_hh_l0"), entry)).encode()
    return struct.pack("<Q", len(text)) + text


class Trap:
    """Says so when it is unpickled."""

    def __reduce__(self):
        return pytest.fail, ("a file was unpickled",)


TEN_GIGABYTES = (50_000, 25_000)
TRAP = pickle.dumps(Trap())
TRAPPED = npy(np.array([Trap()], object), allow_pickle=True)
BROKEN_WEIGHTS = [
    {**WEIGHTS["tanh"], name: changed}
    for name, W in WEIGHTS["tanh"].items()
    for changed in (W[..., :-1], W[None], W * np.nan, W + np.inf, W.astype(int), np.zeros((0, 3)), np.full(3, "a"))
]
# What was built to do harm: (bytes, name of the file).
BUILT = [
    *((zipped(weight_ih_l0=TRAP), "x.npz"), (TRAP, "x.npy"), (TRAP, "x.pt"), (TRAP, "x.safetensors")),
    *((TRAPPED, "x.npy"), (zipped(weight_ih_l0=TRAPPED), "x.npz")),
    (zipped(**{f"a{n}": bytes(9_000_000) for n in range(8)}), "x.npz"),  # a bomb
    (zipped(**{f"a{n}": b"" for n in range(5_000)}), "x.npz"),
    (zipped(a=zipped(a=zipped(a=bytes(9_000_000)))), "x.npz"),
    (claiming(TEN_GIGABYTES), "x.npy"),
    (zipped(weight_ih_l0=claiming(TEN_GIGABYTES), weight_hh_l0=claiming(TEN_GIGABYTES)), "x.npz"),
    *(
        (tensors({"dtype": kind, "shape": TEN_GIGABYTES, "data_offsets": [0, 10**10]}), "x.safetensors")
        for kind in DTYPES
    ),
    (struct.pack("<Q", 10**10) + b"{}", "x.safetensors"),
    (struct.pack("<Q", 200_000) + b"[" * 200_000, "x.safetensors"),
    (b"PK\x03\x04" + bytes(LARGEST), "x.npz"),
    *((b"1,2\n" * (LARGEST // 4), f"x.{end}") for end in ("csv", "txt")),
    *((row * (LARGEST // len(row)), "x.csv") for row in (b"1,", b"1;", b"12," * 30 + b"1\n")),
    *(
        (text.encode(), "x.csv")
        for text in ("nan\n1\n", "inf,1\n2,3\n", "1e999\n", "target\n1\n", ",\n", "9" * 5000, '"')
    ),
    *((text.encode("utf-16"), "x.txt") for text in ("ab", "\u202e\0")),
    *((save_npz(arrays, "{"), "x.npz") for arrays in BROKEN_WEIGHTS),
    *((to_file(SAVED, "npz").replace(b"PK", b"KP"), "x.npz"), (b"", "x.npz"), (b"", "x.csv"), (b"\0", "💥" * 200)),
]
GOOD = [
    *NETWORKS,
    *((to_file(SAVED, form), f"x.{form}") for form in ("npz", "safetensors")),
    *((npy(array), "x.npy") for array in (np.arange(6) % 3, np.random.default_rng(0).normal(size=(6, 2)))),
    *((b"0\n1\n2\n0\n1\n", "x.csv"), (b"a,b,target\n1,2,0\n3,4,1\n", "x.csv"), ("héllo wörld\n".encode(), "x.txt")),
]


def test_the_traps_would_be_noticed():
    """Whoever unpickles one of them fails the test, whatever exceptions are caught on the way."""
    assert not issubclass(pytest.fail.Exception, Exception)
    for unpickle in (lambda: pickle.loads(TRAP), lambda: np.load(io.BytesIO(TRAPPED), allow_pickle=True)):
        with pytest.raises(pytest.fail.Exception, match="a file was unpickled"):
            unpickle()


def changed(data, rng):
    """A good file with a few bytes flipped, cut, doubled, inflated to a large number, or taken from another file."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at, n = rng.randrange(len(data) + 1), rng.choice((1, 2, 8, 40))
        data[at : at + rng.choice((0, n))] = rng.choice(
            (
                rng.randbytes(n),
                b"",
                data[at : at + n] * 2,
                struct.pack("<Q", rng.choice((10**10, 2**63, 2**32 - 1, 0))),
                rng.choice(GOOD)[0][at : at + n],
                b"nan",
            )
        )
    return bytes(data)


def use_network(data, name):
    network, _ = read_network(data, name)
    assert isinstance(network, Network)
    assert all(np.isfinite(W).all() for W in network.params.values())
    run(Config(network=network, sequence_length=3))


def use_reading(data, name):
    reading = read_sequence(data, name)
    assert isinstance(reading, Reading)
    assert np.isfinite(reading.xs).all()
    run(Config(reading=reading, sequence_length=3))


def use_trained(data, name):
    assert isinstance(from_file(name, data), Trained)


def use_text(data, name):
    problem = take_text(name, data)
    if problem:
        raise ValueError(problem)


READERS = (use_network, use_reading, use_trained, use_text)


@pytest.fixture
def session(monkeypatch):
    """take_text keeps what it has read in the session."""
    kept = {}
    monkeypatch.setattr("explorer.training_page.own_text.st.session_state", kept)
    return kept


def answered(use, data, name, seconds=SECONDS):
    """Whether the file is used; else the reader has said in a sentence why not, and either way soon."""
    begun, said = time.process_time(), None
    try:
        with np.errstate(all="ignore"):
            use(data, name)
    except ValueError as refusal:
        said = str(refusal)
    assert time.process_time() - begun < seconds, (use.__name__, name, data[:100])
    assert said is None or 10 < len(said) < 600, (use.__name__, name, said)
    return said is None


def test_uploads(tried, session):
    """Two thousand of them: each to every door of the app that takes files."""
    rng = random.Random(0)
    mutated = ((changed(data, rng), name) for data, name in (rng.choice(GOOD) for _ in range(2_000)))
    for data, name in (*GOOD, *mutated):
        tried["uploads"] += 1
        used = [answered(use, data, name) for use in READERS]
        tried["of them used, by one of four readers"] += any(used)
    assert len(session.get("corpus", ("", ""))[1]) <= LONGEST_TEXT


@pytest.mark.parametrize("use", READERS)
def test_what_was_built_to_do_harm(use, tried, session):
    """No more memory than a large file needs, whatever it claims."""
    tracemalloc.start()
    try:
        for data, name in BUILT:
            tried["uploads"] += 1
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            answered(use, data, name, 10 * SECONDS)  # to watch memory takes its time
            assert (tracemalloc.get_traced_memory()[1] - before) / 1e6 < MEGABYTES, (name, data[:100])
    finally:
        tracemalloc.stop()


def test_good_files_are_used(session):
    """So that none of the above is refused for a silly reason."""
    used = {name: any(answered(use, data, name) for use in READERS) for data, name in GOOD}
    assert all(used.values()), used
