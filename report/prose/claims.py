"""The `{% claim %}` block: a sentence per possible outcome of a test.

In a template:

    {% claim "snr-and-size", trend(numbers, sizes) %}
    {% wording "rises" %} ... {{ claim.low | decimal(1) }} ...
    {% wording "falls" %} ...
    {% wording "unclear", "few" %} ...
    {% endclaim %}

Inside a wording, `claim` is the `Outcome` of the test. An outcome without a wording stops the
build.
"""

from typing import NoReturn

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from report.errors import ReportError
from report.statistics.inference import Outcome


class Claims(Extension):
    """Jinja extension for the `{% claim %}` block."""

    tags = {"claim"}  # noqa: RUF012 (declared so by jinja2)

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        """Compile the block to an if/elif chain whose else branch calls `stop`."""
        line = next(parser.stream).lineno
        title = parser.parse_expression()
        parser.stream.expect("comma")
        tested = parser.parse_expression()
        parser.parse_statements(("name:wording",))
        outcome = nodes.Name("claim", "load")
        branches: list[nodes.If] = []
        while not parser.stream.skip_if("name:endclaim"):
            wording_line = parser.stream.expect("name:wording").lineno
            names = [parser.parse_expression()]
            while parser.stream.skip_if("comma"):
                names.append(parser.parse_expression())
            body = parser.parse_statements(("name:wording", "name:endclaim"))
            matches = nodes.Compare(
                nodes.Getattr(outcome, "name", "load"), [nodes.Operand("in", nodes.List(names))]
            )
            branches.append(nodes.If(matches, body, [], [], lineno=wording_line))
        template = nodes.Const(parser.filename or parser.name)
        stop = self.call_method("stop", [title, outcome, template, nodes.Const(line)])
        otherwise: list[nodes.Node] = [nodes.Output([stop], lineno=line)]
        for branch in reversed(branches):
            branch.else_ = otherwise
            otherwise = [branch]
        assign = nodes.Assign(nodes.Name("claim", "store"), tested, lineno=line)
        return nodes.Scope([assign, *otherwise], lineno=line)

    def stop(self, title: str, outcome: Outcome, template: str, line: int) -> NoReturn:
        """Raise ReportError: the claim has no wording for its outcome."""
        numbers = ", ".join(f"{number.name} = {number.value:g}" for number in outcome.numbers)
        raise ReportError(
            f'{template}:{line}: the claim "{title}" has the outcome "{outcome.name}" and no '
            f"wording for it (measured: {numbers}); add one"
        )
