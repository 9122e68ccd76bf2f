"""Rules: tenants share models, and take that back."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from juggler.errors import (
    DefinitionError,
    JugglerError,
    ModelDisposedError,
    NotFoundError,
    PermissionDeniedError,
    TenantContextError,
)
from tests.registry.machine.expected import Given
from tests.registry.machine.world import CODES, NUMBERS, World, is_view


class Sharing(World):
    """Grants and views."""

    @rule(
        who=NUMBERS,
        code=CODES,
        at=NUMBERS,
        others=st.sets(CODES, min_size=1, max_size=2),
        to_all=st.booleans(),
        narrow=st.booleans(),
        until=st.sampled_from([None, 5.0]),
    )
    def share(
        self,
        who: int,
        code: str,
        at: int,
        others: set[str],
        to_all: bool,
        narrow: bool,
        until: float | None,
    ) -> None:
        """Share a model with some or all, whole or in part, for ever or not."""
        actor, now = self.actor(who), self.clock()
        with_: Any = "*" if to_all else sorted(others)
        options: Any = {"fields": ["id"] if narrow else None, "until": until}
        own = self.expected.names.get(code, {})
        name = list(own)[at % len(own)] if own else "A"
        try:
            grant = self.do(actor, lambda: self.registry.share(name, code, with_, **options))
        except TenantContextError:
            assert actor.code not in (None, code)
        except ModelDisposedError:
            assert actor.is_former(code)
        except (NotFoundError, PermissionDeniedError):
            assert name not in own
        except DefinitionError as error:
            reasons = ("shared there already", "one other tenant", "part of other", "it has no")
            assert any(each in str(error) for each in reasons)  # noqa: PT017
        else:
            assert not actor.is_former(code), "a life that is over gives nothing away"
            assert name in own
            ends = None if until is None else now + until
            self.expected.given.append(Given(grant, None if to_all else set(with_), ends))
        self.observe_all()

    @rule(at=NUMBERS)
    def revoke(self, at: int) -> None:
        """Revoke a grant, whether it still holds or not."""
        if self.actors[0].stack or not self.expected.given:
            return
        one = self.expected.given[at % len(self.expected.given)]
        held = one.stands(self.clock())
        assert self.registry.revoke(one.grant) is held
        one.over = True

    @rule(who=NUMBERS)
    def use_views(self, who: int) -> None:
        """Use the views that somebody holds: they work as long as their grant, for one tenant."""
        actor, now = self.actor(who), self.clock()
        for view in [each for each in self.held if is_view(each)]:
            given = next(one for one in self.expected.given if one.grant is view.grant)
            try:
                self.do(actor, lambda view=view: view.check_alive("find"))
            except PermissionDeniedError:
                assert not given.holds(view._code, now)
            except ModelDisposedError:
                assert view._status
            except TenantContextError:
                assert actor.code != view._code
            else:
                assert given.holds(view._code, now)
                assert actor.code == view._code
            try:
                self.do(actor, view.get_data_source)
            except JugglerError:
                continue
            assert given.holds(view._code, now)
        self.observe_all()
