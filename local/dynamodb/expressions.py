"""What DynamoDB refuses of an expression (Amazon DynamoDB Developer Guide, "Expressions" and "Quotas").

An expression is looked at as the words that it is made of: enough to find the attributes that it is about and what it
does with them. Whether it is one at all is left to Moto, which evaluates it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from local.dynamodb.values import RefusedByDynamoDbError, Value, is_before

MAX_EXPRESSION_BYTES = 4096
MAX_OPERATORS = 300
MAX_IN_OPERANDS = 100
MAX_PLACEHOLDER_BYTES = 255

_WORD = re.compile(
    r"\s*(?:(?P<name>#[A-Za-z0-9_]+)|(?P<value>:[A-Za-z0-9_]+)|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<number>[0-9]+)"
    r"|(?P<sign><>|<=|>=|[=<>()\[\],.+-]))"
)
COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_ORDERED = frozenset({"<", "<=", ">", ">="})
_FUNCTIONS = frozenset(
    {
        "attribute_exists",
        "attribute_not_exists",
        "attribute_type",
        "begins_with",
        "contains",
        "size",
        "if_not_exists",
        "list_append",
    }
)
_CONNECTIVES = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN"})
CLAUSES = frozenset({"SET", "REMOVE", "ADD", "DELETE"})

Path = tuple[str | int, ...]
"""A document path: names of attributes, and places in lists."""


@dataclass(frozen=True, slots=True)
class Word:
    """A part of an expression."""

    kind: str
    """`path`, `value`, `function`, or `sign`: operators, keywords and brackets."""
    text: str
    path: Path = ()


@dataclass(slots=True)
class Placeholders:
    """The names and values that the expressions of one request share, and which of them were used."""

    names: Mapping[str, str]
    values: Mapping[str, Value]
    used: set[str] = field(default_factory=set)

    def attribute(self, placeholder: str) -> str:
        """The attribute that `placeholder` stands for."""
        self.used.add(placeholder)
        if placeholder not in self.names:
            raise RefusedByDynamoDbError(
                f"An expression attribute name used in the document path is not defined; attribute name: {placeholder}"
            )
        return self.names[placeholder]

    def value(self, placeholder: str) -> Value:
        """The value that `placeholder` stands for."""
        self.used.add(placeholder)
        if placeholder not in self.values:
            raise RefusedByDynamoDbError(
                f"An expression attribute value used in expression is not defined; attribute value: {placeholder}"
            )
        return self.values[placeholder]

    def check_all_used(self) -> None:
        """Refuse what stands for nothing in any expression."""
        for kind, given in (("Names", self.names), ("Values", self.values)):
            unused = sorted(set(given) - self.used)
            if unused:
                raise RefusedByDynamoDbError(
                    f"Value provided in ExpressionAttribute{kind} unused in expressions: keys: {{{', '.join(unused)}}}"
                )
            for placeholder in given:
                if len(placeholder.encode()) > MAX_PLACEHOLDER_BYTES:
                    raise RefusedByDynamoDbError(
                        f"ExpressionAttribute{kind} contains invalid key: longer than {MAX_PLACEHOLDER_BYTES} bytes"
                    )


class Expression:
    """One expression of a request, `kind` as the API names it: `FilterExpression`."""

    def __init__(self, kind: str, text: str, placeholders: Placeholders) -> None:
        self._kind = kind
        self._placeholders = placeholders
        if not text.strip():
            raise self.refused("The expression can not be empty;")
        if len(text.encode()) > MAX_EXPRESSION_BYTES:
            raise self.refused(
                f"Expression size has exceeded the maximum allowed size; expression size: {len(text.encode())}"
            )
        self.words = tuple(_paths_joined(_words(self, text), self))
        self._check_operators()
        self._check_redundant_brackets()

    def refused(self, message: str) -> RefusedByDynamoDbError:
        """The refusal of this expression."""
        return RefusedByDynamoDbError(f"Invalid {self._kind}: {message}")

    @property
    def paths(self) -> tuple[Path, ...]:
        """The document paths in it."""
        return tuple(word.path for word in self.words if word.kind == "path")

    def attribute_of(self, kind: str, text: str) -> str:
        """The attribute that a word, or a placeholder, names."""
        if kind == "name":
            return self._placeholders.attribute(text)
        if text.upper() in ReservedKeywords.get_reserved_keywords():
            raise self.refused(f"Attribute name is a reserved keyword; reserved keyword: {text}")
        return text

    def value(self, word: Word) -> Value | None:
        """What `word` stands for, where it is a value."""
        return self._placeholders.value(word.text) if word.kind == "value" else None

    def _check_operators(self) -> None:
        counted = _CONNECTIVES | {"+", "-"} | (frozenset() if self._kind == "UpdateExpression" else COMPARISONS)
        operators = sum(1 for word in self.words if word.kind == "function" or word.text in counted)
        if operators > MAX_OPERATORS:
            raise self.refused(
                f"The expression contains more than {MAX_OPERATORS} operators or functions; operator count: {operators}"
            )
        for word in self.words:
            self.value(word)  # Each must be defined.
        for place, word in enumerate(self.words):
            if word.text == "IN" and (operands := len(arguments(self.words, place + 1))) > MAX_IN_OPERANDS:
                raise self.refused(
                    f"The IN operator is provided with too many operands; number of operands: {operands}"
                )
            if word.text == "BETWEEN":
                self._check_bounds(place)
            if word.text == "begins_with" and word.kind == "function":
                self._check_operand(arguments(self.words, place + 1)[1:], ("S", "B"), "begins_with")
            if word.text in _ORDERED:
                self._check_operand(
                    [self.words[place - 1 : place], self.words[place + 1 : place + 2]], "SNB", word.text
                )

    def _check_bounds(self, place: int) -> None:
        low, high = (self.value(word) for word in (self.words[place + 1], self.words[place + 3]))
        if low is None or high is None:
            return
        if set(low) != set(high):
            raise self.refused(
                "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: "
                f"AttributeValue: {low}, upper bound operand: AttributeValue: {high}"
            )
        self._check_operand([self.words[place + 1 : place + 2]], "SNB", "BETWEEN")
        if is_before(high, low):
            raise self.refused(
                "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound "
                f"operand: AttributeValue: {low}, upper bound operand: AttributeValue: {high}"
            )

    def _check_operand(self, operands: Sequence[Sequence[Word]], types: Sequence[str], operator: str) -> None:
        for operand in operands:
            value = self.value(operand[0]) if len(operand) == 1 else None
            if value is not None and next(iter(value)) not in types:
                raise self.refused(
                    "Incorrect operand type for operator or function; operator or function: "
                    f"{operator}, operand type: {next(iter(value))}"
                )

    def _check_redundant_brackets(self) -> None:
        opened: list[int] = []
        groups: set[tuple[int, int]] = set()
        for place, word in enumerate(self.words):
            if word.text == "(":
                opened.append(place)
            elif word.text == ")" and opened:
                groups.add((opened.pop(), place))
        if any((start + 1, end - 1) in groups for start, end in groups):
            raise self.refused("The expression has redundant parentheses;")


def arguments(words: Sequence[Word], start: int) -> list[Sequence[Word]]:
    """What stands between the bracket at `start` and its end, comma by comma."""
    arguments: list[list[Word]] = [[]]
    depth = 0
    for word in words[start:]:
        depth += {"(": 1, ")": -1}.get(word.text, 0)
        if depth == 0:
            break
        if word.text == "," and depth == 1:
            arguments.append([])
        elif not (word.text == "(" and depth == 1):
            arguments[-1].append(word)
    return list(arguments)


def _words(expression: Expression, text: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(text.rstrip()):
        found = _WORD.match(text, place)
        if found is None:
            raise expression.refused(
                f'Syntax error; token: "{text[place : place + 1]}", near: "{text[place : place + 12]}"'
            )
        yield str(found.lastgroup), found[str(found.lastgroup)]
        place = found.end()


def _paths_joined(words: Iterator[tuple[str, str]], expression: Expression) -> Iterator[Word]:
    known = [*words, ("", "")]
    place = 0
    while place < len(known) - 1:
        kind, text = known[place]
        place += 1
        if kind == "word" and known[place][1] == "(" and text in _FUNCTIONS:
            yield Word("function", text)
        elif kind == "word" and text.upper() in _CONNECTIVES | CLAUSES:
            yield Word("sign", text.upper())
        elif kind in ("word", "name"):
            path: list[str | int] = [expression.attribute_of(kind, text)]
            while known[place][1] in (".", "["):
                inner_kind, inner = known[place + 1]
                in_list = known[place][1] == "["
                path.append(int(inner) if in_list else expression.attribute_of(inner_kind, inner))
                place += 3 if in_list else 2
            yield Word("path", text, tuple(path))
        else:
            yield Word("value" if kind == "value" else "sign", text)
