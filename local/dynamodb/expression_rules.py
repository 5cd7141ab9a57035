"""What DynamoDB refuses of an expression for where it stands: as a projection, an update, a filter, a key condition."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from local.dynamodb.expressions import CLAUSES, COMPARISONS, Expression, Word
from local.dynamodb.values import KeySchema, RefusedByDynamoDbError, Value, check_key_values

_SORT_KEY_OPERATORS = frozenset({"=", "<", "<=", ">", ">="})


def check_projection(expression: Expression) -> None:
    """Refuse a ProjectionExpression whose paths overlap."""
    for one, other in combinations(expression.paths, 2):
        length = min(len(one), len(other))
        if one[:length] == other[:length]:
            raise expression.refused(
                "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: "
                f"{list(one)}, path two: {list(other)}"
            )


def check_update(expression: Expression, indexes: Sequence[KeySchema]) -> None:
    """Refuse an UpdateExpression that sets what an index takes as its key to what it does not take.

    Moto refuses paths that overlap and updates of the key itself.
    """
    for part in _set_to(expression):
        path, operand = part[0].path, expression.value(part[-1])
        if operand is not None and len(part) == 3 and len(path) == 1:  # noqa: PLR2004 - path, equals sign, value
            for schema in indexes:
                check_key_values({str(path[0]): operand}, schema)


def check_filter(expression: Expression, queried: KeySchema) -> None:
    """Refuse a FilterExpression about a key of the table, or index, that is queried."""
    for path in expression.paths:
        if path[0] in queried.names:
            raise RefusedByDynamoDbError(
                f"Filter Expression can only contain non-primary key attributes: Primary key attribute: {path[0]}"
            )


def check_key_condition(expression: Expression, queried: KeySchema) -> dict[str, tuple[str, tuple[Value, ...]]]:
    """Refuse a KeyConditionExpression that is not an equality on the partition key and at most one on the sort key.

    Returns, for each key attribute, the operator and its values.
    """
    found: dict[str, tuple[str, tuple[Value, ...]]] = {}
    types = dict(queried.attributes)
    for condition in _conditions(expression):
        attribute, operator, values = _key_condition(expression, condition)
        if attribute in found:
            raise RefusedByDynamoDbError("KeyConditionExpressions must only contain one condition per key")
        if attribute not in types:
            raise RefusedByDynamoDbError(f"Query condition missed key schema element: {queried.partition}")
        if operator not in (
            ("=",) if attribute == queried.partition else (*_SORT_KEY_OPERATORS, "BETWEEN", "begins_with")
        ):
            raise RefusedByDynamoDbError("Query key condition not supported")
        if any(next(iter(value)) != types[attribute] for value in values):
            raise RefusedByDynamoDbError(
                "One or more parameter values were invalid: Condition parameter type does not match schema type"
            )
        for value in values:
            check_key_values({attribute: value}, queried)
        found[attribute] = operator, values
    if queried.partition not in found:
        raise RefusedByDynamoDbError(f"Query condition missed key schema element: {queried.partition}")
    return found


def _key_condition(expression: Expression, words: Sequence[Word]) -> tuple[str, str, tuple[Value, ...]]:
    values = tuple(value for word in words if (value := expression.value(word)) is not None)
    shape = [word.kind if word.kind != "sign" else word.text for word in words]
    match shape:
        case ["path", str() as operator, "value"] if operator in COMPARISONS:
            return str(words[0].path[0]), operator, values
        case ["path", "BETWEEN", "value", "AND", "value"]:
            return str(words[0].path[0]), "BETWEEN", values
        case ["function", "(", "path", ",", "value", ")"] if words[0].text == "begins_with":
            return str(words[2].path[0]), "begins_with", values
    raise RefusedByDynamoDbError(
        f"Invalid operator used in KeyConditionExpression: {' '.join(word.text for word in words)}"
    )


def _conditions(expression: Expression) -> Iterator[Sequence[Word]]:
    """The conditions that AND joins, without the brackets round each."""
    words = list(expression.words)
    while _is_bracketed(words):
        words = words[1:-1]
    depth, start, between = 0, 0, False
    for place, word in enumerate(words):
        depth += {"(": 1, ")": -1}.get(word.text, 0)
        if word.text == "BETWEEN":
            between = True
        elif word.text == "AND" and between:
            between = False
        elif word.text == "AND" and depth == 0:
            yield _without_brackets(words[start:place])
            start = place + 1
    yield _without_brackets(words[start:])


def _without_brackets(words: Sequence[Word]) -> Sequence[Word]:
    while _is_bracketed(words):
        words = words[1:-1]
    return words


def _is_bracketed(words: Sequence[Word]) -> bool:
    """Whether one pair of brackets holds all of `words`."""
    if len(words) < 2 or words[0].text != "(":  # noqa: PLR2004 - a pair
        return False
    depth = 0
    for place, word in enumerate(words):
        depth += {"(": 1, ")": -1}.get(word.text, 0)
        if depth == 0:
            return place == len(words) - 1
    return False


def _set_to(expression: Expression) -> Iterator[Sequence[Word]]:
    """The parts of the SET clause of an UpdateExpression."""
    clause, depth = "", 0
    part: list[Word] = []
    for word in (*expression.words, Word("sign", "")):
        depth += {"(": 1, ")": -1}.get(word.text, 0)
        is_clause = word.kind == "sign" and word.text in CLAUSES
        if word.text == "" or is_clause or (word.text == "," and depth == 0):
            if part and clause == "SET":
                yield part
            part = []
        else:
            part.append(word)
        if is_clause:
            clause = word.text
