"""What each verb and path does: one short function each, the same for every model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from juggler.app.limits import Limits, exceeded
from juggler.app.rest.body import Receive, read_json
from juggler.app.rest.errors import no_such_path, wrong_verb
from juggler.app.rest.filters import read_query
from juggler.app.rest.intake import keeps, kept, taken
from juggler.app.rest.language import wanted_language
from juggler.app.rest.path import Target
from juggler.errors import InvalidQueryError, InvalidValueError, NotFoundError
from juggler.models.validating.speaking import messages_of


@dataclass(frozen=True, slots=True)
class Call:
    """One request on one model."""

    model: Any
    id: str
    scope: Mapping[str, Any]
    receive: Receive
    limits: Limits

    def query(self, name: str | None) -> dict[str, Any] | None:
        """Return the object in the query parameter *name*; no other parameter is taken."""
        return read_query(self.scope.get("query_string", b""), name, self.limits)

    async def data(self) -> dict[str, Any]:
        """Return the object that is the body, without what clients may not set."""
        body = await read_json(self.scope, self.receive, self.limits)
        if not isinstance(body, dict):
            raise InvalidValueError("The body is a JSON object.", model=self.model.model_name)
        found: dict[str, Any] = taken(self.model, body, self.locale())
        return found

    async def into(self, id: Any, data: dict[str, Any]) -> dict[str, Any]:
        """Return *data* for the place of the record *id*, with what clients may not set of it."""
        if id is None or not keeps(self.model, data, whole=True):
            return data
        stored = await self.model.find_by_id(id, options=self.options())
        return data if stored is None else kept(self.model, data, stored, whole=True)

    def locale(self) -> str | None:
        """Return the language that the client wants, None where it does not say or is not there."""
        for name, value in self.scope["headers"]:
            if name == b"accept-language":
                offered = messages_of(self.model).locales
                return wanted_language(value.decode("latin-1"), offered)
        return None

    def options(self, *, many: bool = False) -> dict[str, Any]:
        """Return the options of the call: the service's limits, or stricter ones set below it.

        Args:
            many: Whether the call reads any number of records.
        """
        limits = self.limits
        bounds = {"max_conditions": limits.max_conditions, "max_depth_of_query": limits.max_depth}
        if many:
            bounds["max_limit"] = limits.max_limit
            if limits.default_limit is not None:
                bounds["default_limit"] = limits.default_limit
        for settings in (self.model.settings, self.model.data_source.settings):
            if _BOUNDS.isdisjoint(settings):
                continue
            for name in bounds.keys() & settings.keys():
                given = settings[name]
                bounds[name] = min(bounds[name], given if isinstance(given, int) else bounds[name])
        locale = self.locale()
        spoken = {} if locale is None else {"locale": locale}
        return {"prohibit_hidden_properties_in_query": True, **bounds, **spoken}

    def not_found(self) -> NotFoundError:
        """Return the error for a record that is not there."""
        name = self.model.model_name
        return NotFoundError(f"Unknown {name} id {self.id!r}.", model=name)


Handler = Callable[[Call], Awaitable[Any]]

_BOUNDS: Final = frozenset({"max_conditions", "max_depth_of_query", "max_limit", "default_limit"})


async def find(call: Call) -> Any:
    """Return the records that match ``?filter=``."""
    filter = _bounded(call.query("filter"), call.limits)
    return await call.model.find(filter, options=call.options(many=True))


async def find_one(call: Call) -> Any:
    """Return the first record that matches ``?filter=``."""
    found = await call.model.find_one(call.query("filter"), options=call.options())
    if found is None:
        raise NotFoundError("No record matches the filter.", model=call.model.model_name)
    return found


async def count(call: Call) -> Any:
    """Return how many records match ``?where=``."""
    where = call.query("where")
    return {"count": await call.model.count(where, options=call.options())}


async def find_by_id(call: Call) -> Any:
    """Return one record."""
    filter = call.query("filter")
    return _there(await call.model.find_by_id(call.id, filter, options=call.options()), call)


async def exists(call: Call) -> Any:
    """Tell whether there is a record."""
    call.query(None)
    return {"exists": await call.model.exists(call.id, options=call.options())}


async def head(call: Call) -> Any:
    """Tell by the status whether there is a record."""
    call.query(None)
    return _there(await call.model.exists(call.id, options=call.options()) or None, call) and None


async def create(call: Call) -> Any:
    """Store the record, or each record of the list, that is the body."""
    call.query(None)
    body = await read_json(call.scope, call.receive, call.limits)
    items = body if isinstance(body, list) else [body]
    if len(items) > call.limits.max_items:
        exceeded(call.limits, "max_items", 413)
    if not all(isinstance(each, dict) for each in items):
        raise InvalidValueError("The body is a JSON object, or a list of them.")
    body = taken(call.model, body, call.locale())
    return await call.model.create(body, options=call.options())


async def update_or_create(call: Call) -> Any:
    """Merge the body into the record with its id, or create it."""
    call.query(None)
    data, options = await call.data(), call.options()
    id = _id_in(call.model, data)
    if id is not None and keeps(call.model, data, whole=False):
        stored = await call.model.find_by_id(id, options=options)
        data = data if stored is None else kept(call.model, data, stored, whole=False)
    return await call.model.update_or_create(data, options=options)


async def replace_or_create(call: Call) -> Any:
    """Put the body in the place of the record with its id, or create it."""
    call.query(None)
    data = await call.data()
    data = await call.into(_id_in(call.model, data), data)
    return await call.model.replace_or_create(data, options=call.options())


async def upsert_with_where(call: Call) -> Any:
    """Merge the body into the one record that matches ``?where=``, or create it."""
    where = _needed(call)
    return await call.model.upsert_with_where(where, await call.data(), options=call.options())


async def update_all(call: Call) -> Any:
    """Merge the body into all records that match ``?where=``."""
    where = _needed(call)
    return await call.model.update_all(where, await call.data(), options=call.options())


async def update_by_id(call: Call) -> Any:
    """Merge the body into one record."""
    call.query(None)
    data, options = await call.data(), call.options()
    found = _there(await call.model.find_by_id(call.id, options=options), call)
    data = kept(call.model, data, found, whole=False)
    return await found.update_attributes(data, options=options)


async def replace_by_id(call: Call) -> Any:
    """Put the body in the place of one record."""
    call.query(None)
    data = await call.into(call.id, await call.data())
    return await _found(call.model.replace_by_id(call.id, data, options=call.options()), call)


async def delete_by_id(call: Call) -> Any:
    """Delete one record."""
    call.query(None)
    return await _found(call.model.destroy_by_id(call.id, options=call.options()), call)


async def _found(work: Awaitable[Any], call: Call) -> Any:
    """Return what *work* does to the record; the error says no more than that it is not there."""
    try:
        return await work
    except NotFoundError as error:
        raise call.not_found() from error


def _id_in(model: Any, data: Mapping[str, Any]) -> Any:
    """Return the id that *data* holds, None unless it is whole."""
    ids = model.shape.ids
    if not all(data.get(name) is not None for name in ids):
        return None
    return data[ids[0]] if len(ids) == 1 else {name: data[name] for name in ids} or None


def _there(found: Any, call: Call) -> Any:
    """Return what was found."""
    if found is None:
        raise call.not_found()
    return found


def _needed(call: Call) -> dict[str, Any]:
    """Return the condition of a call that must say which records are meant."""
    where = call.query("where")
    if where is None:
        raise InvalidQueryError(
            "The parameter where is needed; where={} says that all records are meant.",
            code="WHERE_REQUIRED",
            path="where",
        )
    return where


def _bounded(filter: dict[str, Any] | None, limits: Limits) -> dict[str, Any] | None:
    """Return *filter*, unless it asks for more records than it may."""
    limit = None if filter is None else filter.get("limit")
    try:
        number = int(limit or 0)
    except (TypeError, ValueError, OverflowError):
        return filter  # no number: whoever parses it says so
    if number > limits.max_limit:
        exceeded(limits, "max_limit")
    return filter


Verbs = Mapping[str, Handler]

COLLECTION: Final[Verbs] = MappingProxyType(
    {"GET": find, "POST": create, "PATCH": update_or_create, "PUT": replace_or_create}
)
STATICS: Final[Mapping[str, Verbs]] = MappingProxyType(
    {
        "count": {"GET": count},
        "findOne": {"GET": find_one},
        "replaceOrCreate": {"POST": replace_or_create},
        "update": {"POST": update_all},
        "upsertWithWhere": {"POST": upsert_with_where},
    }
)
RECORD: Final[Verbs] = MappingProxyType(
    {
        "GET": find_by_id,
        "HEAD": head,
        "PUT": replace_by_id,
        "PATCH": update_by_id,
        "DELETE": delete_by_id,
    }
)
METHODS: Final[Mapping[str, Verbs]] = MappingProxyType(
    {"exists": {"GET": exists}, "replace": {"POST": replace_by_id}}
)


def handler_of(target: Target, verb: str, path: str) -> Handler:
    """Return what handles *verb* on *target*.

    The name of a method of the collection is an id too, for the verbs that the method lacks.

    Raises:
        JugglerError: There is no such path (404), or it does not take the verb (405).
    """
    verbs: Verbs | None
    if target.id is None:
        verbs = COLLECTION
    elif target.method is not None:
        verbs = METHODS.get(target.method)
    else:
        verbs = {**RECORD, **STATICS[target.id]} if target.id in STATICS else RECORD
    if verbs is None:
        raise no_such_path(path)
    found = verbs.get(verb)
    if found is None:
        raise wrong_verb(verb, sorted(verbs))
    return found
