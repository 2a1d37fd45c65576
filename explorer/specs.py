"""What a control knows about its field: label, help, URL name, and how a value is checked and read.

A value that cannot be used raises ConfigError, whose sentence says what is allowed and what to do.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, field, replace
from numbers import Real
from typing import Any

MAX_TEXT = 2000
MAX_SYMBOLS = 1000  # more than any page of text has, few enough that one link cannot fill the memory


class ConfigError(ValueError):
    """A value that cannot be used; `field` names it, the message says what is allowed and what to do."""

    def __init__(self, name: str, message: str):
        super().__init__(message)
        self.field = name


@dataclass(frozen=True)
class Spec:
    """What a control knows about its field: label, help, URL name, and how to check and read a value.

    `advanced` is one that a first lecture does not need.
    """

    label: str
    url: str
    help: str
    advanced: bool = field(default=False, kw_only=True)

    def check(self, name: str, value: Any) -> Any:
        """The value as the field stores it, or ConfigError."""
        raise NotImplementedError

    def parse(self, name: str, text: str) -> Any:
        """The value a URL's text stands for, or ConfigError."""
        return self.check(name, text)

    def written(self, value: Any) -> str:
        """A value as its control writes it."""
        return str(value)

    def on_page(self) -> Spec:
        """The Spec as pages narrow it."""
        return self


@dataclass(frozen=True)
class Number(Spec):
    """A number in [low, high]; `whole` for integers; `grid` holds the positions of its slider, where it has one."""

    low: float = 0
    high: float = 1
    whole: bool = False
    grid: tuple[float, ...] = ()

    def on_page(self) -> Number:
        """The same with the range of its slider, which pages keep to."""
        return replace(self, low=self.grid[0], high=self.grid[-1]) if self.grid else self

    def check(self, name: str, value: Any) -> Any:
        kind = "a whole number" if self.whole else "a number"
        remedy = f"choose {kind} from {self.low:,.12g} to {self.high:,.12g}"
        number = isinstance(value, Real) and not isinstance(value, bool)  # NumPy's numbers are Real, its booleans not
        if not number or value != value:  # NaN is the one number that is not itself
            raise ConfigError(name, f"{name} = {short(value)} is not {kind}: {remedy}")
        if not self.low <= value <= self.high:  # compared as it is: a whole number may be too large for a float
            raise ConfigError(name, f"{name} = {plain(value)} is out of range: {remedy}")
        if self.whole and value != int(value):
            raise ConfigError(name, f"{name} = {plain(value)} is not {kind}: {remedy}")
        return int(value) if self.whole else float(value)

    def parse(self, name: str, text: str) -> Any:
        try:
            return self.check(name, float(text))
        except ValueError as error:
            if isinstance(error, ConfigError):
                raise
            return self.check(name, text)


@dataclass(frozen=True)
class Choice(Spec):
    """One of the names of a registry; `titles` says how pages write them, where they differ."""

    options: Iterable[str] = ()
    titles: Mapping[str, str] = field(default_factory=dict)

    def written(self, value: str) -> str:
        return self.titles.get(value, value)

    def check(self, name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in self.options:
            raise ConfigError(name, f"{name} = {short(value)} is unknown: choose one of {', '.join(self.options)}")
        return value


@dataclass(frozen=True)
class Text(Spec):
    """Characters to read, any Unicode, at most `longest` of them."""

    longest: int = MAX_TEXT

    def check(self, name: str, value: Any) -> str:
        if not isinstance(value, str):
            raise ConfigError(name, f"{name} = {short(value)} is not text: type 2 to {self.longest:,} characters")
        if not 2 <= len(value) <= self.longest:
            raise ConfigError(name, f"{name} has {counted(len(value), 'character')}: type 2 to {self.longest:,}")
        symbols = len(set(unicodedata.normalize("NFC", value)))
        if symbols < 2:
            raise ConfigError(
                name, f"{name} = {short(value)} has one symbol only, nothing to predict: type two or more"
            )
        if symbols > MAX_SYMBOLS:
            raise ConfigError(name, f"{name} has {symbols:,} different symbols: use at most {MAX_SYMBOLS:,}")
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise ConfigError(
                name,
                f"{name} holds half a character at position {error.start + 1}: delete it and type it again",
            ) from error
        return value


def counted(n: int, what: str) -> str:
    """1 character, 2 characters."""
    return f"{n:,} {what}{'s' * (n != 1)}"


def plain(number: float) -> str:
    """A number with every digit that it needs to be read back as it was, without a trailing .0."""
    return short(number).removesuffix(".0")


def short(value: Any) -> str:
    """A value as an error message shows it: quoted, and never longer than a line."""
    try:
        text = repr(value)
    except ValueError:  # Python refuses to print whole numbers of more than 4300 digits
        text = f"{type(value).__name__} of very many digits"
    return text if len(text) <= 40 else text[:37] + "…" + text[-1]


MANTISSAS = (10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 26, 28, 30, 33, 36, 40, 44, 48, 50, 55, 60, 65, 70, 75, 80, 90)


def preferred(low: float, high: float) -> tuple[float, ...]:
    """Round numbers on a log scale, 27 a decade: 0.1, 0.11, 0.12, … 0.9, 1, 1.1, … up to `high`."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    numbers = (float(f"{m}e{d - 1}") for d in decades for m in MANTISSAS)
    return tuple(x for x in numbers if low <= x <= high)


def setting(default: Any, spec: Spec) -> Any:
    """A dataclass field that carries its Spec."""
    return field(default=default, metadata={"spec": spec})


def spec_of(config_field: Field) -> Spec:
    """The Spec that a field of Config carries."""
    return config_field.metadata["spec"]
