"""Views for tests of strategies: made by hand, or by chance."""

from hypothesis import strategies as st

from juggler.registry.managing.policy import Policy
from juggler.registry.strategies.view import RegistryView, TenantView

NOW = 1_000.0


def resident(code: str, idle: float = 0.0, **more: object) -> TenantView:
    """Return a resident tenant that was at work *idle* seconds before `NOW`."""
    fields: dict[str, object] = {"models": 1, "bytes": 100, "accesses": 1, **more}
    used = 0.0 if fields.get("in_use") else idle
    return TenantView(code, NOW - idle, used, **fields)  # type: ignore[arg-type]  # by name


def view_of(*tenants: TenantView, memory: int = 0, available: int = 1_000) -> RegistryView:
    """Return a view of *tenants* alone, with what the process is said to take."""
    return RegistryView(
        tenants,
        NOW,
        models=sum(each.models for each in tenants),
        bytes=sum(each.bytes for each in tenants),
        read_memory=lambda: memory,
        read_available=lambda: available,
    )


def policies() -> st.SearchStrategy[Policy | None]:
    """Return some policies, and none."""
    idle = st.none() | st.floats(0, 1_000)
    return st.none() | st.builds(Policy, max_idle=idle, pinned=st.booleans())


@st.composite
def views(draw: st.DrawFn) -> RegistryView:
    """Return a view of some tenants, a few of them pinned or in use."""
    tenants = []
    for at in range(draw(st.integers(0, 20))):
        policy = draw(policies())
        tenants.append(
            resident(
                f"t{at}",
                draw(st.floats(0, 1_000)),
                bytes=draw(st.integers(0, 1_000)),
                accesses=draw(st.integers(0, 50)),
                pinned=draw(st.booleans()) or (policy is not None and policy.pinned),
                in_use=draw(st.integers(0, 4)) == 0,
                policy=policy,
            )
        )
    return view_of(*tenants, memory=draw(st.integers(0, 1_000)))
