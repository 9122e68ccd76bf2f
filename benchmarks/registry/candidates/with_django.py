"""Models that Django makes: an app label for each tenant."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Callable
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.db import models

from benchmarks import samples
from benchmarks.registry.candidates.own import OwnTables

FIELDS = {
    str: models.TextField,
    int: models.IntegerField,
    float: models.FloatField,
    bool: models.BooleanField,
}
_numbers = itertools.count()


class Models(OwnTables):
    """Makes ``type(name, (models.Model,), {...})``; Django's app registry keeps what was made."""

    def __init__(self) -> None:
        super().__init__()
        self._number = next(_numbers)
        if not settings.configured:
            settings.configure(INSTALLED_APPS=[])
            django.setup()

    def _label(self, tenant: str) -> str:
        """Return the app label of a tenant; Django's registry is one for the whole process."""
        return f"candidate{self._number}_{tenant}"

    def make(self, name: str, number: int | None, tenant: str) -> Any:
        """Return a new model under the tenant's label."""
        body: dict[str, Any] = {
            "__module__": __name__,
            "Meta": type("Meta", (), {"app_label": self._label(tenant)}),
        }
        for field, kind in samples.annotated(number).items():
            body[field] = models.AutoField(primary_key=True) if field == "id" else FIELDS[kind]()
        return type(name, (models.Model,), body)

    def finish(self) -> None:
        """Take what was made out of Django's registry."""
        for made in self._made:
            apps.all_models.pop(made._meta.app_label, None)
        apps.clear_cache()
        super().finish()

    def instance(self, model: Any, number: int) -> Any:
        """Return an instance."""
        return model(**samples.values_of(number))

    def finder(self, tenant: str, name: str) -> Callable[[int], None]:
        """Return what asks Django's registry for registered models."""
        label = self._label(tenant)

        def look_up(times: int) -> None:
            for _ in range(times):
                apps.get_registered_model(label, name)

        return look_up

    def clean(self, tenant: str) -> None:
        """Take the tenant's models out of the tables behind Django's registry, and collect.

        Django has no call for it: dropping the references alone leaves every model alive.
        """
        del self._tenants[tenant]
        apps.all_models.pop(self._label(tenant))
        apps.clear_cache()
        gc.collect()
