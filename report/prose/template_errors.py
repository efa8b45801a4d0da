"""Errors in templates, as one line with the file and line of the template."""

import contextlib
import re
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jinja2

from report.customization import Customization
from report.errors import ReportError, nearest
from report.prose import sandbox

MAX_MESSAGE = 1000
"""Most characters of an error's own message, which may contain a value of the template."""


@contextlib.contextmanager
def rendering(environment: jinja2.Environment, customization: Customization) -> Iterator[None]:
    """Render templates inside: within the sandbox's limits, and with readable errors.

    Raises:
        ReportError: a template has an error; the message gives its file and line.
    """
    try:
        with sandbox.limits():
            yield
    except jinja2.TemplateSyntaxError as error:
        message = _shortened(f"{error.message}{_suggestion(error, environment)}")
        file = error.filename or error.name  # Jinja's lexer gives the file as the name
        raise ReportError(f"{file}:{error.lineno}: {message}") from None
    except (Exception, sandbox.TimeLimitError) as error:
        location = _location(error, customization)
        message = _message(error)
        if isinstance(error, ReportError) and any(
            str(folder) in message for folder in customization.folders
        ):
            raise
        if location is None:  # not in a template: our fault, unless it is a limit
            if not isinstance(error, MemoryError | RecursionError | sandbox.TimeLimitError):
                raise
            location = str(customization.folders[0])
        message = _shortened(f"{message}{_suggestion(error, environment)}")
        raise ReportError(f"{location}: {message}") from error


def _message(error: BaseException) -> str:
    """Describe an error; those of limits have no message of their own, or an internal one."""
    match error:
        case sandbox.TimeLimitError():
            return f"rendering took longer than {sandbox.SECONDS:g} s; simplify this template"
        case sandbox.OutputLimitError():
            return f"writes more than {sandbox.MAX_OUTPUT} characters; simplify this template"
        case MemoryError():
            return "needs too much memory; simplify this template"
        case RecursionError():
            return "calls or includes itself without end"
        case jinja2.TemplateNotFound():
            return f"no template is called {error.name}"
        case _:
            return str(error) or type(error).__name__


def _shortened(message: str) -> str:
    message = " ".join(message.split())
    return message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}…"


def _location(error: BaseException, customization: Customization) -> str | None:
    """FILE:LINE of the template that raised the error; None if it was not raised in one."""
    location = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if any(Path(file).is_relative_to(folder) for folder in customization.folders):
            # Jinja has replaced the lines of compiled code in most tracebacks, but not in all.
            template = frame.f_globals.get("__jinja_template__")
            location = f"{file}:{template.get_corresponding_lineno(line) if template else line}"
    return location


def _suggestion(error: BaseException, environment: jinja2.Environment) -> str:
    """Message suffix with the name nearest to an undefined one; empty for other errors."""
    message = str(error)
    if match := re.search(r"No filter named '(\w+)'", message):
        return nearest(match[1], environment.filters)
    if match := re.search(r"'([\w ]+)' is undefined", message):
        return nearest(match[1], map(str, environment.globals))
    if match := re.search(r"'[\w. ]*?(\w+)(?: object)?' has no attribute '(\w+)'", message):
        known = [each for each in environment.globals.values() if type(each).__name__ == match[1]]
        return nearest(match[2], _attributes(known)) if known else ""
    if isinstance(error, jinja2.TemplateNotFound):
        return nearest(str(error.name), environment.list_templates())
    return ""


def _attributes(known: Sequence[Any]) -> list[str]:
    fields = getattr(type(known[0]), "model_fields", {})
    return [*fields, *(name for name in vars(type(known[0])) if not name.startswith("_"))]
