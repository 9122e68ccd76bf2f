"""Models of Django, without a database."""

from __future__ import annotations

import json
from typing import Any

import django
from django.conf import settings

from benchmarks.models.contestants.base import Contestant
from benchmarks.models.records import ROW, Data

NAMES = tuple(ROW)


def contestant(*, nested: bool) -> Contestant | None:
    """Return what is measured; embedded objects would be tables of their own, so None for them."""
    if nested:
        return None
    if not settings.configured:
        settings.configure(INSTALLED_APPS=[])
        django.setup()
    from django.core.serializers.json import DjangoJSONEncoder

    model = _model()

    def load(row: Data) -> Any:
        return model.from_db("default", NAMES, tuple(row.values()))

    def coerce(data: Data) -> Any:
        made = model(**data)
        made.clean_fields()
        return made

    def values(instance: Any) -> Data:
        return {field.attname: getattr(instance, field.attname) for field in fields}

    fields = model._meta.concrete_fields
    return Contestant(
        "Django",
        load=load,
        coerce=coerce,
        to_dict=values,
        to_json=lambda instance: json.dumps(values(instance), cls=DjangoJSONEncoder).encode(),
    )


def _model() -> Any:
    """Return the flat record; settings must be there before fields can be made."""
    from django.apps import apps
    from django.db import models

    known = apps.all_models["instances"].get("record")
    if known is not None:
        return known
    body: dict[str, Any] = {
        "__module__": __name__,
        "Meta": type("Meta", (), {"app_label": "instances"}),
        "id": models.IntegerField(primary_key=True),
        **{name: models.TextField() for name in ("name", "email", "note")},
        "age": models.IntegerField(),
        "score": models.FloatField(),
        "active": models.BooleanField(),
        "born": models.DateTimeField(),
        "price": models.DecimalField(max_digits=10, decimal_places=2),
        "tags": models.JSONField(),
    }
    return type("Record", (models.Model,), body)
