"""Rules: tenants are cleaned up in every way there is."""

import asyncio
from contextvars import copy_context
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from juggler.registry.managing.manager import RegistryManager
from juggler.registry.records import CleanupResult
from juggler.registry.strategies.idle import IdleStrategy
from juggler.registry.strategies.lru import LeastRecentlyUsed
from tests.registry.machine.expected import end_life
from tests.registry.machine.world import CODES, NUMBERS, World


class Leaving(World):
    """Clean-ups, passes of a manager, and what keeps a tenant."""

    @rule(who=NUMBERS, code=CODES, force=st.booleans())
    def clean(self, who: int, code: str, force: bool) -> None:
        """Clean a tenant up."""
        actor, known = self.actor(who), code in self.expected.resident
        names = self._listed(code)
        stays = self._stays(code, force)
        result = self.do(actor, lambda: self.registry.cleanup_tenant(code, force=force))
        self._check_result(result, names, stays)
        if not known:
            end_life(self.actors, code, actor)
        elif stays is None:
            assert code not in self.expected.resident
        self.observe(code)

    @rule(code=CODES, force=st.booleans(), turns=st.integers(0, 6), cancel=st.booleans())
    def clean_in_slices(self, code: str, force: bool, turns: int, cancel: bool) -> None:
        """Clean a tenant up in slices of one model; others go on meanwhile, the caller may go."""
        known, stays = code in self.expected.resident, self._stays(code, force)

        async def begin() -> Any:
            work = self.registry.cleanup_tenant_async(code, batch=1, force=force)
            return asyncio.create_task(work)

        task = self.runner.run(begin(), context=copy_context())
        self.pending.append(task)
        self.turn()
        if not known:
            end_life(self.actors, code, None)
        for _ in range(turns):
            self.turn()
        if turns > 2 and stays is None:
            assert code not in self.expected.resident
        if cancel:
            task.cancel()
            self.turn()
        self.observe(code)

    @rule(code=CODES, turns=st.integers(1, 4))
    def clean_when_free(self, code: str, turns: int) -> None:
        """Wait for a tenant in use to be free, and clean it up then."""
        if code not in self.expected.resident:
            return

        async def begin() -> Any:
            return asyncio.create_task(self.registry.cleanup_tenant_async(code, grace=1_000))

        self.pending.append(self.runner.run(begin(), context=copy_context()))
        for _ in range(turns):
            self.turn()
        self.observe(code)

    @rule(who=NUMBERS)
    def clear(self, who: int) -> None:
        """Empty the registry."""
        self.do(self.actor(who), self.registry.clear)
        self.expected.clear()
        assert self.registry.get_all_models() == []
        assert self.registry.tenant_codes() == []

    @rule(idle=st.sampled_from([0.0, 5.0]), forced=st.booleans())
    def pass_over_the_idle(self, idle: float, forced: bool) -> None:
        """Let a manager clean up who is idle, and nobody else."""
        manager = RegistryManager(self.registry, max_idle_time=idle)
        due = {
            each.tenant_code: each.idle_time
            for each in self.registry.get_stats().tenant_stats
            if not each.cold and not self.in_use(each.tenant_code)
        }
        due = {code: at for code, at in due.items() if not self.registry._tenants[code].pinned}
        clean = manager.force_cleanup if forced else manager.run_pass
        results = self.do(self.actors[0], clean)
        wanted = [code for code, at in due.items() if forced or at >= idle]
        assert sorted(each.tenant for each in results) == sorted(wanted)
        done = {each.tenant for each in results if each.error is None}
        assert done == set(wanted) - self.vetoed
        assert done.isdisjoint(self.expected.resident)

    @rule(most=st.integers(1, 2), idle=st.booleans())
    def pass_with_a_strategy(self, most: int, idle: bool) -> None:
        """Let a manager evict: nobody is cleaned up, and none that is in use or pinned goes."""
        strategy: Any = IdleStrategy(5.0) if idle else LeastRecentlyUsed(most)
        tenants = self.registry._tenants
        stay = {code for code in tenants if self.in_use(code) or tenants[code].pinned}
        assert RegistryManager(self.registry, strategy=strategy).run_pass() == []
        assert stay <= set(tenants)
        if not idle:
            assert len(tenants) <= max(most, len(stay))
        self.observe_all()

    # what keeps a tenant ----------------------------------------------------------------------

    @rule(code=CODES)
    def lease(self, code: str) -> None:
        """Keep a tenant in use."""
        if self.expected.resident.get(code) and len(self.leases) < 3:
            there = self.registry._tenants[code]
            lease = there.lease()
            lease.__enter__()
            self.leases.append((code, lease, there.owner))

    @rule(at=NUMBERS, turns=st.integers(0, 4))
    def end_a_lease(self, at: int, turns: int) -> None:
        """Keep it no longer; who waited for that goes on."""
        if self.leases:
            _, lease, _ = self.leases.pop(at % len(self.leases))
            lease.__exit__(None, None, None)
            for _ in range(turns):
                self.turn()

    @rule(code=CODES, pinned=st.booleans())
    def pin(self, code: str, pinned: bool) -> None:
        """Pin a tenant, or let it loose."""
        if self.expected.resident.get(code):
            self.registry._tenants[code].pinned = pinned

    @rule(code=CODES)
    def veto(self, code: str) -> None:
        """Veto clean-ups of a tenant, or end that."""
        if code in self.vetoed:
            self.vetoed.discard(code)
        else:
            self.vetoed.add(code)
        while self.ears:
            self.ears.pop()()
        if self.vetoed:
            on = self.registry.on
            self.ears.append(on("tenant_cleaning", lambda each: each.tenant not in self.vetoed))

    # inside -----------------------------------------------------------------------------------

    def in_use(self, code: str) -> bool:
        """Tell whether there is a lease for the tenant that *code* is now."""
        there = self.registry._tenants.get(code)
        return there is not None and any(owner is there.owner for _, _, owner in self.leases)

    def _stays(self, code: str, force: bool) -> str | None:
        """Return why a tenant is not cleaned up; None if it is."""
        if code not in self.expected.resident:
            return None
        if self.in_use(code) and not force:
            return "in use"
        return "vetoed" if code in self.vetoed else None

    def _listed(self, code: str) -> tuple[str, ...]:
        """Return all names of a tenant, anonymous ones included."""
        found = self.registry.get_tenant_registry_info().tenants.get(code)
        return () if found is None else tuple(found["models"])

    def _check_result(
        self, result: CleanupResult, names: tuple[str, ...], stays: str | None
    ) -> None:
        if stays is not None:
            assert result.error is not None
            assert result.error.startswith(stays)
            assert result.models_removed == 0
            return
        assert result.error is None
        assert set(names) <= set(result.cleaned_models)
        assert result.models_removed == len(result.cleaned_models)
