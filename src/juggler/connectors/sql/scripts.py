"""Work of several statements, as scripts: everything is compiled and bound before one runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, groupby
from typing import Any, Final, NamedTuple

from juggler.connectors.contract import Records, Row
from juggler.connectors.sql.driver import Answer, Record, Script, Step
from juggler.connectors.sql.statements import Names, Statements
from juggler.errors import DuplicateEntryError
from juggler.query.nodes import EVERYTHING, And, Condition, Filter, Where
from juggler.types.ids import uuidv7

BATCHES: Final = (64, 8)
"""Rows in one INSERT while that many are left; what remains goes one by one."""


class Insertion(NamedTuple):
    """One row ready to be stored.

    Attributes:
        names: The properties that are written.
        values: Their encoded values.
        id: The key, as `Connector.create` returns it, where it is known before.
        is_made: Whether the database makes the key.
    """

    names: Names
    values: Record
    id: Any
    is_made: bool


def insertion(statements: Statements, data: Mapping[str, Any]) -> Insertion:
    """Return *data* ready to be stored; a missing key is made here or by the database.

    Raises:
        InvalidValueError: A column cannot hold its value, or there is none for it.
    """
    made = statements.table.generated_id
    is_made = made is not None and data.get(made.property.name) is None
    if is_made and made is not None:
        names, key = tuple(name for name in data if name != made.property.name), None
    else:
        data = _with_key(statements, data)
        names, key = tuple(data), _key(statements, data)
    return Insertion(names, statements.writer(names).encode(data), key, is_made)


def _with_key(statements: Statements, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return *data* with a new key where its key is one missing text."""
    ids = statements.table.ids
    if len(ids) == 1 and ids[0].codec.family == "text" and data.get(ids[0].property.name) is None:
        return {**data, ids[0].property.name: uuidv7()}
    return data


def _key(statements: Statements, data: Mapping[str, Any]) -> Any:
    """Return the key in *data* as `Connector.create` answers it."""
    ids = [column.property.name for column in statements.table.ids]
    if len(ids) == 1:
        return data.get(ids[0])
    return {name: data.get(name) for name in ids} if ids else None


def insert_step(statements: Statements, item: Insertion) -> Step:
    """Return the step that stores one row."""
    statement = statements.insert(item.names)
    return Step(statement.sql, statement.bind(item.values))


class KeysUnknownError(Exception):
    """The database has not made the keys of some rows as it usually does."""


class _Inserting(NamedTuple):
    """One statement that stores rows.

    Attributes:
        step: The statement.
        size: How many rows it stores.
        keys: Their keys, where they are known before.
    """

    step: Step
    size: int
    keys: Sequence[Any] | None = None


def insert_all(
    statements: Statements, rows: Sequence[Row], *, is_counting: bool | None = None
) -> Script[list[Any]]:
    """Return the script that stores all rows and returns their keys in order.

    Args:
        statements: Those of the model.
        rows: What is stored.
        is_counting: Only the first statement is asked for the keys that it makes, and the others
            go on counting, which is faster; as the dialect says unless given.

    Raises:
        KeysUnknownError: In the script: counting went wrong, as it may where triggers write to the
            table, too.
    """
    counts = statements.dialect.counts_keys if is_counting is None else is_counting
    return _insert_all(list(_insert_steps(statements, rows, is_counting=counts)))


def _insert_all(steps: Sequence[_Inserting]) -> Script[list[Any]]:
    found: list[Any] = []
    for step, size, keys in steps:
        answer: Answer = yield step
        if keys is not None:
            found += keys
        elif answer.names:
            # Keys grow in the order of the rows; the order in which they are told is free.
            found += sorted(record[0] for record in answer.rows)
        elif size == 1:
            found.append(answer.last_id)
        else:
            last = found[-1] + size
            if answer.touched != size or answer.last_id != last:
                raise KeysUnknownError
            found += range(last - size + 1, last + 1)
    return found


def _insert_steps(
    statements: Statements, rows: Sequence[Row], *, is_counting: bool
) -> Iterator[_Inserting]:
    """Yield the statements that store *rows*.

    Rows with the same properties that follow one another go together.
    """
    made = statements.table.generated_id
    for names, alike in _alike(rows):
        if made is not None and made.property.name not in names:
            encoded = statements.writer(names).encode_all(alike.values)
            yield from _made_steps(statements, names, encoded, is_counting=is_counting)
        else:
            items = [insertion(statements, row) for row in alike]
            yield from _known_steps(statements, items, is_counting=is_counting)


def _alike(rows: Sequence[Row]) -> Iterator[tuple[Names, Records]]:
    """Yield *rows* in groups with the same properties, each with these."""
    if isinstance(rows, Records):
        yield rows.names, rows
        return
    for names, alike in groupby(rows, tuple):
        yield names, Records(names, [tuple(row.values()) for row in alike])


