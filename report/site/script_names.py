"""Short names for the variables of a script, found by their scopes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from string import ascii_letters

OPENING, CLOSING = {"(", "[", "{", "${"}, {")", "]", "}"}

BEFORE_OBJECT = {"(", "[", ",", "=", ":", "?", "...", "return", "const", "let", "||", "&&", "??"}
"""Tokens after which a brace opens an object or a pattern; elsewhere it opens a block."""

STATEMENTS = {"if", "for", "while", "switch"}
RESERVED = {"as", "do", "if", "in", "of"}


@dataclass
class Variable:
    """A variable, its scope (first and last token) and the tokens that name it."""

    name: str
    scope: tuple[int, int]
    places: list[int] = field(default_factory=list)
    renamed: str = ""

    def meets(self, other: "Variable") -> bool:
        """Whether the two cannot share a name."""
        if self.scope[0] > other.scope[0] or self.scope[1] < other.scope[1]:
            if other.scope[0] > self.scope[0] or other.scope[1] < self.scope[1]:
                return False  # apart
            return other.meets(self)
        return self.scope == other.scope or any(
            other.scope[0] <= place <= other.scope[1] for place in self.places
        )


def brackets(texts: list[str]) -> tuple[dict[int, int], list[int]]:
    """The partner of each bracket, and the innermost bracket around each token, or -1."""
    partner: dict[int, int] = {}
    container: list[int] = []
    open_: list[int] = []
    for n, text in enumerate(texts):
        if text in CLOSING and open_:
            partner[open_[-1]] = n
            partner[n] = open_.pop()
        container.append(open_[-1] if open_ else -1)
        if text in OPENING:
            open_.append(n)
    return partner, container


def new_names(texts: list[str], is_name: list[bool]) -> dict[int, str]:
    """The new texts of the tokens that name a variable which the script declares.

    Properties and keys keep their names: `{name}` becomes `{name:a}`.
    """
    script = _Script(texts, is_name)
    declared: dict[str, list[Variable]] = {}
    for place, scope in script.declarations():
        same = declared.setdefault(texts[place], [])
        if all(variable.scope != scope for variable in same):
            same.append(Variable(texts[place], scope))
    used = RESERVED.copy()
    for n in script.variables:
        around = [
            each for each in declared.get(texts[n], ()) if each.scope[0] <= n <= each.scope[1]
        ]
        if around:
            min(around, key=lambda each: each.scope[1] - each.scope[0]).places.append(n)
        else:
            used.add(texts[n])
    variables = sorted(
        (variable for same in declared.values() for variable in same),
        key=lambda each: (-len(each.places), each.scope),
    )
    result = {}
    for variable in variables:
        taken = used | {other.renamed for other in variables if variable.meets(other)}
        variable.renamed = next(name for name in _short_names() if name not in taken)
        for n in variable.places:
            key = f"{variable.name}:" if script.is_shorthand(n) else ""
            result[n] = key + variable.renamed
    return result


def _short_names() -> Iterator[str]:
    for length in (1, 2):
        for letters in product(ascii_letters, repeat=length):
            yield "".join(letters)


class _Script:
    """The tokens of a script, and what they are by those beside them."""

    def __init__(self, texts: list[str], is_name: list[bool]) -> None:
        self.texts = ["", *texts, "", ""]
        self.partner, self.container = brackets(texts)
        self.end = len(texts) - 1
        self.is_name = is_name
        self.variables = [n for n, name in enumerate(is_name) if name and self._is_variable(n)]

    def before(self, n: int) -> str:
        return self.texts[n]

    def at(self, n: int) -> str:
        return self.texts[n + 1]

    def after(self, n: int) -> str:
        return self.texts[n + 2]

    def in_object(self, n: int) -> bool:
        around = self.container[n]
        return around >= 0 and self.at(around) == "{" and self.before(around) in BEFORE_OBJECT

    def _is_variable(self, n: int) -> bool:
        if self.before(n) == "." or (self.after(n) == ":" and self.is_key(n)):
            return False
        is_method = (
            self.after(n) == "("
            and self.at(self.partner[n + 1] + 1) == "{"
            and self.before(n) != "function"
        )
        return not is_method

    def is_key(self, n: int) -> bool:
        return self.before(n) in ("{", ",") and self.in_object(n)

    def is_shorthand(self, n: int) -> bool:
        return self.is_key(n) and self.after(n) in ("}", ",", "=")

    def declarations(self) -> Iterator[tuple[int, tuple[int, int]]]:
        """The places that declare a name, each with the name's scope."""
        for n in range(self.end + 1):
            for place, scope in self._declared_at(n):
                if self.is_name[place] and not (self.after(place) == ":" and self.is_key(place)):
                    yield place, scope

    def _declared_at(self, n: int) -> Iterator[tuple[int, tuple[int, int]]]:
        text = self.at(n)
        if text in ("const", "let"):
            scope = self._scope_around(n)
            yield from ((place, scope) for place in self._declarators(n + 1))
        elif text == "function" and self.after(n) != "(":
            yield n + 1, self._scope_around(n)
        elif text == "{" or (text == "=>" and self.after(n) != "{"):
            body = n if text == "{" else n + 1
            first = self._parameters_of(body)
            if first < body:
                end = self.partner[n] if text == "{" else self._end_of_expression(body)
                places = self._within(first) if self.at(first) == "(" else [first]
                yield from ((place, (first, end)) for place in places)

    def _declarators(self, n: int) -> Iterator[int]:
        while True:
            yield from self._within(n) if self.at(n) in OPENING else [n]
            n = self._skip(n, {",", ";"})
            if self.at(n) != ",":
                return
            n += 1

    def _within(self, opening: int) -> Iterator[int]:
        """Names in a list of parameters or a pattern."""
        n = opening + 1
        while n < self.partner[opening]:
            if self.before(n) in ("(", "[", "{", ",", ":", "..."):
                if self.at(n) in ("[", "{"):
                    yield from self._within(n)
                else:
                    yield n
            n = self.partner[n] + 1 if self.at(n) in OPENING else n + 1

    def _skip(self, n: int, ends: set[str]) -> int:
        """The first of some tokens from `n` on, or the bracket that closes before it."""
        while n <= self.end and self.at(n) not in ends and self.at(n) not in CLOSING:
            n = self.partner[n] + 1 if self.at(n) in OPENING else n + 1
        return n

    def _end_of_expression(self, n: int) -> int:
        """The last token of an expression that is an argument, an operand of `?:` or a value."""
        choices = 0
        while True:
            n = self._skip(n, {",", ";", "?", ":"})
            if self.at(n) == "?":
                choices += self.after(n) != "."
            elif self.at(n) == ":" and choices:
                choices -= 1
            else:
                return n - 1
            n += 1

    def _parameters_of(self, body: int) -> int:
        """The first token of the parameters of a function or catch; `body` itself of a block."""
        arrow = self.before(body) == "=>"
        last = body - 2 if arrow else body - 1
        if self.at(last) != ")":
            return last if arrow else body
        first = self.partner[last]
        return body if self.before(first) in STATEMENTS else first

    def _scope_around(self, n: int) -> tuple[int, int]:
        """The scope of a declaration: a block, or a loop."""
        around = self.container[n]
        if around < 0:
            return 0, self.end
        if self.at(around) == "(":
            return around, self._end_of_statement(self.partner[around] + 1)
        return self._parameters_of(around), self.partner[around]

    def _end_of_statement(self, n: int) -> int:
        if self.at(n) == "{":
            return self.partner[n]
        if self.at(n) not in STATEMENTS:
            return self._skip(n, {";"})
        end = self._end_of_statement(self.partner[n + 1] + 1)
        if self.at(n) == "if" and self.after(end) == "else":
            return self._end_of_statement(end + 2)
        return end
