"""How the settings of a model are laid over those of its base: a policy for each key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from juggler.definition.fingerprint import same
from juggler.definition.frozen import Ranked
from juggler.definition.settings import listed_names
from juggler.errors import DefinitionError

Policy = Mapping[str, Any]

_REPLACE: Final[Policy] = MappingProxyType({"replace": True})
_MERGE: Final[Policy] = MappingProxyType({"replace": False})
_PATCH: Final[Policy] = MappingProxyType({"patch": True})
_RANK: Final[Policy] = MappingProxyType({"rank": True})

DEFAULT: Final[Policy] = MappingProxyType(
    {
        "description": _REPLACE,
        "properties": _PATCH,
        "relations": _PATCH,
        "hidden": _MERGE,
        "protected": _MERGE,
        "acls": _RANK,
    }
)
"""What is done where nothing else is asked for; keys that are not listed are merged."""

RECOMMENDED: Final[Policy] = MappingProxyType(
    {
        **DEFAULT,
        **dict.fromkeys(("options", "indexes", "methods", "mixins", "scopes"), _PATCH),
        "scope": _REPLACE,
        "__delete": None,
        "__default": _REPLACE,
    }
)
"""What ``configure_model_merge=True`` asks for: what the model says replaces, None deletes."""

NOT_INHERITED: Final = frozenset("base anonymous unresolved name plural http".split())
_NAMES: Final = frozenset({"hidden", "protected"})


def merge_policy(settings: Mapping[str, Any], name: str = "") -> Policy:
    """Return the policy that ``configure_model_merge`` in *settings* asks for.

    Raises:
        DefinitionError: It is neither True, False nor a policy.
    """
    asked = settings.get("configure_model_merge")
    if asked is None or asked is False:
        return DEFAULT
    if asked is True:
        return RECOMMENDED
    if isinstance(asked, Mapping):
        return asked
    raise DefinitionError(
        f"{name}: configure_model_merge is True, False or a policy for each key.", value=asked
    )


def merged_settings(
    theirs: Mapping[str, Any], own: Mapping[str, Any], policy: Policy, depth: int
) -> dict[str, Any]:
    """Return the settings of a model: *own* laid over *theirs*, neither of which changes.

    Args:
        theirs: Settings of the base.
        own: Settings of the model.
        policy: What is done with each key.
        depth: How many models the base descends from, itself included.
    """
    result = {key: item for key, item in theirs.items() if key not in NOT_INHERITED}
    for key, item in own.items():
        if "__delete" in policy and same(item, policy["__delete"]):
            result.pop(key, None)
            continue
        rule = policy.get(key, policy.get("__default", _MERGE))
        result[key] = _over(key, result.get(key), item, rule, depth)
    for key in result.keys() - own.keys():
        if policy.get(key, _MERGE).get("rank"):
            result[key] = _ranked(result[key], depth)
    return result


def _over(key: str, theirs: Any, own: Any, rule: Policy, depth: int) -> Any:
    """Return the value of one setting that both a model and its base may have."""
    if rule.get("rank"):
        return [*_ranked(theirs, depth), *_ranked(own, depth + 1)]
    if key in _NAMES and not rule.get("replace"):
        return list(dict.fromkeys([*listed_names(theirs), *listed_names(own)]))
    if theirs is None or own is None or rule.get("replace"):
        return own
    if rule.get("patch"):
        return _patched(theirs, own)
    return deep_merge(theirs, own)


def _patched(theirs: Any, own: Any) -> Any:
    """Return *own* entries in the place of those of *theirs*, one level down."""
    if isinstance(theirs, Mapping) and isinstance(own, Mapping):
        return {**theirs, **own}
    return own


def _ranked(items: Any, depth: int) -> list[Any]:
    """Return entries of a list with the depth of their model; those that have one keep it."""
    if items is None:
        return []
    if isinstance(items, Mapping | str) or not isinstance(items, Iterable):
        items = [items]
    return [
        Ranked(item, depth) if isinstance(item, Mapping) and not isinstance(item, Ranked) else item
        for item in items
    ]


def deep_merge(theirs: Any, own: Any) -> Any:
    """Return *own* over *theirs*: mappings key by key, lists united, of other values *own*."""
    if isinstance(theirs, Mapping) and isinstance(own, Mapping):
        both = {key: deep_merge(theirs[key], item) for key, item in own.items() if key in theirs}
        return {**theirs, **own, **both}
    if isinstance(theirs, list | tuple) and isinstance(own, list | tuple):
        return [*theirs, *(item for item in own if not any(same(item, each) for each in theirs))]
    return own
