"""Functions for authors of connectors, hooks and tools; none of them changes what it is given.

The one exception says so: `set_scope_values_from_where` fills the data that it is given.
"""

from __future__ import annotations

from juggler.datasource.urls import parse_settings
from juggler.query.evaluate import apply_filter, sort
from juggler.query.helpers.fields import fields_to_array, select_fields
from juggler.query.helpers.ids import (
    collect_target_ids,
    find_index_of,
    id_equals,
    id_name,
    ids_have_duplicates,
    sort_objects_by_ids,
    uniq,
)
from juggler.query.helpers.merging import (
    deep_merge,
    deep_merge_property,
    merge_includes,
    merge_query,
    rank_array_elements,
)
from juggler.query.helpers.patterns import escape_regexp, has_regexp_flags, to_regexp
from juggler.query.helpers.places import geo_filter, near_filter
from juggler.query.helpers.sanitising import (
    sanitize_data,
    sanitize_query,
    set_scope_values_from_where,
)

__all__ = [
    "apply_filter",
    "collect_target_ids",
    "deep_merge",
    "deep_merge_property",
    "escape_regexp",
    "fields_to_array",
    "find_index_of",
    "geo_filter",
    "has_regexp_flags",
    "id_equals",
    "id_name",
    "ids_have_duplicates",
    "merge_includes",
    "merge_query",
    "near_filter",
    "parse_settings",
    "rank_array_elements",
    "sanitize_data",
    "sanitize_query",
    "select_fields",
    "set_scope_values_from_where",
    "sort",
    "sort_objects_by_ids",
    "to_regexp",
    "uniq",
]
