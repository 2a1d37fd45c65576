import unicodedata
from dataclasses import FrozenInstanceError, fields, replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.config import DEFAULT, SPECS, Config, ConfigError, from_query, to_query
from explorer.engine.truncation import TRUNCATIONS
from explorer.specs import Choice, Number, Text

DEFAULTS = {
    "cell": "rnn",
    "activation": "tanh",
    "task": "dogs",
    "sequence_length": 50,
    "batch_size": 1,
    "hidden_size": 16,
    "weight_scale": 1.0,
    "input_scale": 1.0,
    "init": "gaussian",
    "bias": 0.0,
    "loss_at": "last",
    "truncation": "block",
    "window": 10,
    "clip": "norm",
    "clip_at": 1.0,
    "seed": 0,
}
NUMBERS = {name: spec for name, spec in SPECS.items() if isinstance(spec, Number)}
CHOICES = {name: spec for name, spec in SPECS.items() if isinstance(spec, Choice)}
TEXTS = {name: spec for name, spec in SPECS.items() if isinstance(spec, Text)}


def refused(field, value):
    """The message with which Config refuses a value: one sentence that names the field and fits on two lines."""
    with pytest.raises(ConfigError) as caught:
        Config(**{field: value})
    message = str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert caught.value.field == field
    assert message.startswith(field)
    assert len(message) <= 200
    assert "\n" not in message
    return message


def good(spec):
    """A strategy for the values that a field allows."""
    if isinstance(spec, Choice):
        return st.sampled_from(list(spec.options))
    if isinstance(spec, Text):
        characters = st.characters(exclude_categories=["Cs"])
        texts = st.text(characters, min_size=2, max_size=40)
        return texts.filter(lambda text: len(set(unicodedata.normalize("NFC", text))) > 1)
    if spec.whole:
        return st.integers(int(spec.low), int(spec.high))
    return st.floats(spec.low, spec.high)


def together(values):
    """A Config of values that are fine one by one."""
    values["window"] = max(values["window"], TRUNCATIONS[values["truncation"]].min_window)
    return Config(**values)


configs = st.fixed_dictionaries({name: good(spec) for name, spec in SPECS.items()}).map(together)


def test_defaults():
    """As the design page states them."""
    assert {name: getattr(DEFAULT, name) for name in DEFAULTS} == DEFAULTS
    assert [f.name for f in fields(Config) if f.name not in ("network", "reading")] == list(SPECS)


def test_ranges():
    """As the design page states them."""
    ranges = {
        name: (NUMBERS[name].low, NUMBERS[name].high) for name in ("sequence_length", "hidden_size", "batch_size")
    }
    assert ranges == {"sequence_length": (1, 1000), "hidden_size": (1, 256), "batch_size": (1, 64)}


def test_frozen_and_hashable():
    """A Config is a cache key: equal ones hash alike, and none can be changed."""
    a, b = Config(seed=3), Config(seed=np.int64(3))
    assert a == b
    assert hash(a) == hash(b)
    assert len({a, b, DEFAULT}) == 2
    with pytest.raises(FrozenInstanceError):
        a.seed = 4


@pytest.mark.parametrize("name", SPECS)
def test_every_field_says_what_it_is(name):
    """A label, a help text that is a sentence, and a URL name of its own."""
    spec = SPECS[name]
    assert spec.label
    assert spec.help.endswith(".")
    assert [other.url for other in SPECS.values()].count(spec.url) == 1


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_at_the_ends_of_their_range(name):
    """Both ends are allowed, as Python's or NumPy's numbers, and stored as int or float."""
    spec = NUMBERS[name]
    truncation = "full"  # so that every window is allowed
    for value in (spec.low, spec.high):
        kinds = [int, float, np.int64, np.float64] if value == int(value) else [float, np.float64]
        for kind in kinds:
            stored = getattr(Config(**{"truncation": truncation, name: kind(value)}), name)
            assert stored == value
            assert type(stored) is (int if spec.whole else float)


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_out_of_range(name):
    """Just outside, far outside and infinite: the message gives the value and the range."""
    spec = NUMBERS[name]
    step = 1 if spec.whole else 1e-7
    for value in (spec.low - step, spec.high + step, 1e300, -1e300, np.inf, -np.inf, 10**400, -(10**5000)):
        message = refused(name, value)
        assert "out of range" in message
        assert f"from {spec.low:,.12g} to {spec.high:,.12g}" in message
    assert repr(spec.high + step) in refused(name, spec.high + step)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "value",
    [
        np.nan,
        "5",
        b"5",
        "",
        True,
        np.True_,
        None,
        [5],
        np.array([5]),
        np.array([1, 2]),
        5j,
        np.complex128(5),
        {},
        object(),
        "x" * 5000,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_a_number(name, value):
    """Not a number, text, truth values and containers: the message gives the range."""
    message = refused(name, value)
    assert "is not a" in message
    assert f"from {NUMBERS[name].low:,.12g} to {NUMBERS[name].high:,.12g}" in message


@pytest.mark.parametrize("name", [name for name, spec in NUMBERS.items() if spec.whole])
def test_whole_numbers(name):
    """2.5 is refused, 2.0 is 2."""
    assert "2.5 is not a whole number" in refused(name, 2.5)
    assert "is not a whole number" in refused(name, Fraction(5, 2))
    assert getattr(Config(**{name: 2.0}), name) == 2


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("value", ["", "Tanh", "🐕", "x" * 5000, None, 1, True, ["tanh"], np.array(["tanh", "b"])])
def test_unknown_choices(name, value):
    """The message lists what there is."""
    message = refused(name, value)
    for option in CHOICES[name].options:
        assert option in message


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_is_allowed(name):
    """Whatever the registry holds."""
    for option in CHOICES[name].options:
        assert getattr(Config(**{name: option}), name) == option


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "has 0 characters"),
        ("a", "has 1 character:"),
        ("ab" * 1000 + "c", "2,001 characters"),
        ("aaaa", "one symbol only"),
        ("e\u0301", "one symbol only"),  # é in two characters
        ("a\ud800b", "half a character at position 2"),
        (b"ab", "is not text"),
        (None, "is not text"),
        (12, "is not text"),
        (["a", "b"], "is not text"),
    ],
)
def test_bad_texts(name, text, why):
    """Empty, overlong, one symbol, half a surrogate pair, not a text."""
    assert why in refused(name, text)


