"""The shares of a registry: found by grantee and name, and by the owner's model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from juggler.models.api import DISPOSED
from juggler.registry.sharing.grant import Grant
from juggler.registry.sharing.share import Share
from juggler.registry.sharing.views import ViewApi

Told = Callable[[Share], None]
Key = tuple[str | None, str]


class Shares:
    """Shares that hold, as far as anybody has looked; changed under the registry's lock.

    Look-ups cost the same however many there are: a name leads to the few shares of that name for
    one tenant, and for all.  True where there is any.

    Args:
        told: Called with each share that ends.

    Attributes:
        by_name: Code of a grantee, None for all tenants, and name -> shares, the oldest first;
            empty while nothing is shared.
    """

    def __init__(self, told: Told) -> None:
        self._told = told
        self._all: dict[int, Share] = {}
        self.by_name: dict[Key, tuple[Share, ...]] = {}
        self._behind: dict[Key, tuple[Share, ...]] = {}
        self._owned: dict[str, dict[Share, None]] = {}
        self._granted: dict[str, dict[Share, None]] = {}
        self._viewed: dict[str, dict[Share, None]] = {}

    def __bool__(self) -> bool:
        return bool(self._all)

    def __iter__(self) -> Iterator[Share]:
        return iter(list(self._all.values()))

    # in -----------------------------------------------------------------------------------------

    def add(self, share: Share) -> None:
        """Take in a new share."""
        self._all[id(share.grant)] = share
        owner, name = share.owner, share.grant.model_name
        self._behind[owner, name] = (*self._behind.get((owner, name), ()), share)
        self._owned.setdefault(owner, {})[share] = None
        for code in self._codes(share):
            self.by_name[code, name] = (*self.by_name.get((code, name), ()), share)
            if code is not None:
                self._granted.setdefault(code, {})[share] = None

    # reading ------------------------------------------------------------------------------------

    def find(self, code: str, name: str) -> Share | None:
        """Return what gives the tenant *code* a model *name*: for it alone before for all."""
        for key in ((code, name), (None, name)):
            for share in self.by_name.get(key, ()):
                if share.covers(code) and share.holds():
                    return share
        return None

    def same(self, owner: str, name: str, codes: Any) -> Share | None:
        """Return what already gives one of *codes* that very model, in the same words."""
        wanted = {None} if codes == "*" else set(codes)
        for share in self._behind.get((owner, name), ()):
            given: set[str | None] = {None} if share.codes is None else set(share.codes)
            if share.holds() and not wanted.isdisjoint(given):
                return share
        return None

    def of(self, grant: Grant) -> Share | None:
        """Return the share of *grant*, None where it has ended."""
        found = self._all.get(id(grant))
        return found if found is not None and found.grant is grant else None

    # views --------------------------------------------------------------------------------------

    def hold(self, tenant: Any, share: Share, view: Any) -> None:
        """Keep *view* for as long as *tenant*, its grantee, is there and the share holds."""
        share.held[tenant] = view
        self._viewed.setdefault(tenant.code, {})[share] = None

    # out ----------------------------------------------------------------------------------------

    def end(self, share: Share, why: str) -> None:
        """End *share*; its views are let go."""
        if share.ended:
            return
        share.ended = why
        owner, name = share.owner, share.grant.model_name
        del self._all[id(share.grant)]
        _without(self._behind, (owner, name), share)
        _drop(self._owned, owner, share)
        for code in self._codes(share):
            _without(self.by_name, (code, name), share)
            if code is not None:
                _drop(self._granted, code, share)
        for tenant in list(share.held):
            _drop(self._viewed, tenant.code, share)
        share.held.clear()
        self._told(share)

    def model_gone(self, model: Any) -> None:
        """End what rests on *model*, which is deleted, replaced or moved.

        Raises:
            PermissionDeniedError: It is a view, which goes with its grant.
        """
        if isinstance(model, ViewApi):
            raise model.denied("remove", "a view goes with its grant")
        home = model._owner
        if home is None or home.tenant is None or home.closed:
            return  # what a tenant gave has ended with its life
        for share in self._behind.get((home.tenant, model._name), ()):
            if share.is_of(model):
                self.end(share, "the model is gone")

    def model_moved(self, model: Any) -> None:
        """Let views of *model* follow it to another structure, or end what cannot."""
        home = model._owner
        code = None if home is None else home.tenant
        for share in self._behind.get((code or "", model._name), ()):
            if share.is_of(model) and not share.follow(model):
                self.end(share, "what is shared of the model is gone")

    def name_gone(self, code: str | None, name: str) -> None:
        """End what rests on a model that is replaced or deleted before it was built."""
        for share in self._behind.get((code or "", name), ()):
            self.end(share, "the model is gone")

    def tenant_gone(self, code: str) -> None:
        """End what the tenant *code* gave; what it was given ends for it alone."""
        for share in list(self._owned.get(code, ())):
            self.end(share, "its owner was cleaned up")
        for share in list(self._granted.get(code, ())):
            self._part(share, code)
        for share in list(self._viewed.pop(code, ())):  # those for all
            _let_go(share, code)

    def clear(self) -> None:
        """End all."""
        for share in self:
            self.end(share, "the registry was cleared")

    def sweep(self) -> None:
        """End what is over and nobody has looked at since."""
        for share in self:
            if not share.holds():
                self.end(share, "it is over")

    def _part(self, share: Share, code: str) -> None:
        """End *share* for one grantee; with the last of them altogether."""
        _let_go(share, code)
        _without(self.by_name, (code, share.grant.model_name), share)
        _drop(self._granted, code, share)
        if share.codes is not None:
            share.codes.discard(code)
            if not share.codes:
                self.end(share, "its grantees were cleaned up")

    @staticmethod
    def _codes(share: Share) -> list[str | None]:
        """Return what a share is found under."""
        return [None] if share.codes is None else list(share.codes)


def _without(table: dict[Key, tuple[Share, ...]], key: Key, share: Share) -> None:
    """Take *share* out of one entry of *table*, and the entry with the last."""
    left = tuple(each for each in table.get(key, ()) if each is not share)
    if left:
        table[key] = left
    else:
        table.pop(key, None)


def _drop(table: dict[str, dict[Share, None]], code: str, share: Share) -> None:
    """Take *share* out of those of one tenant, and the entry with the last."""
    shares = table.get(code)
    if shares is not None:
        shares.pop(share, None)
        if not shares:
            del table[code]


def _let_go(share: Share, code: str) -> None:
    """End the view that the tenant *code* has, without ending the share."""
    view = share.views.pop(code, None)
    if view is not None:
        view._status = DISPOSED
    for tenant in [each for each in list(share.held) if each.code == code]:
        del share.held[tenant]
