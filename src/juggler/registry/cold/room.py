"""Where cold tenants are kept: making one cold, and waking it."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakValueDictionary

from juggler.context import check_tenant_code
from juggler.models.structure import set_up
from juggler.registry.anonymous import is_anonymous
from juggler.registry.builder import ModelBuilder
from juggler.registry.cold.bundle import Bundle, BundleTable, Entry
from juggler.registry.cold.entries import entry_of
from juggler.registry.cold.placing import TenantPlacement
from juggler.registry.cold.record import ColdTenant
from juggler.registry.cold.space import TenantModels
from juggler.registry.counts import Counts
from juggler.registry.owners import Owner

CanKeep = Callable[[str, Entry], bool]


class ColdRoom:
    """The cold tenants; its tables change under the registry's lock alone.

    The records are flat objects that the collector never looks at, so whatever may lead back to the
    registry (models, data sources, bundles that refer to some) stands in tables of its own.

    Args:
        builder: Knows what models are made of.
        placement: Puts models into namespaces.
        counts: The registry's figures.
        new_owner: Makes the record of a tenant that nobody has a handle of.

    Attributes:
        records: Code -> figures.
        bundles_of: Code -> definitions; none while they are in the store alone.
        held: Code -> models that cannot be built again.
        owners: Code -> the tenant's own record, while a handle, namespace or model has it.
        bundles: All bundles.
    """

    def __init__(
        self,
        builder: ModelBuilder,
        placement: TenantPlacement,
        counts: Counts,
        new_owner: Callable[[str], Owner],
    ) -> None:
        self.records: dict[str, ColdTenant] = {}
        self.bundles_of: dict[str, Bundle] = {}
        self.held: dict[str, tuple[Any, ...]] = {}
        self.owners: WeakValueDictionary[str, Owner] = WeakValueDictionary()
        self.bundles = BundleTable()
        self._builder = builder
        self._placement = placement
        self._counts = counts
        self._new_owner = new_owner

    # to rest ----------------------------------------------------------------------------------

    def definitions(
        self, space: TenantModels, can_keep: CanKeep | None = None
    ) -> tuple[Bundle, tuple[Any, ...]]:
        """Return what the tenant's models can be built of, and the models that cannot.

        Args:
            space: The tenant's namespace.
            can_keep: Asked whether a definition may stand for its model.
        """
        entries: dict[str, Entry | None] = {}
        held = []
        anonymous = space._anonymous
        for name in space._names or dict.keys(space):
            model = space._built(name)
            if model is None:
                entries[name] = space._entry(name)
                continue
            if anonymous is not None and is_anonymous(model) and model not in anonymous.kept:
                continue  # it comes with those that embed it
            entry = entry_of(model, space, self._builder)
            if entry is not None and can_keep is not None and not can_keep(name, entry):
                entry = None
            if entry is None:
                held.append(model)
            entries[name] = entry
        return self.bundles.intern(entries), tuple(held)

    def rest(self, space: TenantModels, bundle: Bundle, held: tuple[Any, ...]) -> ColdTenant:
        """Make a tenant cold: its *held* models stay, the others are held no longer."""
        owner = space._owner
        code = owner.tenant or ""
        asleep = len(space) - len(bundle)
        owner.since = owner.since or min((each._since for each in space._models()), default=0.0)
        self._counts.rest(owner, asleep, len(held))
        owner.extra = self._placement.beyond(held)
        record = owner.cold = self.records[code] = _record(owner, len(held))
        self.bundles_of[code] = bundle
        if held:
            self.held[code] = held
        kept = {id(each) for each in held}
        gone = [weakref.ref(each) for each in space._models() if id(each) not in kept]
        space._rest(bundle.entries)
        self.owners[code] = owner
        _note_survivors(owner, gone)
        return record

    def declare(self, code: str, bundle: Bundle, now: float, since: float) -> ColdTenant:
        """Note a tenant that was unknown until now, cold with its definitions."""
        record = ColdTenant(now, now, count=len(bundle), since=since)
        self.records[code] = record
        self.bundles_of[code] = bundle
        self._counts.declare(len(bundle))
        return record

    def know(self, codes: Iterable[str], now: float) -> None:
        """Note tenants whose definitions are in the store."""
        for code in codes:
            self.records[check_tenant_code(code)] = ColdTenant(now, now, loaded=False)

    def load(self, code: str, bundle: Bundle) -> None:
        """Give a cold tenant the definitions that were in the store."""
        record = self.records[code]
        self.bundles_of[code] = bundle
        record.count, record.since, record.loaded = len(bundle), time.time(), True
        self._counts.declare(len(bundle))

    def is_free_of(self, code: str, bundle: Bundle) -> bool:
        """Tell whether *bundle* can be added to what is cold without touching any model."""
        return code not in self.held or bundle.entries.keys().isdisjoint(self.bundles_of[code])

    def extended(self, code: str, bundle: Bundle) -> Bundle:
        """Return the definitions of a cold tenant with those of *bundle*."""
        return self.bundles.intern({**self.bundles_of[code].entries, **bundle.entries})

    def extend(self, code: str, whole: Bundle) -> None:
        """Give a cold tenant other definitions, which have all names of the former ones."""
        record, former = self.records[code], self.bundles_of[code]
        new = len(whole) - len(former)
        replaced = [
            name
            for name, entry in former.entries.items()
            if entry is not None and not entry.is_like(whole.entries[name])
        ]
        self.bundles_of[code] = whole
        record.count += new
        record.since = record.since or time.time()
        self._counts.declare(new, len(replaced))
        for name in replaced:
            self._placement.replaced_unbuilt(code, name)

    def with_new(
        self, space: TenantModels, new: dict[str, Entry], can_keep: CanKeep | None
    ) -> Bundle:
        """Return the definitions that a tenant will have once it has the *new* ones too."""
        now, _ = self.definitions(space, can_keep)
        return self.bundles.intern({**now.entries, **new})

    # awake ------------------------------------------------------------------------------------

    def wake(self, code: str, registry: Any) -> TenantModels:
        """Return the namespace of a cold tenant, with what outlived the eviction in it."""
        record, bundle, held = self.records[code], self.bundles_of[code], self.held.get(code, ())
        owner = self.owners.pop(code, None)
        if owner is None:
            owner = self._new_owner(code)
            _restore(owner, record)
        owner.cold = None
        owner.extra = 0
        space: TenantModels | None = owner.space()
        if space is None:
            space = TenantModels._make(owner, registry)
        space._names = dict(bundle.entries)
        named = [each for each in (owner.survivors or {}).values() if not is_anonymous(each)]
        self._counts.built -= len(held)
        for model in (*held, *named):
            self._placement.resume(space, model)
        return space

    def build(self, space: TenantModels, name: str) -> Any:
        """Return the model *name* of a resident tenant, built now if it is only declared.

        Raises:
            KeyError: There is none.
        """
        found = space._built(name)
        if found is not None:
            return found
        entry = space._entry(name)
        if entry is None:
            raise KeyError(name)
        base = space.get(entry.base) if type(entry.base) is str else entry.base
        made: Any = self._builder.forwards.take(space._owner, name)
        if made is None:
            made = self._builder.registry.model_type(name, entry.blueprint, base)
        else:
            made.become(entry.blueprint, base)
        made._use(entry.source)
        if entry.blueprint.mixins:
            made._owner = space._owner
            self._builder.mixins.apply_settings(made)
        self._placement.build(space, made)
        if base is not None:
            set_up(made)
        return made

    def forget(self, code: str) -> None:
        """Forget a tenant that is cold no longer."""
        for table in (self.records, self.bundles_of, self.held):
            table.pop(code, None)


def _record(owner: Owner, held: int) -> ColdTenant:
    """Return the figures of a tenant that goes cold."""
    return ColdTenant(
        owner.created_at,
        owner.last_accessed,
        owner.accesses,
        count=owner.count,
        held=held,
        dormant=owner.dormant,
        extra=owner.extra,
        since=owner.since,
        policy=owner.policy,
        pinned=owner.pinned,
    )


def _restore(owner: Owner, record: ColdTenant) -> None:
    """Give a tenant that wakes the figures it had."""
    owner.created_at, owner.last_accessed = record.created_at, record.last_accessed
    owner.accesses, owner.count, owner.dormant = record.accesses, record.count, record.dormant
    owner.since, owner.policy, owner.pinned = record.since, record.policy, record.pinned


def _note_survivors(owner: Owner, gone: list[weakref.ref[Any]]) -> None:
    """Remember the models that somebody still has, all those that slept on before among them."""
    alive = [model for each in gone if (model := each()) is not None]
    if alive:
        survivors = owner.survivors or WeakValueDictionary()
        survivors.update({model._name: model for model in alive})
        owner.survivors = survivors
