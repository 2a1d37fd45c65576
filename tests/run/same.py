"""What tests of runs compare: small settings, and two results bit for bit."""

from dataclasses import fields, is_dataclass

import numpy as np

from explorer.config import Config

SMALL = Config(sequence_length=8, hidden_size=4, batch_size=2, window=3, truncation="full", clip="none")
FORWARD = ("params", "xs", "targets", "inputs", "classes", "loss_mask", "states", "pre", "factors", "logits", "probs")
FORWARD += ("dlogits", "losses", "loss", "last_row", "last_row_c", "rho", "sigma_max")


def assert_same(a, b):
    """Two results bit for bit: records field by field, dictionaries key by key, NaN equal to NaN."""
    assert type(a) is type(b)
    if is_dataclass(a):
        for f in fields(a):
            assert_same(getattr(a, f.name), getattr(b, f.name))
    elif isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            assert_same(a[key], b[key])
    elif isinstance(a, tuple) and len(a) == len(b):
        for one, other in zip(a, b, strict=True):
            assert_same(one, other)
    else:
        np.testing.assert_array_equal(a, b)


def assert_same_forward(a, b, names=FORWARD):
    for name in names:
        assert_same(getattr(a, name), getattr(b, name))
