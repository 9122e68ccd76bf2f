"""Changes that the database works out from what it has, and upserts of many rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from juggler.connectors.contract import Row, Upsert
from juggler.connectors.sql.driver import Answer, Script, Step
from juggler.connectors.sql.mapping import Column
from juggler.connectors.sql.operands import settle_lists
from juggler.connectors.sql.scripts import insertion
from juggler.connectors.sql.statement import Binds, Statement
from juggler.connectors.sql.statements import Names, Statements
from juggler.query.changes import Change
from juggler.query.form import form, values
from juggler.query.nodes import And, Condition, Filter, Where

Verbs = tuple[str | None, ...]


def modify(
    statements: Statements, data: Mapping[str, Any], where: Where
) -> tuple[Statement, Sequence[Any]]:
    """Return the statement that writes *data*, changes worked out, and its values."""
    where, names = settle_lists(where), tuple(data)
    verbs = tuple(value.verb if type(value) is Change else None for value in data.values())
    statement = statements._keep(
        ("modify", names, verbs, form(where)), lambda: _modify(statements, names, verbs, where)
    )
    plain = {
        name: value.operand if type(value) is Change else value for name, value in data.items()
    }
    return statement, statement.bind([*statements.writer(names).encode(plain), *values(where)])


def _modify(statements: Statements, names: Names, verbs: Verbs, where: Where) -> Statement:
    source, binds = statements._source(), Binds()
    changes: Any = {}
    for column, verb in zip(statements.writer(names).columns, verbs, strict=True):
        operand = binds.value(binds.take())
        stored = source.c[column.name]
        new = operand if verb is None else statements.dialect.change(verb, column, stored, operand)
        changes[column.name] = new
    wanted = statements._where(where, source, binds)
    found = sa.update(source).values(changes).where(*wanted)
    return binds.compile(found, statements.dialect.sa)


def upsert_all(
    statements: Statements, items: Sequence[Upsert], match_on: Sequence[str]
) -> Script[list[tuple[Row, bool]]]:
    """Return the script that merges or inserts *items* and returns the whole rows, in order."""
    where = _any_of([item.data for item in items], match_on)
    look, looked = statements.find(Filter(where=where, fields=tuple(match_on)))
    whole, bound = statements.find(Filter(where=where))
    return _upsert_all(
        (Step(look.sql, looked), look.load),
        [_upserts(statements, names, list(group), match_on) for names, group in _alike(items)],
        (Step(whole.sql, bound), whole.load),
        [_key(item.data, match_on) for item in items],
        match_on,
        {_key(item.data, match_on): item for item in items if item.must_exist},
        statements.table.model,
    )


def _upsert_all(
    looking: tuple[Step, Any],
    steps: Sequence[Step],
    reading: tuple[Step, Any],
    keys: Sequence[tuple[Any, ...]],
    match_on: Sequence[str],
    needed: Mapping[tuple[Any, ...], Upsert],
    model: str,
) -> Script[list[tuple[Row, bool]]]:
    answer: Answer = yield looking[0]
    there = {_key(row, match_on) for row in looking[1](answer.rows)}
    for key, item in needed.items():
        if key not in there:
            raise item.missing(model, match_on)
    for step in steps:  # noqa: UP028  a list cannot be sent the answers
        yield step
    answer = yield reading[0]
    rows = {_key(row, match_on): row for row in reading[1](answer.rows)}
    return [(rows[key], key not in there) for key in keys]


def _alike(items: Sequence[Upsert]) -> Any:
    """Return the items in groups that write the same properties, one after the other."""
    return groupby(items, lambda item: (tuple(item.data), tuple(item.defaults)))


def _upserts(
    statements: Statements, names: tuple[Names, Names], items: list[Upsert], match_on: Sequence[str]
) -> Step:
    """Return the step that upserts *items*, which all write the same properties."""
    made = [insertion(statements, {**item.defaults, **item.data}) for item in items]
    changed = tuple(name for name in names[0] if name not in match_on)
    changed = tuple(name for name in changed if name not in _ids(statements))
    statement = statements._keep(
        ("upsert", made[0].names, changed, tuple(match_on)),
        lambda: _upsert(statements, made[0].names, changed, match_on),
    )
    return Step(statement.sql, (), [statement.bind(item.values) for item in made])


def _upsert(
    statements: Statements, names: Names, changed: Names, match_on: Sequence[str]
) -> Statement:
    source, binds = statements._source(), Binds()
    columns: Mapping[str, Column] = statements.table.columns
    entry: Any = {columns[name].name: binds.value(binds.take()) for name in names}
    keys = [columns[name].name for name in match_on]
    found = statements.dialect.upsert(source, entry, keys, [columns[name].name for name in changed])
    return binds.compile(found, statements.dialect.sa)


def _ids(statements: Statements) -> set[str]:
    return {column.property.name for column in statements.table.ids}


def _key(row: Mapping[str, Any], match_on: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in match_on)


def _any_of(rows: Sequence[Row], match_on: Sequence[str]) -> Where:
    """Return a condition that all rows with the keys of *rows* meet, and maybe others."""
    parts = tuple(
        Condition((name,), "inq", tuple(dict.fromkeys(row[name] for row in rows)))
        for name in match_on
    )
    return parts[0] if len(parts) == 1 else And(parts)
