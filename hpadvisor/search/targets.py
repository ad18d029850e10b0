"""The user's function: found by its name, and asked what it takes."""

from __future__ import annotations

import difflib
import importlib
import inspect
import sys
from pathlib import Path

from hpadvisor.search.job import Job, Training
from hpadvisor.search.problems import NotWrittenError, TuneError


def load_target(target: str) -> Training:
    """Import "module:function".

    Raises:
        TuneError: Anything that is wrong with it, in one line.
    """
    module_name, _, name = target.partition(":")
    if not module_name or not name or "/" in module_name or module_name.endswith(".py"):
        raise TuneError(f"--target {target}: write module:function, for example train:objective")
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        text = " ".join(f"{type(error).__name__}: {error}".split())
        raise TuneError(f"--target {target}: {module_name} cannot be imported ({text})") from None
    function = getattr(module, name, None)
    if not callable(function):
        near = difflib.get_close_matches(name, [n for n in vars(module) if n[0] != "_"], 1)
        hint = f"; did you mean {module_name}:{near[0]}?" if near else ""
        raise TuneError(f"--target {target}: {module_name} has no function {name}{hint}")
    check_arguments(function, f"--target {target}")
    return function  # type: ignore[no-any-return]


def chosen_target(name: str | None, function: Training | None) -> str | Training:
    """Return what trains: the named function, else the script's own.

    Raises:
        TuneError: Neither is there, or what is named cannot be used.
    """
    if name:
        load_target(name)
        return name
    if function is not None and is_written(function):
        check_arguments(function, "the script's function")
        return function
    raise TuneError(
        "--target is missing: name the function that trains once, module:function, or write it "
        "into the script"
    )


def function_of(job: Job) -> Training:
    """Return the function that a job trains with."""
    return load_target(job.target) if isinstance(job.target, str) else job.target


def is_written(function: Training) -> bool:
    """Tell whether an emitted script's own function has been written, or is still its stub."""
    code = getattr(function, "__code__", None)
    return code is None or NotWrittenError.__name__ not in code.co_names


def takes_seed(function: Training) -> bool:
    """Tell whether a function has an argument named ``seed``."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
    return "seed" in parameters


def check_arguments(function: Training, place: str) -> None:
    """Check that a function takes what it is given.

    Raises:
        TuneError: It does not.
    """
    try:
        keywords = {"seed": 0} if takes_seed(function) else {}
        inspect.signature(function).bind({}, None, **keywords)
    except TypeError as error:
        raise TuneError(f"{place}: must take (params, report); {error}") from None
    except ValueError:
        pass
