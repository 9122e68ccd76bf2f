"""What is measured of a registry, and how it is read and told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from juggler.events import Handler
from juggler.registry.managing.survey import Surveyed, finished, other_bytes
from juggler.registry.records import EVENTS, RegistryEvent, RegistryStats, TenantStats
from juggler.telemetry import COUNTER, GAUGE, HISTOGRAM, OTHER, Metric, Recorder, Sample, first_few

LABELLED: Final = 20
"""Tenants with a label of their own: so many with the most models, and so many with the most bytes;
all others are one, ``other``."""


def _gauge(name: str, help_: str, unit: str = "", *labels: str) -> Metric:
    return Metric(f"juggler_{name}", GAUGE, help_, labels, unit)


def _counter(name: str, help_: str) -> Metric:
    return Metric(f"juggler_{name}", COUNTER, help_)


WHOLE: Final[Mapping[str, Metric]] = {
    "total_models": _gauge("models", "Registered models."),
    "registered_total": _counter("models_registered", "Models that were registered."),
    "disposed_total": _counter("models_disposed", "Models that were let go."),
    "reuse_count": _counter("models_reused", "Times that an anonymous model served again."),
    "unique_models": _gauge("unique_models", "Distinct model objects."),
    "shapes": _gauge("shapes", "Compiled structures."),
    "tenant_registries": _gauge("tenants", "Tenants that the registry knows, resident and cold."),
    "total_tenant_models": _gauge("models_of_tenants", "Models that belong to tenants."),
    "global_models": _gauge("global_models", "Models that belong to nobody."),
    "owners": _gauge("owners", "Owners of models."),
    "cold_tenants": _gauge("tenants_cold", "Tenants whose models are only declared."),
    "bytes_estimate": _gauge("bytes", "Memory that the models take, estimated.", "By"),
}
"""Figure of `RegistryStats` -> what it is measured as."""

RESIDENT: Final = _gauge("tenants_resident", "Tenants whose models are built.")

EACH: Final[Mapping[str, Metric]] = {
    "model_count": _gauge("tenant_models", "Models of a tenant.", "", "tenant"),
    "anonymous_count": _gauge("tenant_anonymous_models", "Its anonymous models.", "", "tenant"),
    "accesses": _gauge("tenant_accesses", "How often it was at work.", "", "tenant"),
    "bytes_estimate": _gauge("tenant_bytes", "Memory that its models take.", "By", "tenant"),
    "in_use": _gauge("tenant_in_use", "Whether it is at work now.", "", "tenant"),
    "idle_time": _gauge("tenant_idle_seconds", "Since it was at work.", "s", "tenant"),
    "creation_time": _gauge("tenant_created_seconds", "When it came.", "s", "tenant"),
    "last_accessed": _gauge("tenant_accessed_seconds", "When it was at work.", "s", "tenant"),
}
"""Figure of a resident tenant -> what it is measured as; times are on the registry's clock."""

SUMMED: Final = ("model_count", "anonymous_count", "accesses", "bytes_estimate", "in_use")
"""Figures that make sense of all other tenants together."""

CLEANUP: Final = Metric("juggler_cleanup_seconds", HISTOGRAM, "Duration of clean-ups.", unit="s")
PASSES: Final = Metric(
    "juggler_cleanup_pass_seconds", HISTOGRAM, "Duration of clean-up passes.", unit="s"
)
ACTIVATION: Final = Metric(
    "juggler_activation_seconds", HISTOGRAM, "Duration of activations of cold tenants.", unit="s"
)
HAPPENED: Final = Metric("juggler_registry_events", COUNTER, "Events of the registry.", ("event",))

TOLD: Final = tuple(each for each in EVENTS if not each.startswith("model_r"))
METRICS: Final = (*WHOLE.values(), RESIDENT, *EACH.values())
"""All that `Measured.samples` gives."""


class Measured(Surveyed, Protocol):
    """A registry, as it is measured."""

    def get_stats(self, *, brief: bool = False) -> RegistryStats:
        """Return the figures of the registry."""

    def on(self, event: str, handler: Handler) -> Callable[[], None]:
        """Subscribe to an event."""


def samples(registry: Measured, labelled: int = LABELLED) -> Iterator[Sample]:
    """Yield the figures of this moment; no more than twice *labelled* tenants have a label.

    It looks at each resident tenant, not at models; of cold ones it takes the bytes alone.
    """
    stats = registry.get_stats(brief=True)
    tenants = tuple(each.get_stats() for each in list(registry._tenants.values()))
    size = sum(each.bytes_estimate for each in tenants) + finished(other_bytes(registry))
    stats = replace(stats, bytes_estimate=size)
    for name, metric in WHOLE.items():
        yield Sample(metric, getattr(stats, name))
    yield Sample(RESIDENT, len(tenants))
    yield from _of_tenants(tenants, labelled)


def _of_tenants(tenants: tuple[TenantStats, ...], labelled: int) -> Iterator[Sample]:
    """Yield the figures of the largest tenants, and of all others together."""
    with_models = [each for each in tenants if each.model_count]
    named = first_few(
        with_models, labelled, lambda each: each.model_count, lambda each: each.bytes_estimate
    )
    codes = {each.tenant_code for each in named}
    for each in named:
        labels = {"tenant": each.tenant_code}
        for name, metric in EACH.items():
            yield Sample(metric, float(getattr(each, name)), labels)
    others = [each for each in with_models if each.tenant_code not in codes]
    for name in SUMMED:
        yield Sample(
            EACH[name], float(sum(getattr(each, name) for each in others)), {"tenant": OTHER}
        )


class Telling(Struct, frozen=True):
    """Tells a recorder what happens in a registry."""

    recorder: Recorder

    def start(self, registry: Measured) -> Callable[[], None]:
        """Begin, and return a function that ends it."""
        stops = [registry.on(event, self._tell) for event in TOLD]

        def stop() -> None:
            for each in stops:
                each()

        return stop

    def _tell(self, event: RegistryEvent) -> None:
        self.recorder.count(HAPPENED, labels={"event": event.event})
        milliseconds = event.details.get("duration")
        if event.result is not None:
            milliseconds = event.result.duration
        metric = _TIMED.get(event.event)
        if metric is not None and milliseconds is not None:
            self.recorder.observe(metric, milliseconds / 1_000)


_TIMED: Final = {
    "tenant_cleaned": CLEANUP,
    "cleanup_pass": PASSES,
    "tenant_activated": ACTIVATION,
}
