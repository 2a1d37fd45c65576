"""The inverse of explorer/live/packing.py, as board.js does it, for tests."""

from __future__ import annotations

import json
import math
import struct
from typing import Any

import numpy as np

from explorer.live.packing import NAN8


def unjoin(data: bytes) -> tuple[dict, bytes]:
    """u32 · JSON · body."""
    (length,) = struct.unpack_from("<I", data)
    assert (4 + length) % 8 == 0
    return json.loads(data[4 : 4 + length]), data[4 + length :]


def unpack(data: bytes) -> list[Any]:
    """The frames in a buffer; equal parts come out as one object, as they were stored."""
    header, body = unjoin(data)
    made: dict[int, dict] = {}

    def decode(node: Any) -> Any:
        if isinstance(node, list):
            return [decode(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "@" in node:
            place = node["@"]
            if place not in made:
                made[place] = {key: decode(value) for key, value in header["pool"][place].items()}
            return made[place]
        return array(node, body)

    return [decode(root) for root in header["roots"]]


def array(head: dict, body: bytes) -> np.ndarray:
    """The array that a head describes; int8 comes back as numbers, and its −128 as NaN."""
    assert head["at"] % 8 == 0
    flat = np.frombuffer(
        body, dtype=np.dtype(head["$"]).newbyteorder("<"), count=math.prod(head["shape"]), offset=head["at"]
    )
    values = flat.reshape(head["shape"])
    return values if "scale" not in head else np.where(values == NAN8, np.nan, values * head["scale"])
