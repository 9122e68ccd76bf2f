"""The error for names that a strict model does not know and refuses at once."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from juggler.errors import ValidationError
from juggler.models.validating.speaking import messages_of


def unknown_properties(instance: Any, names: Mapping[str, Any]) -> ValidationError:
    """Return the error for keys that a strict model does not know; of many it lists the first."""
    model = instance._model.model_name
    messages = messages_of(instance._model)
    first = islice(names, ValidationError.max_failures)
    texts = {name: messages.text("unknown-property", model=model, field=name) for name in first}
    listed = ", ".join(f"`{name}` {text}" for name, text in texts.items())
    details: dict[str, Any] = {
        "context": model,
        "codes": {name: ["unknown-property"] for name in texts},
        "messages": {name: [text] for name, text in texts.items()},
    }
    if len(names) > len(texts):
        more = messages.text("instance.more", {"count": len(names) - len(texts)}, model=model)
        listed, details["total"] = f"{listed}; {more}", len(names)
    return ValidationError(
        messages.text("instance.invalid", {"model": model, "details": listed}, model=model),
        instance=instance,
        model=model,
        details=details,
    )
