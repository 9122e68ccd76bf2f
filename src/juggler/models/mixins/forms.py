"""What the setting ``mixins`` may say, read once into a list of what is to be applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from juggler.definition.frozen import thawed
from juggler.errors import DefinitionError


class Use(NamedTuple):
    """One use of a mixin.

    Attributes:
        name: Name of the mixin.
        options: What the setting gives it, as it stands there; None for nothing.
    """

    name: str
    options: Mapping[str, Any] | None = None

    def fresh_options(self) -> dict[str, Any]:
        """Return the options as a dict of the mixin's own."""
        found: dict[str, Any] = {} if self.options is None else thawed(self.options)
        return found


def uses_in(setting: Any, model_name: str = "") -> tuple[Use, ...]:
    """Return what the setting ``mixins`` asks for, in its order.

    Args:
        setting: Name -> True, options, a list of these (one use for each), or False for none; or a
            list of names and of such mappings.
        model_name: For messages.

    Raises:
        DefinitionError: It says something else.
    """
    if not setting:
        return ()
    given = [setting] if isinstance(setting, Mapping) else setting
    return tuple(use for each in given for use in _uses(each, model_name))


def _uses(given: Any, model_name: str) -> Iterator[Use]:
    if isinstance(given, str):
        yield Use(given)
        return
    if not isinstance(given, Mapping):
        raise _refused(model_name, given)
    for name, wanted in given.items():
        is_list = isinstance(wanted, list | tuple)
        if not (is_list or _is_use(wanted) or wanted is False or wanted is None):
            raise _refused(model_name, wanted)
        yield from (_use(name, each) for each in (wanted if is_list else [wanted]) if _is_use(each))


def _is_use(wanted: Any) -> bool:
    """Tell whether something asks for one use of a mixin."""
    return wanted is True or isinstance(wanted, Mapping)


def _use(name: str, wanted: Any) -> Use:
    return Use(name, None if wanted is True else wanted)


def _refused(model_name: str, value: Any) -> DefinitionError:
    return DefinitionError(
        f"{model_name}: a mixin is asked for with True, options, a list of these, or False, not "
        f"{value!r}.",
        model=model_name,
        value=value,
    )
