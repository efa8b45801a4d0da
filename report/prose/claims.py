"""The `{% claim %}` block: a sentence per possible outcome of a test.

In a template:

    {% claim "snr-and-size", trend(numbers, sizes) %}
    rises: ... {{ claim.low | decimal(1) }} ...
    falls: ...
    unclear, few:
    {% endclaim %}

A line that begins with names of outcomes and a colon begins their wording, which may go on in the
next lines; `claim` in it is the `Outcome` of the test. An outcome without a wording stops the
build.

A claim on lines of its own is a sentence of its paragraph: it follows what precedes, after a space
unless it begins with a punctuation mark, and nothing remains of an empty one.
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
_BLOCK = re.compile(
    r"(?P<start>^[ \t]*)?(?P<claim>\{%-? claim\b.*?%\})(?P<wordings>.*?)"
    r"\{%-? endclaim -?%\}(?P<end>[ \t]*$)?",
    re.DOTALL | re.MULTILINE,
)
_WORDING = re.compile(r"^[ \t]*([a-z_]+(?:, [a-z_]+)*):[ \t]*", re.MULTILINE)
_MARK = r"(?:\\?[,;.)]|:(?!:))"
_BEFORE_MARK = re.compile(rf"[ \n]?{START}(?={_MARK})|{END}\n(?={START}?{_MARK})")


def join(text: str) -> str:
    """Return a rendered text with its claims joined to their paragraphs."""
    text = re.sub(rf"{START}{END}\n?", "", text)
    text = _BEFORE_MARK.sub("", text)
    text = re.sub(rf"(?<=\S){START}", "\n", text)
    return re.sub(f"[{START}{END}]", "", text)


class Claims(Extension):
    """Jinja extension for the `{% claim %}` block."""

    tags = {"claim"}  # noqa: RUF012 (declared so by jinja2)

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Turn the lines of each claim into `{% wording %}` tags, on the same lines."""

        def tagged(block: re.Match[str]) -> str:
            wordings = _WORDING.sub(
                lambda line: "{%- wording " + str(line[1].split(", "))[1:-1] + " -%}",
                block["wordings"],
            )
            start = START if block["start"] is not None else ""
            end = END if block["end"] is not None else ""
            return f"{start}{block['claim']}{wordings}{{%- endclaim %}}{end}"

        return _BLOCK.sub(tagged, source)

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
