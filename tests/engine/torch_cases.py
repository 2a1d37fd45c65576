"""Writes torch_cases.npz: one small nn.RNN, nn.LSTM and nn.GRU with an nn.Linear, their weights, inputs and outputs.

python tests/engine/torch_cases.py         needs PyTorch; the file it writes lets the tests do without
"""

from pathlib import Path

CASES = Path(__file__).with_suffix(".npz")


def main():
    import numpy as np
    import torch

    torch.manual_seed(0)
    arrays = {"xs": torch.randn(7, 2, 3, dtype=torch.float64)}
    for name in ("rnn", "lstm", "gru"):
        net = getattr(torch.nn, name.upper())(3, 4, dtype=torch.float64)
        fc = torch.nn.Linear(4, 5, dtype=torch.float64)
        arrays |= {f"{name}.{key}": value for key, value in net.state_dict().items()}
        arrays |= {f"{name}.fc.{key}": value for key, value in fc.state_dict().items()}
        arrays[f"{name}.outputs"] = fc(net(arrays["xs"])[0])
    np.savez_compressed(CASES, **{key: value.detach().numpy() for key, value in arrays.items()})


if __name__ == "__main__":
    main()
