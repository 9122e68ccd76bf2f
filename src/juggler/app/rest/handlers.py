"""What each verb and path does: one short function each, the same for every model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from juggler.app.limits import Limits, exceeded
from juggler.app.rest.body import Receive, read_json
from juggler.app.rest.intake import keeps, kept, taken
from juggler.app.rest.language import wanted_language
from juggler.errors import InvalidValueError, NotFoundError
from juggler.models.validating.speaking import messages_of
from juggler.types.base import BAD
from juggler.validation.report import MAX_FAILURES, Allowance


@dataclass(frozen=True, slots=True)
class Call:
    """One request on one model.

    Attributes:
        model: The model.
        id: The record that is meant; empty for none.
        query: The object in the query parameter of the route; None where it is not given.
        scope: The request.
        receive: Brings its body.
        limits: What it may ask for at most.
    """

    model: Any
    id: str
    query: dict[str, Any] | None
    scope: Mapping[str, Any]
    receive: Receive
    limits: Limits

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
            if not _BOUNDS.isdisjoint(settings):
                _tighten(bounds, settings)
        locale = self.locale()
        spoken = {} if locale is None else {"locale": locale}
        told = {MAX_FAILURES: Allowance(limits.max_failures)}  # all records of a list share it
        return {"prohibit_hidden_properties_in_query": True, **bounds, **told, **spoken}

    def not_found(self) -> NotFoundError:
        """Return the error for a record that is not there."""
        name = self.model.model_name
        return NotFoundError(f"Unknown {name} id {self.id!r}.", model=name)


Handler = Callable[[Call], Awaitable[Any]]

_BOUNDS: Final = frozenset({"max_conditions", "max_depth_of_query", "max_limit", "default_limit"})


def _tighten(bounds: dict[str, int], settings: Mapping[str, Any]) -> None:
    """Put the stricter ones among *settings* in the place of *bounds*."""
    for name in bounds.keys() & settings.keys():
        given = settings[name]
        bounds[name] = min(bounds[name], given) if isinstance(given, int) else bounds[name]


async def find(call: Call) -> Any:
    """Return the records that match ``?filter=``."""
    filter = _bounded(call.query, call.limits)
    return await call.model.find(filter, options=call.options(many=True))


async def find_one(call: Call) -> Any:
    """Return the first record that matches ``?filter=``."""
    found = await call.model.find_one(call.query, options=call.options())
    if found is None:
        raise NotFoundError("No record matches the filter.", model=call.model.model_name)
    return found


async def count(call: Call) -> Any:
    """Return how many records match ``?where=``."""
    return {"count": await call.model.count(call.query, options=call.options())}


async def find_by_id(call: Call) -> Any:
    """Return one record."""
    found = await call.model.find_by_id(call.id, call.query, options=call.options())
    return _there(found, call)


async def exists(call: Call) -> Any:
    """Tell whether there is a record."""
    return {"exists": await call.model.exists(call.id, options=call.options())}


async def head(call: Call) -> Any:
    """Tell by the status whether there is a record."""
    return _there(await call.model.exists(call.id, options=call.options()) or None, call) and None


async def create(call: Call) -> Any:
    """Store the record, or each record of the list, that is the body."""
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
    data, options = await call.data(), call.options()
    id = _id_in(call.model, data)
    if id is not None and keeps(call.model, data, whole=False):
        stored = await call.model.find_by_id(id, options=options)
        data = data if stored is None else kept(call.model, data, stored, whole=False)
    return await call.model.update_or_create(data, options=options)


async def replace_or_create(call: Call) -> Any:
    """Put the body in the place of the record with its id, or create it."""
    data = await call.data()
    data = await call.into(_id_in(call.model, data), data)
    return await call.model.replace_or_create(data, options=call.options())


async def upsert_with_where(call: Call) -> Any:
    """Merge the body into the one record that matches ``?where=``, or create it."""
    data = await call.data()
    return await call.model.upsert_with_where(call.query, data, options=call.options())


async def update_all(call: Call) -> Any:
    """Merge the body into all records that match ``?where=``."""
    return await call.model.update_all(call.query, await call.data(), options=call.options())


async def update_by_id(call: Call) -> Any:
    """Merge the body into one record."""
    data, options = await call.data(), call.options()
    found = _there(await call.model.find_by_id(call.id, options=options), call)
    data = kept(call.model, data, found, whole=False)
    return await found.update_attributes(data, options=options)


async def replace_by_id(call: Call) -> Any:
    """Put the body in the place of one record."""
    body = await call.data()
    if _is_no_id(call):  # no record has it; what is stored in the body's place is not to blame
        raise call.not_found()
    data = await call.into(call.id, body)
    return await _found(call.model.replace_by_id(call.id, data, options=call.options()), call)


async def delete_by_id(call: Call) -> Any:
    """Delete one record."""
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


def _is_no_id(call: Call) -> bool:
    """Tell whether what stands in the path can be no id of the model, such as text for numbers."""
    shape = call.model.shape
    if len(shape.ids) != 1:
        return False
    try:
        return shape.properties[shape.ids[0]].type.coerce(call.id) is BAD
    except InvalidValueError:
        return True


def _there(found: Any, call: Call) -> Any:
    """Return what was found."""
    if found is None:
        raise call.not_found()
    return found


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
