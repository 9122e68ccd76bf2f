"""The messages that a model speaks in."""

from __future__ import annotations

from typing import Any, Final

from juggler.messages.messages import Messages

ENGLISH: Final = Messages()
"""The messages of models that no registry has; nobody changes them."""


def messages_of(model: Any) -> Messages:
    """Return the messages of the registry that *model* is in."""
    home = model._owner
    found = None if home is None else getattr(home.registry, "messages", None)
    return found if isinstance(found, Messages) else ENGLISH
