"""Sentences that depend on results: a claim has a wording for each outcome, or the build stops.

In a template:

    {% claim "snr-and-size", trend(numbers, sizes) %}
    {% wording "rises" %} ... {{ claim.tau | decimal(2) }} ...
    {% wording "falls" %} ...
    {% wording "unclear", "few" %} ...
    {% endclaim %}

Inside a wording, `claim` is the outcome with all that was measured to reach it.
"""

from typing import NoReturn

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from report.errors import ReportError
from report.prose.inference import Outcome


class Claims(Extension):
    """The `{% claim %}` block of the templates."""

    tags = {"claim"}  # noqa: RUF012 (jinja2 declares it so)

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        """Turn the block into a chain of tests that ends in an error."""
        line = next(parser.stream).lineno
        title = parser.parse_expression()
        parser.stream.expect("comma")
        measured = parser.parse_expression()
        parser.parse_statements(("name:wording",))
        outcome = nodes.Name("claim", "load")
        tests: list[nodes.If] = []
        while not parser.stream.skip_if("name:endclaim"):
            at = parser.stream.expect("name:wording").lineno
            names = [parser.parse_expression()]
            while parser.stream.skip_if("comma"):
                names.append(parser.parse_expression())
            body = parser.parse_statements(("name:wording", "name:endclaim"))
            fits = nodes.Compare(
                nodes.Getattr(outcome, "name", "load"), [nodes.Operand("in", nodes.List(names))]
            )
            tests.append(nodes.If(fits, body, [], [], lineno=at))
        template = nodes.Const(parser.filename or parser.name)
        stop = self.call_method("stop", [title, outcome, template, nodes.Const(line)])
        otherwise: list[nodes.Node] = [nodes.Output([stop], lineno=line)]
        for test in reversed(tests):
            test.else_ = otherwise
            otherwise = [test]
        keep = nodes.Assign(nodes.Name("claim", "store"), measured, lineno=line)
        return nodes.Scope([keep, *otherwise], lineno=line)

    def stop(self, title: str, outcome: Outcome, template: str, line: int) -> NoReturn:
        """Refuse to build a report in which a claim has no true wording."""
        numbers = ", ".join(f"{number.name} = {number.value:g}" for number in outcome.numbers)
        raise ReportError(
            f'{template}:{line}: the claim "{title}" came out as "{outcome.name}" and has no '
            f"wording for it (measured: {numbers}); write one"
        )
