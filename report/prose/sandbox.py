"""The sandbox that templates are rendered in: they may come from someone else, so they are data.

A template reads the values of our objects and calls their functions, and nothing that leads from
there to files, modules or classes. What it spends is bounded: time, memory, output and the size of
a product. The memory is bounded on Linux only. A single operation of the interpreter cannot be
interrupted; products and powers, which can be endless, are checked first.
"""

import contextlib
import ctypes
import datetime
import inspect
import itertools
import resource
import threading
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel

SECONDS = 60.0
"""Longest time that the templates of a document, or of all pages, may take."""

RETRY_SECONDS = 1.0
"""Time between two attempts to interrupt templates."""

MEMORY = 2 << 30
"""Most bytes of memory that they may need."""

MAX_OUTPUT = 10**8
"""Most characters that a template may write, and that `*` may make of a string."""

MAX_BITS = 4096
"""Most bits of the result of an integer product or power."""

CHUNK = 10_000
"""Strings that are joined at a time."""

STATM = Path("/proc/self/statm")

PLAIN = (str, int, float, bool, tuple, list, dict, datetime.date)
"""Types of plain data. Subclasses are not: NumPy's floats can write files."""

OURS = ("jinja2", "markupsafe", "pipeline", "report")
"""Packages whose objects a template may read the attributes of."""


class TimeLimitError(BaseException):
    """Templates took longer than `SECONDS`.

    Not an `Exception`, which Jinja catches where it evaluates constants.
    """


class OutputLimitError(Exception):
    """A template wrote more than `MAX_OUTPUT`."""


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, limited to plain data and to our own objects."""

    intercepted_binops = frozenset({"*", "**"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._safe: dict[tuple[type, str, type], bool] = {}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Allow what our own classes and plain data define, except paths, modules and classes."""
        # The answer depends on types only; asking each time would take a tenth of the rendering.
        kinds = type(obj), attr, type(value)
        if kinds not in self._safe:
            ours = type(obj) in PLAIN or type(obj).__module__.partition(".")[0] in OURS
            self._safe[kinds] = (
                ours
                and not (isinstance(obj, BaseModel) and hasattr(BaseModel, attr))
                and not isinstance(value, Path | ModuleType | type)
                and super().is_safe_attribute(obj, attr, value)
            )
        return self._safe[kinds]

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Multiply or raise to a power, unless the result would be too large."""
        if isinstance(left, int) and isinstance(right, int):
            bits, other = left.bit_length(), right.bit_length()
            if (bits * right if operator == "**" else bits + other) > MAX_BITS:
                raise OverflowError("the integer is too large")
        elif operator == "*":
            for sequence, count in ((left, right), (right, left)):
                repeated = isinstance(sequence, str | list | tuple) and isinstance(count, int)
                if repeated and len(sequence) * count > MAX_OUTPUT:
                    raise OverflowError(f"the result has more than {MAX_OUTPUT} elements")
        return super().call_binop(context, operator, left, right)

    @staticmethod
    def concat(parts: Iterable[str]) -> str:
        """Join what a template writes; too much of it is an error of the line that writes it."""
        if not isinstance(parts, Generator):
            return "".join(parts)
        texts: list[str] = []
        size = 0
        try:
            while chunk := list(itertools.islice(parts, CHUNK)):
                size += len(chunk) + sum(map(len, chunk))
                if size > MAX_OUTPUT:
                    raise OutputLimitError
                texts.append("".join(chunk))
            return "".join(texts)
        except (OutputLimitError, MemoryError, TimeLimitError) as error:
            if inspect.getgeneratorstate(parts) == inspect.GEN_SUSPENDED:
                _innermost(parts).throw(error)
            raise

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parser = Parser(self, source, name, filename)
        try:
            return parser.parse()
        except RecursionError:
            raise _nested(parser.stream.current.lineno, name, filename) from None

    def compile(self, source: Any, name: Any = None, filename: Any = None, *args: Any) -> Any:
        """Compile a template; nesting too deep for Python is an error of the template."""
        try:
            return super().compile(source, name, filename, *args)
        except (RecursionError, SyntaxError, MemoryError):
            line = _deepest_line(self._parse(source, name, filename))
            raise _nested(line, name, filename) from None


def _innermost(parts: Generator[str, None, None]) -> Generator[str, None, None]:
    """Return the generator of the included template that is writing.

    Compiled templates call the generator of a template that they include `gen`.
    """
    while isinstance(inner := inspect.getgeneratorlocals(parts).get("gen"), Generator):
        if inspect.getgeneratorstate(inner) != inspect.GEN_SUSPENDED:
            break
        parts = inner
    return parts


def _nested(line: int, name: str | None, filename: str | None) -> TemplateSyntaxError:
    return TemplateSyntaxError("expressions or blocks are nested too deeply", line, name, filename)


def _deepest_line(template: nodes.Template) -> int:
    """Return the line of the most deeply nested node, found without recursion."""
    level: list[nodes.Node] = [template]
    while below := [child for node in level for child in node.iter_child_nodes()]:
        level = below
    return level[0].lineno


@contextlib.contextmanager
def limits() -> Iterator[None]:
    """Bound the time and memory of the code inside.

    Raises:
        TimeLimitError: it takes longer than `SECONDS`; raised where it is.
        MemoryError: it needs more than `MEMORY`, on Linux.
    """
    thread = ctypes.c_ulong(threading.get_ident())
    done = threading.Event()

    def interrupt() -> None:
        # Python ignores errors in finalizers and callbacks of the garbage collector, so it is
        # raised again until it is raised in the code inside.
        seconds = SECONDS
        while not done.wait(seconds):
            error = ctypes.py_object(TimeLimitError)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, error)
            seconds = RETRY_SECONDS

    timer = threading.Thread(target=interrupt, daemon=True)
    timer.start()
    try:
        with _memory_limit():
            yield
    finally:
        done.set()
        timer.join()  # if it has fired, the error is raised in here at the latest


@contextlib.contextmanager
def _memory_limit() -> Iterator[None]:
    """Lower the process's limit of data to `MEMORY` more than it has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if not STATM.exists():
        yield
        return
    pages = int(STATM.read_text(encoding="ascii").split()[5])
    limit = pages * resource.getpagesize() + MEMORY
    if soft == resource.RLIM_INFINITY or limit < soft:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
