"""Functions and values of the engine as text, together with everything of the engine that they need."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from textwrap import dedent, indent
from types import ModuleType
from typing import Any

import numpy as np

ENGINE = "explorer.engine."
INDENT = "    "
PLAIN = (int, float, str, type(None))
SHORT = 80  # characters between brackets that stay in one line


class Sources:
    """What has been asked for so far: `imports`, and `made`, {name: definition}; what is needed stands first.

    Names in `later` are left out until they are added with a value of the caller's: a table, cut down to the entries
    that are used.
    """

    def __init__(self, later: tuple[str, ...] = ()):
        self.imports: dict[str, None] = {}
        self.made: dict[str, str] = {}
        self.later = later
        self.names: list[tuple[Any, str]] = []  # of values that were added
        self.kept: dict[type, tuple[str, ...]] = {}  # of dataclasses, the fields that the script needs

    def function(self, function: Callable) -> None:
        """A function under its own name; what is NumPy's or an expression needs no definition."""
        if inspect.isfunction(function) and function.__name__ != "<lambda>":
            self.need(function.__name__, function)

    def need(self, name: str, value: Any) -> None:
        """A name that some lines use, unless it is there already or comes later."""
        if name not in self.made and name not in self.later and value is not np:
            self.add(name, value)

    def add(self, name: str, value: Any) -> None:
        """Define a name."""
        if isinstance(value, ModuleType):
            self.imports[f"import {value.__name__}"] = None
        elif inspect.isclass(value) and is_dataclass(value):
            self.record(value, tuple(f.name for f in fields(value)))
        elif inspect.isroutine(value) or inspect.isclass(value):
            if value.__module__.startswith(ENGINE):
                self.made[name] = self.lines(value)
            else:
                self.imports[f"from {value.__module__} import {name}"] = None
        elif is_dataclass(value) or isinstance(value, (*PLAIN, tuple, dict)):
            self.made[name] = f"{name} = {self.written(value)}"
            self.names.append((value, name))

    def lines(self, value: Callable) -> str:
        """The lines of a function or class; what they use is there before them."""
        text = without_annotations(dedent(inspect.getsource(value)))
        known = vars(sys.modules[value.__module__])
        for used in names(text):
            if used in known and used != value.__name__:
                self.need(used, known[used])
        return text

    def record(self, kind: type, with_fields: tuple[str, ...]) -> None:
        """A dataclass as a named tuple of these fields, with those of its methods that the lines so far call."""
        self.kept[kind] = with_fields
        self.imports["from collections import namedtuple"] = None
        kept = [f for f in fields(kind) if f.name in with_fields]
        defaults = tuple(f.default for f in kept if isinstance(f.default, PLAIN))
        bare = f'namedtuple("{kind.__name__}", "{" ".join(with_fields)}"{f", defaults={defaults}" * bool(defaults)})'
        body = [indent(self.lines(method), INDENT) for method in self.methods(kind)]
        if body:
            self.made[kind.__name__] = f"class {kind.__name__}({bare}):\n" + "\n\n".join(body)
        else:
            self.made[kind.__name__] = f"{kind.__name__} = {bare}"

    def methods(self, kind: type) -> list[Callable]:
        """Those of its methods that the lines so far ask for."""
        asked = attributes(*self.made.values()) - {f.name for f in fields(kind)}
        return [value for name, value in vars(kind).items() if inspect.isfunction(value) and name in asked]

    def written(self, value: Any, depth: int = 0) -> str:
        """A value as an expression. Of a dataclass, only the fields that are asked for: add what asks first."""
        for known, name in self.names:
            if known is value:
                return name
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.written(k)}: {self.written(v)}" for k, v in value.items()) + "}"
        if isinstance(value, tuple):
            return listed("()", [self.written(each, depth + 1) for each in value], depth)
        if is_dataclass(value):
            return self.instance(value, depth)
        if callable(value):
            self.function(value)
            return spelled(value)
        return repr(value)

    def instance(self, value: Any, depth: int) -> str:
        """A dataclass's value, by the names of its fields."""
        kind = type(value)
        if kind not in self.kept:
            asked = attributes(*self.made.values(), *map(inspect.getsource, self.methods(kind)))
            self.record(kind, tuple(f.name for f in fields(kind) if f.name in asked))
        members = [f"{name}={self.written(getattr(value, name), depth + 1)}" for name in self.kept[kind]]
        return kind.__name__ + listed("()", members, depth)


def sources(*functions: Callable) -> tuple[list[str], list[str]]:
    """(imports, definitions) that make these functions run without the engine; what is called stands first."""
    found = Sources()
    for function in functions:
        found.function(function)
    return list(found.imports), list(found.made.values())


def listed(brackets: str, members: list[str], depth: int) -> str:
    """Values between brackets: in one line where they fit, else each in its own."""
    line = ", ".join(members)
    if len(line) <= SHORT and "\n" not in line:
        return brackets[0] + line + "," * (len(members) == 1) + brackets[1]
    lines = "".join(f"{INDENT * (depth + 1)}{member},\n" for member in members)
    return f"{brackets[0]}\n{lines}{INDENT * depth}{brackets[1]}"


def attributes(*texts: str) -> set[str]:
    """The names that some lines ask values for: x.name."""
    return set(re.findall(r"\.([a-z_]\w*)", "\n".join(texts)))


def without_annotations(text: str) -> str:
    """The same lines, every function with a plain first line: a script need not know the engine's types."""
    lines = text.rstrip().splitlines()
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    for function in sorted(functions, key=lambda node: -node.lineno):  # from below, so that numbers of lines stay true
        for argument in ast.walk(function.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        first = f"{' ' * function.col_offset}def {function.name}({ast.unparse(function.args)}):"
        lines[function.lineno - 1 : function.body[0].lineno - 1] = [first]
    return "\n".join(lines)


def names(text: str) -> Iterator[str]:
    """The names that some lines use."""
    return (node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))


def spelled(function: Any) -> str:
    """How a script writes a function: its name, NumPy's, or the lambda itself."""
    if isinstance(function, np.ufunc) or not function.__module__.startswith(ENGINE):
        return f"np.{function.__name__}"
    if function.__name__ != "<lambda>":
        return function.__name__
    line = "(" + inspect.getsource(function).strip().partition(": ")[2].rstrip(",") + ")"  # its line in a table
    return next(ast.unparse(node) for node in ast.walk(ast.parse(line)) if isinstance(node, ast.Lambda))
