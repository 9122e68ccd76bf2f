"""Spelling of options and settings: camelCase and snake_case are one name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from juggler.definition.fingerprint import same
from juggler.errors import DefinitionError

PROPERTY_OPTIONS: Final = frozenset(
    """
    type id generated required default default_fn index unique length limit precision scale
    nullable hidden protected use_default_id_type update_only apply_default_on_writes
    persist_default_values json_schema read_only immutable computed virtual sensitive data_type doc
    description pattern min max enum format trim lowercase uppercase items acls relation
    """.split()
)

SETTINGS: Final = frozenset(
    """
    strict base super id_injection force_id hidden hidden_properties protected
    protected_properties validate_upsert validate_update automatic_validation
    persist_undefined_as_null exclude_base_properties properties attributes mixins models
    relations scopes scope indexes acls methods description options configure_model_merge plural
    http update_on_load strict_delete normalize_undefined_in_query max_depth_of_query
    max_depth_of_data prohibit_hidden_properties_in_query allow_extended_operators
    validate_object_ids parent_ref anonymous unresolved strict_embedded_models name
    allow_delete_all soft_delete max_limit default_limit scope_enforce validations shared
    get_merge_policy key_value default_ttl
    prohibited like max_regexp_length allow_regexp max_conditions max_inq_items read_only_in_body
    """.split()
)

DATA_SOURCE_SETTINGS: Final = frozenset(
    """
    connector name url file lazy_connect connection_timeout max_offline_requests debug
    max_depth_of_query max_depth_of_data prohibit_hidden_properties_in_query
    normalize_undefined_in_query allow_extended_operators max_limit default_limit
    max_regexp_length allow_regexp max_conditions max_inq_items readonly busy_timeout naming
    default_ttl max_key_length max_pattern_length default_id_type generate_id
    prohibited like
    """.split()
)

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def snake(name: str) -> str:
    """Return *name* in snake case: ``idInjection`` becomes ``id_injection``."""
    return _HUMP.sub("_", name).lower()


def normalise_keys(given: Mapping[str, Any], known: frozenset[str], what: str) -> dict[str, Any]:
    """Return a copy of *given* with the known keys in snake case; others keep their spelling.

    Raises:
        DefinitionError: Two spellings of one key carry different values, or a key is no text.
    """
    result: dict[str, Any] = {}
    for key, value in given.items():
        name = key if key in known else _known_name(key, known, what)
        if name in result and not same(result[name], value):
            raise DefinitionError(
                f"{what}: the option {name!r} is given in two spellings with different values; "
                "keep one.",
                path=name,
                value=value,
            )
        result[name] = value
    return result


def _known_name(key: object, known: frozenset[str], what: str) -> str:
    """Return the known name that *key* is another spelling of, else *key* itself."""
    if not isinstance(key, str):
        raise DefinitionError(f"{what}: the option name {key!r} is not text.", value=key)
    short = snake(key)
    return short if short in known else key
