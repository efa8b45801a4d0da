"""The `{% claim %}` tag: a sentence per possible outcome of a test.

In a template:

    {% claim "snr-and-size", trend(numbers, sizes) %}
    rises: ... {{ claim.low | decimal(1) }} ...
    falls: ...
    unclear, few:

The lines that follow, each with names of outcomes, a colon and their wording, are the claim's;
`claim` in them is the `Outcome` of the test. An outcome without a wording stops the build.

A claim is a sentence of its paragraph: it follows what precedes, after a space unless it begins
with a punctuation mark, and nothing remains of an empty one. One that ends as a loop does is said
of each item:

    {% claim "mean-" ~ model.family, mixing(model) for model in models if model.layers %}
"""

import re
from typing import NoReturn

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from report.errors import ReportError
from report.statistics.inference import Outcome

# Unicode noncharacters, which no text contains.
START, END = "\ufdd0", "\ufdd1"
_OUTCOMES = r"[a-z_]+(?:, [a-z_]+)*"
_WORDING = re.compile(rf"^[ \t]*({_OUTCOMES}):[ \t]*", re.MULTILINE)
_CLAIM = re.compile(
    r"^[ \t]*(?P<tag>\{% claim\b(?:[^%]|%(?!\}))*%\}\n)"
    rf"(?P<wordings>(?:[ \t]*{_OUTCOMES}:.*(?:\n|\Z))+)",
    re.MULTILINE,
)
_MARK = r"(?:\\?[,;.)]|:(?!:))"
_BEFORE_MARK = re.compile(rf"[ \n]?{START}(?={_MARK})|{END}\n(?={START}?{_MARK})")


def join(text: str) -> str:
    """Return a rendered text with its claims joined to their paragraphs."""
    # An empty claim takes the end of its line with it, unless it shares the line with another.
    text = re.sub(rf"(?<={END}){START}{END}", "", text)
    text = re.sub(rf"{START}{END}\n?", "", text)
    text = _BEFORE_MARK.sub("", text)
    text = re.sub(rf"(?<=\S){START}", "\n", text)
    return re.sub(f"[{START}{END}]", "", text)


class Claims(Extension):
    """Jinja extension for the `{% claim %}` tag."""

    tags = {"claim"}  # noqa: RUF012 (declared so by jinja2)

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Turn the lines of each claim into `{% wording %}` tags, on the same lines."""

        def tagged(claim: re.Match[str]) -> str:
            wordings = _WORDING.sub(
                lambda line: "{%- wording " + str(line[1].split(", "))[1:-1] + " -%}",
                claim["wordings"].rstrip(),
            )
            return f"{claim['tag']}{wordings}{{%- endclaim +%}}\n"

        return _CLAIM.sub(tagged, source)

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        """Compile the claim to an if/elif chain whose else branch calls `stop`, in a loop if it
        has a `for`."""
        line = next(parser.stream).lineno
        title = parser.parse_expression()
        parser.stream.expect("comma")
        tested = parser.parse_expression()
        loop = self._loop(parser, line)
        if parser.stream.look().type != "block_begin":
            parser.fail("a claim has no wordings, the lines after it: outcome: text", line)
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
        start, end = (nodes.Output([nodes.TemplateData(mark)]) for mark in (START, END))
        said = nodes.Scope([assign, start, *otherwise, end], lineno=line)
        if loop is None:
            return said
        loop.body = [said]
        # An empty claim, in case there is no item.
        return [nodes.Output([nodes.TemplateData(START + END)], lineno=line), loop]

    def _loop(self, parser: Parser, line: int) -> nodes.For | None:
        """Parse the `for` that may end a claim: a loop without a body."""
        if not parser.stream.skip_if("name:for"):
            return None
        target = parser.parse_assign_target(extra_end_rules=("name:in",))
        parser.stream.expect("name:in")
        items = parser.parse_tuple(with_condexpr=False)
        kept = parser.parse_expression() if parser.stream.skip_if("name:if") else None
        return nodes.For(target, items, [], [], kept, False, lineno=line)

    def stop(self, title: str, outcome: Outcome, template: str, line: int) -> NoReturn:
        """Raise ReportError: the claim has no wording for its outcome."""
        numbers = ", ".join(f"{number.name} = {number.value:g}" for number in outcome.numbers)
        raise ReportError(
            f'{template}:{line}: the claim "{title}" has the outcome "{outcome.name}" and no '
            f"wording for it (measured: {numbers}); add one"
        )
