"""What REST serves: one table, by which requests are answered and services described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from juggler.app.rest import handlers as do
from juggler.app.rest.errors import no_such_path, wrong_verb
from juggler.app.rest.handlers import Handler
from juggler.app.rest.path import Target

Query = Literal["filter", "where"]
Body = Literal["new", "some", "changes"]
Answer = Literal["record", "list", "either", "count", "exists"]
Place = tuple[bool, str | None]

_READS: Final = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Route:
    """One verb on one path, the same for every model.

    Attributes:
        operation: What descriptions call it; no other route has the name.
        verb: Its verb.
        place: Whether it is below a record's id, and the last part of the path, if it has one.
        handler: What answers.
        summary: What it does, in a few words.
        query: The parameter that it takes.
        needs_query: Whether the parameter must be there.
        body: What it is sent: a new record, one or a list of them, or changes of one.
        answer: What it returns; None for nothing.
        may_miss: Whether there may be no record for it, which is 404.
    """

    operation: str
    verb: str
    place: Place
    handler: Handler
    summary: str
    query: Query | None = None
    needs_query: bool = False
    body: Body | None = None
    answer: Answer | None = "record"
    may_miss: bool = False

    @property
    def path(self) -> str:
        """Its path below that of the model."""
        below, name = self.place
        return ("/{id}" if below else "") + ("" if name is None else f"/{name}")

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing."""
        return self.verb in _READS


COLLECTION: Final[Place] = (False, None)
RECORD: Final[Place] = (True, None)

ROUTES: Final = (
    Route("find", "GET", COLLECTION, do.find, "Find records", "filter", answer="list"),
    Route(
        "create", "POST", COLLECTION, do.create, "Create one record, or each of a list",
        body="some", answer="either",
    ),
    Route(
        "patchOrCreate", "PATCH", COLLECTION, do.update_or_create,
        "Change a record by its id, or create it", body="changes",
    ),
    Route(
        "replaceOrCreate", "PUT", COLLECTION, do.replace_or_create,
        "Replace a record by its id, or create it", body="new",
    ),
    Route(
        "postReplaceOrCreate", "POST", (False, "replaceOrCreate"), do.replace_or_create,
        "Replace a record by its id, or create it", body="new",
    ),
    Route(
        "upsertWithWhere", "POST", (False, "upsertWithWhere"), do.upsert_with_where,
        "Change the one record that matches, or create it", "where", needs_query=True,
        body="changes",
    ),
    Route(
        "updateAll", "POST", (False, "update"), do.update_all, "Change all records that match",
        "where", needs_query=True, body="changes", answer="count",
    ),
    Route("count", "GET", (False, "count"), do.count, "Count records", "where", answer="count"),
    Route(
        "findOne", "GET", (False, "findOne"), do.find_one, "Find the first record", "filter",
        may_miss=True,
    ),
    Route(
        "findById", "GET", RECORD, do.find_by_id, "Find a record by its id", "filter",
        may_miss=True,
    ),
    Route(
        "head", "HEAD", RECORD, do.head, "Tell by the status whether there is a record",
        answer=None, may_miss=True,
    ),
    Route(
        "patchById", "PATCH", RECORD, do.update_by_id, "Change a record", body="changes",
        may_miss=True,
    ),
    Route(
        "replaceById", "PUT", RECORD, do.replace_by_id, "Replace a record", body="new",
        may_miss=True,
    ),
    Route(
        "deleteById", "DELETE", RECORD, do.delete_by_id, "Delete a record", answer="count",
        may_miss=True,
    ),
    Route(
        "exists", "GET", (True, "exists"), do.exists, "Tell whether there is a record",
        answer="exists",
    ),
    Route(
        "postReplaceById", "POST", (True, "replace"), do.replace_by_id, "Replace a record",
        body="new", may_miss=True,
    ),
)  # fmt: skip
"""Everything that REST serves for a model, in the order in which it is described."""

_NONE: Final[Mapping[str, Route]] = MappingProxyType({})
_BY_PLACE: Final[Mapping[Place, Mapping[str, Route]]] = MappingProxyType(
    {
        place: MappingProxyType({route.verb: route for route in ROUTES if route.place == place})
        for place in dict.fromkeys(route.place for route in ROUTES)
    }
)


def route_of(target: Target, verb: str, path: str) -> Route:
    """Return the route of *verb* on *target*.

    The name of a method of the collection is an id too, for the verbs that the method lacks.

    Raises:
        JugglerError: There is no such path (404), or it does not take the verb (405).
    """
    if target.id is None:
        named, verbs = _NONE, _BY_PLACE[COLLECTION]
    elif target.method is None:
        named, verbs = _BY_PLACE.get((False, target.id), _NONE), _BY_PLACE[RECORD]
    else:
        named, verbs = _NONE, _BY_PLACE.get((True, target.method), _NONE)
    found = named.get(verb) or verbs.get(verb)
    if found is not None:
        return found
    if not verbs:
        raise no_such_path(path)
    raise wrong_verb(verb, sorted({*verbs, *named}))
