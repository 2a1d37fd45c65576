"""Functions of the engine as text, together with everything of the engine that they call."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from types import ModuleType
from typing import Any

import numpy as np

ENGINE = "explorer.engine."


def sources(*functions: Callable) -> tuple[list[str], list[str]]:
    """(imports, definitions) that make these functions run without the engine; what is called stands first."""
    imports: dict[str, None] = {}
    made: dict[str, str] = {}

    def add(name: str, value: Any) -> None:
        if name in made or value is np:
            return
        if isinstance(value, ModuleType):
            imports[f"import {value.__name__}"] = None
        elif inspect.isclass(value) and is_dataclass(value):
            imports["from collections import namedtuple"] = None
            made[name] = f'{name} = namedtuple("{name}", "{" ".join(f.name for f in fields(value))}")'
        elif inspect.isfunction(value) and value.__module__.startswith(ENGINE):
            text = without_annotations(inspect.getsource(value))
            for called in names(text):
                if called in value.__globals__ and called != name:
                    add(called, value.__globals__[called])
            made[name] = text
        elif isinstance(value, (int, float, str, tuple, dict)):
            made[name] = f"{name} = {value!r}"

    for function in functions:
        if inspect.isfunction(function) and function.__name__ != "<lambda>":
            add(function.__name__, function)
    return list(imports), list(made.values())


def without_annotations(text: str) -> str:
    """A function's lines with a plain first line: a script need not know the engine's types."""
    (function,) = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef)
    for argument in ast.walk(function.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    body = text.splitlines()[function.body[0].lineno - 1 :]
    return "\n".join([f"def {function.name}({ast.unparse(function.args)}):", *body])


def names(text: str) -> Iterator[str]:
    """The names that a function's lines use."""
    return (node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))


def spelled(function: Any) -> str:
    """How a script writes a function: its name, NumPy's, or the lambda itself."""
    if isinstance(function, np.ufunc) or not function.__module__.startswith(ENGINE):
        return f"np.{function.__name__}"
    if function.__name__ != "<lambda>":
        return function.__name__
    line = "(" + inspect.getsource(function).strip().partition(": ")[2].rstrip(",") + ")"  # its line in a table
    return next(ast.unparse(node) for node in ast.walk(ast.parse(line)) if isinstance(node, ast.Lambda))