@pytest.mark.parametrize("text", ["ab", "🐕🦴", "日本", "a\nb", "\x00\x01", "é!", "ab" * 1000])
def test_any_unicode_text_is_kept_as_it_is(text):
    """Two to 2,000 characters of any kind."""
    assert Config(text=text).text == text


@pytest.mark.parametrize("name", [name for name, how in TRUNCATIONS.items() if how.min_window > 1])
def test_windows_too_short_for_their_truncation(name):
    """Two values that are fine one by one: the message names both, and what is allowed."""
    assert Config(truncation=name, window=2).window == 2
    with pytest.raises(ConfigError, match=f"window = 1 is too short for {name} truncation: choose 2 or more"):
        Config(truncation=name, window=1)
    config, problems = from_query({"trunc": name, "window": "1", "T": "7"})
    assert config == Config(truncation=name, sequence_length=7)
    assert len(problems) == 1


@given(configs)
@settings(max_examples=300)
def test_url_round_trip(config):
    """Every Config comes back from its URL exactly, to the last digit."""
    query = to_query(config)
    assert all(isinstance(value, str) for value in query.values())
    assert from_query(query) == (config, [])


def test_a_url_holds_only_what_differs():
    """The defaults are an empty query; one change is one parameter."""
    assert to_query(DEFAULT) == {}
    assert to_query(Config(weight_scale=2.5)) == {"scale": "2.5"}
    assert to_query(Config(sequence_length=200)) == {"T": "200"}
    assert to_query(Config(activation="sigmoid", weight_scale=5)) == {"phi": "sigmoid", "scale": "5"}
    assert from_query({}) == (DEFAULT, [])
    assert from_query({"unknown": "1", "utm_source": "mail"}) == (DEFAULT, [])


@pytest.mark.parametrize("name", SPECS)
@given(text=st.text(max_size=60))
@settings(max_examples=60)
def test_any_text_in_a_url(name, text):
    """It never raises: the value is used, or the default with one short sentence; all else stays as it was."""
    others = {"seed": "5", "T": "7", "phi": "relu"}
    others.pop(SPECS[name].url, None)
    config, problems = from_query({**others, SPECS[name].url: text})
    kept, _ = from_query(others)
    assert len(problems) <= 1
    if problems:
        assert config == kept
        assert SPECS[name].url in problems[0]
        assert "default" in problems[0]
        assert len(problems[0]) <= 300
    else:
        assert replace(config, **{name: getattr(kept, name)}) == kept


@given(st.dictionaries(st.sampled_from([spec.url for spec in SPECS.values()]), st.text(max_size=20)))
@settings(max_examples=300)
def test_any_query(query):
    """Any number of bad values at once: at most one sentence each, and a Config."""
    config, problems = from_query(query)
    assert isinstance(config, Config)
    assert len(problems) <= len(query) + 1


@pytest.mark.parametrize(
    "text", ["nan", "inf", "-1e999", "", " ", "1e5", "0x10", "12abc", "½", "true", "\ud800", "9" * 5000]
)
def test_bad_numbers_in_a_url(text):
    """One sentence that names the parameter and the default that stands in."""
    config, problems = from_query({"T": text, "scale": "2"})
    assert config == Config(weight_scale=2)
    assert len(problems) == 1
    assert "50" in problems[0]
