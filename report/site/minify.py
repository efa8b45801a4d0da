"""Shortens the site's scripts: local names, declarations, functions, numbers and white space."""

import re
from dataclasses import dataclass, replace

from pygments.lexers.javascript import JavascriptLexer
from pygments.token import Comment, Keyword, Name, Number, String

from report.site.script_names import CLOSING, OPENING, brackets, new_names

APART = re.compile(r"[\w$]{2}|\+\+|--|//|\d\.")
"""Neighbouring characters that belong to one token unless a space divides them."""

STATEMENTS = {"if", "for", "while", "switch"}
BEFORE_EXPRESSION = {"(", "[", ",", "=", "=>", ":", "?", "return", "async"}
AFTER_EXPRESSION = {")", "]", "}", ",", ";", ":"}
OF_A_FUNCTION = {"this", "arguments", "super"}
"""Words that mean something else in an arrow function."""


@dataclass
class Token:
    """A token, and whether white space or comments precede it."""

    kind: object
    text: str
    gap: bool

    @property
    def code(self) -> str:
        """Its text, but not that of a string, which could look like code."""
        is_text = self.kind in String and self.kind not in String.Interpol
        return "''" if is_text else self.text


def minify(script: str) -> str:
    """The same JavaScript without comments, indentation, most spaces and long local names.

    Statements must end in semicolons. Errors that only strict mode reports are no longer reported.
    """
    tokens = _read(script)
    names = new_names([token.code for token in tokens], [_is_name(token) for token in tokens])
    for n, name in names.items():
        tokens[n].text = name
    tokens = _without_directives(tokens)
    tokens = _arrow_functions(tokens)
    _drop_parentheses(tokens)
    _join_statements(tokens)
    _shorten_literals(tokens)
    written = ""
    gap = False
    for token in tokens:
        gap |= token.gap
        if not token.text:
            continue
        if gap and APART.fullmatch(written[-1:] + token.text[0]):
            written += " "
        written += token.text
        gap = False
    return written


def _read(script: str) -> list[Token]:
    tokens: list[Token] = []
    gap = False
    for kind, text in JavascriptLexer(stripnl=False).get_tokens(script):
        if kind in Comment or (kind not in String and not text.strip()):
            gap = True
            continue
        tokens.append(Token(kind, text, gap))
        gap = False
    return tokens


def _is_name(token: Token) -> bool:
    return (token.kind in Name and token.kind not in Name.Builtin) or token.text == "from"


def _without_directives(tokens: list[Token]) -> list[Token]:
    """Drop "use strict", which changes nothing but the errors of scripts that work."""
    kept = list(tokens)
    for n in range(len(tokens) - 2, -1, -1):
        if tokens[n].text == '"use strict"' and tokens[n + 1].text == ";":
            del kept[n : n + 2]
    return kept


def _arrow_functions(tokens: list[Token]) -> list[Token]:
    """Turn `function (…) {…}` into `(…) => {…}` where they mean the same."""
    texts = [token.code for token in tokens]
    partner, _ = brackets(texts)
    result = [[token] for token in tokens]
    for n, text in enumerate(texts):
        if text != "function" or texts[n + 1] != "(" or not n:
            continue
        opening = partner[n + 1] + 1
        closing = partner[opening]
        if (
            texts[n - 1] in BEFORE_EXPRESSION
            and texts[closing + 1] in AFTER_EXPRESSION
            and not OF_A_FUNCTION & set(_own(texts, opening, closing, partner))
        ):
            result[n] = []
            result[n + 1] = [replace(tokens[n + 1], gap=True)]
            result[opening] = [Token(Keyword, "=>", False), tokens[opening]]
    return [token for group in result for token in group]


def _own(texts: list[str], opening: int, closing: int, partner: dict[int, int]) -> list[str]:
    """The tokens of a function without those of the classes in it."""
    found = []
    n = opening
    while n < closing:
        n = partner[n + 1] if texts[n] == "class" else n
        found.append(texts[n])
        n += 1
    return found


def _drop_parentheses(tokens: list[Token]) -> None:
    """Write `(name) =>` as `name =>`."""
    texts = [token.code for token in tokens]
    for n, text in enumerate(texts):
        if text == "=>" and texts[n - 3 : n : 2] == ["(", ")"] and _is_name(tokens[n - 2]):
            tokens[n - 1].text = tokens[n - 3].text = ""
            tokens[n - 2].gap = True


def _join_statements(tokens: list[Token]) -> None:
    """Drop semicolons before a brace; neighbouring declarations share one `let`."""
    tokens[:] = [token for token in tokens if token.text]
    texts = [token.code for token in tokens]
    partner, _ = brackets(texts)
    declaring = [False]  # in each open bracket, whether the current statement is a declaration
    for n, text in enumerate(texts):
        after = texts[n + 1] if n + 1 < len(texts) else ""
        if text in OPENING:
            declaring.append(False)
        elif text in CLOSING:
            declaring.pop()
        elif text in ("const", "let"):
            tokens[n].text = "let"
            declaring[-1] = True
        elif text == ";":
            head = texts[partner[n - 1] - 1] if texts[n - 1] == ")" else ""
            if after == "}" and head not in STATEMENTS:
                tokens[n].text = ""
            elif after in ("const", "let") and declaring[-1]:
                tokens[n].text = ","
                tokens[n + 1].text = texts[n + 1] = ""
            else:
                declaring[-1] = False
        if text == "," and after in ("}", "]", ")"):
            tokens[n].text = ""


def _shorten_literals(tokens: list[Token]) -> None:
    for n, token in enumerate(tokens):
        if token.text in ("true", "false") and tokens[n - 1].text != ".":
            token.text = "!0" if token.text == "true" else "!1"
        elif token.kind in Number and re.fullmatch(r"0\.\d+", token.text):
            token.text = token.text[1:]
