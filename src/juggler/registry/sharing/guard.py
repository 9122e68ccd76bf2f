"""The connector that a view reaches: the owner's, with everything else that it could do left out.

Whatever the layers above ask for, rows and properties outside the grant do not get past here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from juggler.connectors.contract import Connector, ModelInfo, Options, Row
from juggler.errors import PermissionDeniedError
from juggler.query.aggregate import Aggregation
from juggler.query.limits import DEFAULT_LIMITS
from juggler.query.merge import both, parse_scope
from juggler.query.nodes import EVERYTHING, And, Condition, Filter, Not, Or, Where
from juggler.query.normalise import normalise_where
from juggler.query.render import where_to_dict
from juggler.registry.sharing.acting import on_behalf

_DATA: Final = frozenset(
    {"aggregate", "atomic", "elem_match", "multi_insert", "near", "nested", "regexp"}
)
_WHOLE: Final = frozenset({"find_or_create", "upsert"})


class Guard(Connector):
    """Passes calls for one view on to the owner's connector, within what was granted.

    Args:
        view: The view.
        store: The owner's connector.
    """

    def __init__(self, view: Any, store: Connector) -> None:
        super().__init__({}, store.host)
        self._view = view
        self._share = view._share
        self._store = store
        narrowed = self._share.narrowed is not None
        self.capabilities = store.capabilities & (_DATA if narrowed else _DATA | _WHOLE)
        whose = {"name": store.name, "types": store.types, "relational": store.relational}
        vars(self).update(whose, relational=narrowed or store.relational)

    def default_id_type(self) -> str:
        """Return the type name that generated ids get."""
        return self._store.default_id_type()

    async def ping(self) -> None:
        """Raise if the store does not answer, or the grant does not hold."""
        self._view.check_alive("ping")
        await self._store.ping()

    # reading ----------------------------------------------------------------------------------

    async def all(self, info: ModelInfo, query: Filter, options: Options) -> list[Row]:
        """Return the rows of *query* that are shared, with what of them is."""
        self._check("find", info, options)
        rows = await self._store.all(self._share.info, self._bound(query), options)
        self._view.check_alive("find")
        return self._shown(rows)

    async def count(self, info: ModelInfo, where: Where, options: Options) -> int:
        """Return how many of the rows that are shared match."""
        self._check("count", info, options)
        found = await self._store.count(self._share.info, self._within(where), options)
        self._view.check_alive("count")
        return found

    async def aggregate(self, info: ModelInfo, asked: Aggregation, options: Options) -> list[Row]:
        """Return figures over the rows that match and are shared, of what of them is."""
        self._check("aggregate", info, options)
        self._allow((path[0] for path in asked.paths), "aggregate")
        within = replace(asked, where=self._within(asked.where))
        found = await self._store.aggregate(self._share.info, within, options)
        self._view.check_alive("aggregate")
        return found

    # writing ----------------------------------------------------------------------------------

    async def update(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Merge *data* into the rows that match and are shared."""
        self._check("update_all", info, options)
        self._allow(data, "data")
        within = self._within(where)
        return await self._store.update(self._share.info, within, data, options)

    async def modify(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Merge *data*, changes worked out, into the rows that match and are shared."""
        self._check("update_all", info, options)
        self._allow(data, "data")
        within = self._within(where)
        return await self._store.modify(self._share.info, within, data, options)

    async def create(self, info: ModelInfo, data: Row, options: Options) -> Any:
        """Store a new row."""
        self._check("create", info, options)
        return await self._store.create(self._share.info, data, options)

    async def create_all(self, info: ModelInfo, rows: Sequence[Row], options: Options) -> list[Any]:
        """Store all rows or none."""
        self._check("create_all", info, options)
        return await self._store.create_all(self._share.info, rows, options)

    async def replace(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Put *data* in the place of the row that matches and is shared."""
        self._check("replace_by_id", info, options)
        within = self._within(where)
        return await self._store.replace(self._share.info, within, data, options)

    async def destroy_all(self, info: ModelInfo, where: Where, options: Options) -> int:
        """Delete the rows that match and are shared."""
        self._check("destroy_all", info, options)
        return await self._store.destroy_all(self._share.info, self._within(where), options)

    async def update_or_create(
        self, info: ModelInfo, data: Row, defaults: Row, scope: Where, options: Options
    ) -> tuple[Row, bool]:
        """Merge *data* into the row with its key, or insert it; a row not shared is a duplicate."""
        self._check("upsert", info, options)
        within = self._within(scope)
        found = await self._store.update_or_create(
            self._share.info, data, defaults, within, options
        )
        self._view.check_alive("upsert")
        return found

    async def find_or_create(
        self, info: ModelInfo, query: Filter, data: Row, options: Options
    ) -> tuple[Row, bool]:
        """Return the first row of *query* that is shared and False, or insert *data* and True."""
        self._check("find_or_create", info, options)
        within = self._bound(query)
        found = await self._store.find_or_create(self._share.info, within, data, options)
        self._view.check_alive("find_or_create")
        return found

    # what is granted --------------------------------------------------------------------------

    def _check(self, operation: str, info: ModelInfo, options: Options) -> None:
        """Refuse what is not granted, and what reaches for another model or past the scope.

        Raises:
            PermissionDeniedError: The grant does not hold, or does not go that far.
        """
        self._view.check_alive(operation)
        if info is not self._view.info:
            raise self._view.denied(operation, f"it does not reach the model {info.name}")
        if options and options.get("unscoped"):
            raise self._view.denied(operation, "the default scope of the owner always holds")

    def _bound(self, query: Filter) -> Filter:
        """Return *query* within what is shared."""
        if query.include or query.extras:
            raise self._view.denied("find", "`include` and clauses of the store are not shared")
        where, narrowed = self._within(query.where), self._share.narrowed
        if narrowed is None:
            return replace(query, where=where)
        self._allow((term.path[0] for term in query.order), "order")
        self._allow(query.fields or (), "fields")
        return replace(query, where=where, fields=query.fields or self._share.grant.fields)

    def _within(self, where: Where) -> Where:
        """Return *where* within the default scope of the owner."""
        self._allow(_names(where), "where")
        return both(where, self._scope(where))

    def _scope(self, where: Where) -> Where:
        """Return the condition that the owner's model puts on all its calls."""
        model = self._share.model()
        scoped = getattr(model, "default_scope", None)
        if scoped is None:
            return EVERYTHING
        with on_behalf(self._view, self._share.owner):
            given = scoped({"where": where_to_dict(where)}, None)
        if not given:
            return EVERYTHING
        scope, off = parse_scope(given, DEFAULT_LIMITS)
        return EVERYTHING if "where" in off else normalise_where(scope.where, model.shape)

    def _allow(self, names: Iterable[str], what: str) -> None:
        """Refuse names of properties that are not shared.

        Raises:
            PermissionDeniedError: There is one.
        """
        narrowed = self._share.narrowed
        if narrowed is None:
            return
        for name in names:
            if name not in narrowed:
                raise self._view.denied(what, f"the property {name!r} is not shared")

    def _shown(self, rows: list[Row]) -> list[Row]:
        """Return *rows* with the properties that are shared."""
        narrowed = self._share.narrowed
        if narrowed is None:
            return rows
        return [{name: row[name] for name in row if name in narrowed} for row in rows]


def _names(where: Where) -> Iterable[str]:
    """Yield the property of each condition in *where*; what is unknown is refused."""
    if isinstance(where, Condition):
        yield where.path[0]
    elif isinstance(where, Not):
        yield from _names(where.child)
    elif isinstance(where, And | Or):
        for child in where.children:
            yield from _names(child)
    else:
        raise PermissionDeniedError(f"A condition of this kind is not shared: {where!r}.")


def shown_settings(settings: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """Return those of a source's *settings* that say how calls behave, without places and keys."""
    return {key: item for key, item in settings.items() if key in names}
