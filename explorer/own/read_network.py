"""A network that somebody brings: bytes of a file → `Network`, or a sentence on what was found and what is expected.

Nothing is unpickled, nothing is unpacked that is larger than it may be, and no number that is not finite gets in.
"""

from __future__ import annotations

import numpy as np

from explorer.config import SPECS
from explorer.engine.cells import CELLS, Cell
from explorer.engine.own import Network
from explorer.engine.storage import TWO_BIASES, Arrays, load_npz, load_safetensors, to_ours
from explorer.specs import short

LARGEST = 10_000_000  # bytes of a file
WIDEST = 1_024  # inputs, outputs
EXPECTED = "weight_ih_l0 (G·H, D) and weight_hh_l0 (G·H, H), with G = 1 for RNN, 3 for GRU, 4 for LSTM"


def read_network(data: bytes, name: str) -> tuple[Network, list[str]]:
    """The network in an .npz or .safetensors file, and what else is in it and is not used, each with its shape.

    ValueError where there is none.
    """
    within(data)
    if data[:4] == b"PK\x03\x04":
        if b"data.pkl" in data:  # torch.save writes a zip file too
            raise ValueError(
                "This is a file of torch.save, which holds a pickle: opening it could run any code, so it is never "
                "opened here. Save the same state_dict as .npz or .safetensors, as shown below"
            )
        arrays, _ = load_npz(data)
    elif name.lower().endswith(".safetensors"):
        arrays, _ = load_safetensors(data)
    else:
        raise ValueError(
            f"{short(name)} is neither an .npz nor a .safetensors file (it begins with {data[:8]!r}): save the "
            "state_dict as shown below"
        )
    return network_of(arrays, name)


def network_of(arrays: Arrays, name: str) -> tuple[Network, list[str]]:
    """The first layer, with any prefix before its names, and the output layer if there is one."""
    (prefix,) = prefixes(arrays)
    found = {key.removeprefix(prefix): W for key, W in arrays.items() if key.startswith(prefix)}
    if "weight_hr_l0" in found:
        raise ValueError("This LSTM has a projection (weight_hr_l0), which is not supported: save one with proj_size=0")
    layer = {key: found[key] for key in ("weight_ih_l0", "weight_hh_l0", *TWO_BIASES) if key in found}
    for key, W in layer.items():
        check_numbers(key, W, 2 if "weight" in key else 1)
    cell = cell_of(layer)
    GH, H = layer["weight_hh_l0"].shape
    for key in TWO_BIASES:  # bias=False leaves them out
        if layer.setdefault(key, np.zeros(GH)).shape != (GH,):
            raise ValueError(f"{key} has shape {layer[key].shape}, expected ({GH},) beside weight_hh_l0 ({GH}, {H})")
    head = output_layer({key: W for key, W in arrays.items() if key.removeprefix(prefix) not in layer}, H)
    used = {prefix + key for key in layer} | set(head.values())
    params = {key: W.astype(float) for key, W in layer.items()}
    params |= {ours: arrays[key].astype(float) for ours, key in head.items()}
    if "fc.weight" in params:
        params.setdefault("fc.bias", np.zeros(len(params["fc.weight"])))
    unused = [f"{short(key)} {arrays[key].shape}" for key in arrays if key not in used]
    return Network(name, cell, to_ours(params, "b_hh" in shapes(CELLS[cell]))), unused


def prefixes(arrays: Arrays) -> list[str]:
    """What stands before weight_ih_l0: exactly one thing, e.g. "rnn."; ValueError names what was found instead."""
    made = [key.removesuffix("weight_ih_l0") for key in arrays if key.endswith("weight_ih_l0")]
    there = ", ".join(f"{short(key)} {W.shape}" for key, W in list(arrays.items())[:8]) or "no array at all"
    if len(made) != 1:
        many = "more than one weight_ih_l0: save one network" if made else f"no weight_ih_l0. Expected: {EXPECTED}"
        raise ValueError(f"The file has {many}. Found: {there}{' …' if len(arrays) > 8 else ''}")
    if made[0] + "weight_hh_l0" not in arrays:
        raise ValueError(f"The file has weight_ih_l0 but no weight_hh_l0. Expected: {EXPECTED}. Found: {there}")
    return made


def cell_of(layer: Arrays) -> str:
    """The cell whose number of gates these shapes have."""
    (GH, D), (GH_too, H) = layer["weight_ih_l0"].shape, layer["weight_hh_l0"].shape
    gates = {shapes(cell)["W_hh"][1]: name for name, cell in CELLS.items()}
    if GH_too != GH or GH % H or GH // H not in gates:
        raise ValueError(
            f"weight_ih_l0 has shape {(GH, D)} and weight_hh_l0 {(GH_too, H)}, which fit none of "
            f"{', '.join(f'{name} (G = {G})' for G, name in gates.items())}. Expected: {EXPECTED}"
        )
    most = SPECS["hidden_size"].high  # type: ignore[attr-defined]
    if not 1 <= D <= WIDEST or not 1 <= H <= most:
        raise ValueError(f"This network has D = {D} and H = {H}: bring one with D up to {WIDEST} and H up to {most}")
    return gates[GH // H]


def shapes(cell: Cell) -> dict[str, tuple[int, ...]]:
    """Of its parameters with one input and one unit: W_hh (1, G)."""
    return cell.shapes(1, 1)


def output_layer(others: Arrays, H: int) -> dict[str, str]:
    """{"fc.weight": name in the file, "fc.bias": …} of the one linear layer with H columns; {} if there is none."""
    heads = [key.removesuffix("weight") for key in others if key == "weight" or key.endswith(".weight")]
    heads = [head for head in heads if others[head + "weight"].shape[1:] == (H,) and "emb" not in head.lower()]
    named_fc = [head for head in heads if head in ("fc.", "model.fc.")]
    heads = named_fc or heads
    if len(heads) > 1:
        names = ", ".join(short(head + "weight") for head in heads)
        raise ValueError(f"Any of {names} could be the output layer: save one of them only, or call it fc")
    if not heads:
        return {}
    head = {f"fc.{part}": heads[0] + part for part in ("weight", "bias") if heads[0] + part in others}
    check_numbers(head["fc.weight"], others[head["fc.weight"]], 2)
    O = len(others[head["fc.weight"]])
    if not 2 <= O <= WIDEST:
        raise ValueError(f"{short(head['fc.weight'])} has {O} outputs: bring a layer with 2 to {WIDEST} classes")
    if "fc.bias" in head:
        check_numbers(head["fc.bias"], others[head["fc.bias"]], 1)
        if others[head["fc.bias"]].shape != (O,):
            raise ValueError(f"{short(head['fc.bias'])} has shape {others[head['fc.bias']].shape}, expected ({O},)")
    return head


def check_numbers(name: str, W: np.ndarray, axes: int) -> None:
    """ValueError unless W is a matrix or vector of finite floats with at least one entry."""
    kind = "a matrix" if axes == 2 else "a vector"
    if W.ndim != axes or not W.size:
        raise ValueError(f"{short(name)} has shape {W.shape}, expected {kind}")
    if W.dtype.kind != "f":
        raise ValueError(f"{short(name)} is of type {W.dtype}, expected float32 or float64: save it with .float()")
    if not np.isfinite(W).all():
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(W))[0])
        raise ValueError(f"{short(name)} holds {W[at]} at {list(at)}: every weight has to be a finite number")


def within(data: bytes) -> None:
    """ValueError for a file that is too large."""
    if len(data) > LARGEST:
        raise ValueError(f"The file has {len(data):,} bytes: bring one of {LARGEST:,} at most")
