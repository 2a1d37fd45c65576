"""Frames as bytes. Equal parts of all frames are stored once, so a strip of sixty frames stays small.

Layout, little-endian:  u32 length of JSON · JSON (padded with spaces to 8 bytes) · arrays (each padded to 8 bytes)

In the JSON, {"@": i} stands for dictionary number i of `pool`, and {"$": dtype, "at": offset, "shape": […]} for an
array. Matrices can travel as int8 with a `scale`: value = scale · integer, and −128 is NaN.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from typing import Any

import numpy as np

NAN8 = -128
DTYPES = {"f": "float32", "i": "int16", "u": "int16", "b": "int16"}


def pack(frames: Iterable[Any], int8_matrices: bool = False) -> bytes:
    """Any number of frames, nested dictionaries and lists with NumPy arrays in them, as one buffer."""
    packer = Packer(int8_matrices)
    roots = [packer.encode(frame) for frame in frames]
    return joined({"pool": packer.pool, "roots": roots}, bytes(packer.blobs))


def joined(header: dict[str, Any], body: bytes, **lists: Iterable[str]) -> bytes:
    """u32 · JSON · body; the body starts at a multiple of 8. Entries of `lists` are JSON already."""
    parts = [json.dumps(header, separators=(",", ":"), allow_nan=False)[1:-1]]
    parts += [f'"{name}":[{",".join(entries)}]' for name, entries in lists.items()]
    text = f"{{{','.join(parts)}}}".encode()
    text += b" " * (-(len(text) + 4) % 8)
    return struct.pack("<I", len(text)) + text + body


class Packer:
    """Collects the distinct dictionaries (`pool`) and arrays (`blobs`) of everything it encodes."""

    def __init__(self, int8_matrices: bool):
        self.int8_matrices = int8_matrices
        self.pool: list[dict] = []
        self.blobs = bytearray()
        self._places: dict[str, int] = {}
        self._offsets: dict[bytes, int] = {}

    def encode(self, node: Any) -> Any:
        """What stands for `node` in the JSON."""
        if isinstance(node, np.ndarray):
            return self.array(node)
        if isinstance(node, (list, tuple)):
            return [self.encode(item) for item in node]
        if isinstance(node, dict):
            return {"@": self.place({key: self.encode(value) for key, value in node.items()})}
        return node

    def place(self, item: dict) -> int:
        """The number of this dictionary in the pool, where an equal one may stand already."""
        text = repr(item)  # tells apart what JSON tells apart, and is there sooner
        if text not in self._places:
            self._places[text] = len(self.pool)
            self.pool.append(item)
        return self._places[text]

    def array(self, values: np.ndarray) -> dict:
        """Where the array's bytes lie; equal bytes lie there once."""
        head: dict[str, Any] = {"shape": list(values.shape)}
        if self.int8_matrices and values.ndim == 2:
            values, head["scale"] = to_int8(values)
            head["$"] = "int8"
        else:
            head["$"] = DTYPES[values.dtype.kind]
        data = np.ascontiguousarray(values, dtype=head["$"]).tobytes()
        if data not in self._offsets:
            self._offsets[data] = len(self.blobs)
            self.blobs += data + b"\0" * (-len(data) % 8)
        return {**head, "at": self._offsets[data]}


def to_int8(values: np.ndarray) -> tuple[np.ndarray, float]:
    """Values as integers in ±127 times a scale; at most half a step, 0.4% of the largest, is lost."""
    finite = np.isfinite(values)
    peak = float(np.abs(values[finite]).max(initial=0.0))
    scale = peak / 127 if peak > 1e-300 else 1.0  # a subnormal scale would be too coarse to divide by
    return np.where(finite, np.rint(np.where(finite, values, 0.0) / scale), NAN8).astype(np.int8), scale
