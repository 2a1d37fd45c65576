"""Weights to files and back: `.npz` and `.safetensors`, with the names and the layout that PyTorch gives them.

    ours        PyTorch's (nn.RNN, nn.LSTM, nn.GRU with one layer; fc is an nn.Linear)
    W_xh        weight_ih_l0 = W_xhᵀ           PyTorch multiplies columns, W x; we multiply rows, x W
    W_hh        weight_hh_l0 = W_hhᵀ
    b_h         bias_ih_l0 + bias_hh_l0        two biases where the equations have one: written as b_h and 0
    b_xh, b_hh  bias_ih_l0, bias_hh_l0         the GRU's, which are two
    W_hy, b_y   fc.weight = W_hyᵀ, fc.bias

Gates stand side by side in the same order, i f g o and r z n. Settings travel as one text, and the log as more arrays.
Nothing is ever unpickled. A file is read only if every length in it is consistent, and no larger than LARGEST.

safetensors is: u64 length of a header · the header in JSON · raw little-endian bytes. It is read here in a few lines
and not by its library, which is a compiled one and is not to be had for Pyodide.
"""

from __future__ import annotations

import io
import json
import math
import struct
import zipfile
import zlib
from collections.abc import Mapping

import numpy as np

from explorer.engine.cells import Params

LARGEST = 64_000_000  # bytes
LONGEST_HEADER = 1_000_000
MOST_ARRAYS = 1_000
BROKEN = (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, struct.error, zlib.error)  # zips
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}  # of .npy files
DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4"}
NAMES = {
    "W_xh": "weight_ih_l0",
    "W_hh": "weight_hh_l0",
    "b_xh": "bias_ih_l0",
    "b_hh": "bias_hh_l0",
    "W_hy": "fc.weight",
    "b_y": "fc.bias",
}
TWO_BIASES = ("bias_ih_l0", "bias_hh_l0")

Arrays = dict[str, np.ndarray]


def to_torch(params: Params) -> Arrays:
    """Our parameters under PyTorch's names, in its layout."""
    arrays = {torch: params[ours].T for ours, torch in NAMES.items() if ours in params}
    if "b_h" in params:
        arrays |= {"bias_ih_l0": params["b_h"], "bias_hh_l0": np.zeros_like(params["b_h"])}
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}


def from_torch(arrays: Mapping[str, np.ndarray], two_biases: bool) -> Params:
    """The inverse; `two_biases` for the GRU. ValueError names what is missing or has the wrong shape."""
    missing = [name for name in NAMES.values() if name not in arrays]
    if missing:
        raise ValueError(f"the file has no {missing[0]}: a network of one layer has {', '.join(NAMES.values())}")
    check_shapes(arrays)
    return to_ours(arrays, two_biases)


def to_ours(arrays: Mapping[str, np.ndarray], two_biases: bool) -> Params:
    """PyTorch's arrays under our names, in our layout; the read-out may be missing."""
    params = {ours: arrays[torch].T.copy() for ours, torch in NAMES.items() if torch in arrays}
    if not two_biases:
        params["b_h"] = params.pop("b_xh") + params.pop("b_hh")
    order = ("W_xh", "W_hh", "b_h", "b_xh", "b_hh", "W_hy", "b_y")
    return {name: params[name] for name in order if name in params}


def check_shapes(arrays: Mapping[str, np.ndarray]) -> None:
    """ValueError unless the arrays are finite floats and fit one another: G gates of H units."""
    for name in NAMES.values():
        array = arrays[name]
        if array.ndim != (2 if "weight" in name else 1) or array.dtype.kind != "f" or not array.size:
            raise ValueError(f"{name} is no matrix or vector of floats (shape {array.shape}, {array.dtype})")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds a number that is not finite")
    (GH, D), H, O = arrays["weight_ih_l0"].shape, arrays["weight_hh_l0"].shape[1], len(arrays["fc.bias"])
    wanted = {"weight_ih_l0": (GH, D), "weight_hh_l0": (GH, H), "fc.weight": (O, H), "fc.bias": (O,)}
    wanted |= dict.fromkeys(TWO_BIASES, (GH,))
    for name, shape in wanted.items():
        if arrays[name].shape != shape:
            raise ValueError(f"{name} has shape {arrays[name].shape}, beside the others it has to be {shape}")


