"""Group accepted tests by listener."""

from collections.abc import Iterable
from typing import TypeVar

from pipeline.listening.answer_format import Answers

_Test = TypeVar("_Test", bound=Answers)

ListenerKey = tuple[str, str]
"""Nickname and, without one, the test's checksum: each such test counts as another listener."""


def listener_key(test: Answers) -> ListenerKey:
    """Who answered a test."""
    return test.listener, "" if test.listener else test.check


def by_listener(tests: Iterable[_Test]) -> dict[ListenerKey, list[_Test]]:
    """The tests of each listener, in the order of their first."""
    found: dict[ListenerKey, list[_Test]] = {}
    for test in tests:
        found.setdefault(listener_key(test), []).append(test)
    return found