def _known_steps(
    statements: Statements, items: Sequence[Insertion], *, is_counting: bool
) -> Iterator[_Inserting]:
    """Yield the statements for rows that have their keys, or among which some have."""
    for (names, is_made), group in groupby(items, lambda item: (item.names, item.is_made)):
        alike = list(group)
        if is_made:
            values = [item.values for item in alike]
            yield from _made_steps(statements, names, values, is_counting=is_counting)
        else:
            statement = statements.insert(names)
            many = [statement.bind(item.values) for item in alike]
            keys = [item.id for item in alike]
            yield _Inserting(Step(statement.sql, (), many), len(many), keys)


def _made_steps(
    statements: Statements, names: Names, rows: Sequence[Record], *, is_counting: bool
) -> Iterator[_Inserting]:
    """Yield the statements for encoded rows whose keys the database makes."""
    start, made = 0, statements.table.generated_id
    for size in (*BATCHES, 1) if names and made is not None else (1,):
        while len(rows) - start >= size:
            is_asked = size > 1 and not (is_counting and start)
            returning = (made.property.name,) if is_asked and made is not None else ()
            statement = statements.insert(names, rows=size, returning=returning)
            values = list(chain.from_iterable(rows[start : start + size]))
            yield _Inserting(Step(statement.sql, statement.bind(values)), size)
            start += size


def patch_or_insert(
    statements: Statements, data: Row, defaults: Row, scope: Where
) -> Script[tuple[Row, bool]]:
    """Return the script that merges *data* into the row with its key, or inserts it.

    An insert that the key makes an update would be refused for values that only an insert needs;
    so the row is looked for first, in the same transaction.
    """
    ids = statements.table.ids
    names = {column.property.name for column in ids}
    item = insertion(statements, {**defaults, **data})
    insert = statements.insert(item.names, returning=statements.all_names)
    inserting = Step(insert.sql, insert.bind(item.values)), insert.load
    if not ids or any(data.get(name) is None for name in names):
        return _insert_only(inserting)
    key = key_condition(statements, data)
    changes = {name: value for name, value in data.items() if name not in names}
    whole, bound = (
        statements.update(changes, key, returning=True)
        if changes
        else statements.find(Filter(where=key))
    )
    return _patch_or_insert(
        statements.step(statements.count(key)),
        None if scope == EVERYTHING else statements.step(statements.count(And((key, scope)))),
        (Step(whole.sql, bound), whole.load),
        inserting,
        DuplicateEntryError(
            f"Duplicate entry for {statements.table.model}.{', '.join(sorted(names))}.",
            fields=tuple(column.property.name for column in ids),
            model=statements.table.model,
        ),
    )


Loading = tuple[Step, Any]
"""A step, and what makes rows of its records."""


def _insert_only(inserting: Loading) -> Script[tuple[Row, bool]]:
    answer: Answer = yield inserting[0]
    return inserting[1](answer.rows)[0], True


def _patch_or_insert(
    look: Step,
    look_in_scope: Step | None,
    patching: Loading,
    inserting: Loading,
    taken: DuplicateEntryError,
) -> Script[tuple[Row, bool]]:
    answer: Answer = yield look
    is_new = not answer.rows[0][0]
    if not is_new and look_in_scope is not None:
        answer = yield look_in_scope
        if not answer.rows[0][0]:
            raise taken
    step, load = inserting if is_new else patching
    answer = yield step
    return load(answer.rows)[0], is_new


def find_or_insert(statements: Statements, query: Filter, data: Row) -> Script[tuple[Row, bool]]:
    """Return the script that reads the first row of *query*, or inserts *data*."""
    found, bound = statements.find(Filter(query.where, query.order, 1, query.offset, query.fields))
    item = insertion(statements, data)
    insert = statements.insert(item.names, returning=statements.all_names)
    return _find_or_insert(
        (Step(found.sql, bound), found.load),
        (Step(insert.sql, insert.bind(item.values)), insert.load),
    )


def _find_or_insert(finding: Loading, inserting: Loading) -> Script[tuple[Row, bool]]:
    answer: Answer = yield finding[0]
    rows = finding[1](answer.rows)
    if rows:
        return rows[0], False
    answer = yield inserting[0]
    return inserting[1](answer.rows)[0], True


def key_condition(statements: Statements, data: Mapping[str, Any]) -> Where:
    """Return the condition that a row has the key in *data*."""
    parts = tuple(
        Condition((column.property.name,), "eq", data[column.property.name])
        for column in statements.table.ids
    )
    return parts[0] if len(parts) == 1 else And(parts)