def save_npz(arrays: Arrays, settings: str) -> bytes:
    """An .npz file."""
    file = io.BytesIO()
    np.savez_compressed(file, settings=np.array(settings), **arrays)
    return file.getvalue()


def load_npz(data: bytes) -> tuple[Arrays, str]:
    """The arrays and the settings of an .npz file ("" if it has none); ValueError if it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            items = archive.infolist()
            if sum(item.file_size for item in items) > LARGEST or len(items) > MOST_ARRAYS:  # before unpacking anything
                raise ValueError(f"the file unpacks to more than {LARGEST:,} bytes or {MOST_ARRAYS} arrays")
            arrays = {item.filename.removesuffix(".npy"): load_npy(archive.read(item)) for item in items}
    except BROKEN as error:
        raise ValueError(f"this is no whole .npz file, it may have been cut short: {str(error)[:100]}") from error
    settings = arrays.pop("settings", np.array(""))
    return arrays, str(settings)


def load_npy(data: bytes) -> np.ndarray:
    """The array of an .npy file, whose bytes have to be exactly those that its header promises.

    NumPy's own loader makes room for whatever a header promises before it looks.
    """
    file = io.BytesIO(data)
    try:
        read_header = HEADERS[np.lib.format.read_magic(file)]
        shape, by_columns, dtype = read_header(file)
    except Exception as error:  # the header is text that NumPy parses as Python's: there is no list of what it raises
        raise ValueError(f"this is not an .npy file: {str(error)[:100] or type(error).__name__}") from error
    if dtype.hasobject:
        raise ValueError("its arrays are pickled objects, which are never opened (allow_pickle is off)")
    if dtype.kind not in "fiubU":
        raise ValueError(f"arrays of type {str(dtype)[:30]} cannot be read: save them as float32 or float64")
    body = data[file.tell() :]
    if len(shape) > 8 or min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != len(body):
        raise ValueError("the header of this .npy file promises other bytes than it has: it may have been cut short")
    return np.frombuffer(body, dtype).reshape(shape, order="F" if by_columns else "C").copy()


def save_safetensors(arrays: Arrays, settings: str) -> bytes:
    """A .safetensors file; its metadata hold the settings."""
    header: dict = {"__metadata__": {"settings": settings}}
    kinds, body = {dtype: name for name, dtype in DTYPES.items()}, b""
    for name, array in arrays.items():
        raw = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
        kind = kinds[array.dtype.newbyteorder("<").str]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + body


def load_safetensors(data: bytes) -> tuple[Arrays, str]:
    """The arrays and the settings of a .safetensors file; ValueError if a length, a type or an offset is wrong."""
    if not 8 <= len(data) <= LARGEST:
        raise ValueError(f"this is not a .safetensors file of at most {LARGEST:,} bytes")
    (length,) = struct.unpack_from("<Q", data)
    if length > min(LONGEST_HEADER, len(data) - 8):
        raise ValueError("this is not a .safetensors file: its header is longer than the file, or than any header")
    try:
        header = json.loads(data[8 : 8 + length])
        settings = header.pop("__metadata__", {}).get("settings", "")
        arrays = {str(name): tensor(data[8 + length :], entry) for name, entry in header.items()}
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(
            f"this .safetensors file's header is broken: {type(error).__name__} {str(error)[:100]}"
        ) from error
    return arrays, settings if isinstance(settings, str) else ""


def tensor(body: bytes, entry: dict) -> np.ndarray:
    """One array out of the body; its bytes have to be exactly those that its shape needs."""
    kind, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if kind not in DTYPES:
        raise ValueError(f"arrays of type {str(kind)[:20]} cannot be read: save them as F32 or F64")
    if len(offsets) != 2 or len(shape) > 8 or not all(isinstance(n, int) and n >= 0 for n in (*shape, *offsets)):
        raise ValueError("the header of this .safetensors file holds a shape or an offset that makes no sense")
    begin, end = offsets
    dtype = np.dtype(DTYPES[kind])
    if not begin <= end <= len(body) or end - begin != math.prod(shape) * dtype.itemsize:
        raise ValueError(
            "the header of this .safetensors file promises other bytes than it has: it may have been cut short"
        )
    return np.frombuffer(body[begin:end], dtype).reshape(shape).copy()


FORMATS = {"npz": (save_npz, load_npz), "safetensors": (save_safetensors, load_safetensors)}
