"""Query strings: JSON and brackets mean the same, and nothing is left out in silence."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.app.limits import Limits
from juggler.app.rest.body import check_depth
from juggler.app.rest.filters import read_query
from juggler.errors import JugglerError

LIMITS = Limits()


def read(query: str, name: str | None = "filter") -> Any:
    """Return what *query* holds."""
    return read_query(query.encode(), name, LIMITS)


@pytest.mark.parametrize(
    ("query", "meaning"),
    [
        ("", None),
        ("filter[limit]=1", {"limit": "1"}),
        ("filter[where][a]=b&filter[limit]=1", {"where": {"a": "b"}, "limit": "1"}),
        ("filter%5Bwhere%5D%5Ba%5D=b+c", {"where": {"a": "b c"}}),
        ("filter[where][a][gt]=1&filter[where][a][lt]=9", {"where": {"a": {"gt": "1", "lt": "9"}}}),
        (
            "filter[where][a][inq][]=x&filter[where][a][inq][]=y",
            {"where": {"a": {"inq": ["x", "y"]}}},
        ),
        (
            "filter[where][a][inq][1]=y&filter[where][a][inq][0]=x",
            {"where": {"a": {"inq": ["x", "y"]}}},
        ),
        (
            "filter[where][or][0][a]=1&filter[where][or][1][b]=2",
            {"where": {"or": [{"a": "1"}, {"b": "2"}]}},
        ),
        (
            "filter[where][and][][a]=1&filter[where][and][][b]=2",
            {"where": {"and": [{"a": "1"}, {"b": "2"}]}},
        ),
        ("filter[fields]=a&filter[fields]=b&filter[fields]=c", {"fields": ["a", "b", "c"]}),
        ("filter[fields][a]=true&filter[fields][b]=false", {"fields": {"a": True, "b": False}}),
        ("filter[fields][a][b]=true", {"fields": {"a": {"b": "true"}}}),
        ("filter[fields][a]=true&filter[fields][a]=x", {"fields": {"a": ["true", "x"]}}),
        ("filter[where][a]=", {"where": {"a": ""}}),
        ("filter[where][a.b]=1", {"where": {"a.b": "1"}}),
        ('filter={"where":{"a":1}}', {"where": {"a": 1}}),
        ("filter=%7B%7D", {}),
    ],
)
def test_both_forms(query: str, meaning: Any) -> None:
    """Brackets build objects and lists of texts; JSON is JSON."""
    assert read(query) == meaning


@pytest.mark.parametrize(
    "query",
    [
        "filter",
        "filter=",
        "filter=1",
        "filter=[]",
        "filter=x",
        "filter=null",
        "fliter={}",
        "filter={}&filter={}",
        'filter={"where":{"a":1},"where":{}}',
        'filter={"where":{"or":[{"a":{"gt":1,"gt":2}}]}}',
        "filter={}&filter[limit]=1",
        "filter[limit]=1&filter={}",
        "filter[a]=1&filter[a][b]=2",
        "filter[a][b]=2&filter[a]=1",
        "filter[a]=1&filter[a]=2&filter[a][b]=2",
        "filter[a=1",
        "filter]a[=1",
        "filter[a]b=1",
        "filterwhere[a]=1",
        "where[a]=1",
        "limit=1",
        "filter[a]=1&x=2",
        "filter=%ff",
        "%00=1",
        "filter[" + "a][" * 40 + "b]=1",
        "filter=" + "[" * 3_000,
        "filter=" + '{"and":[' * 40 + "{}" + "]}" * 40,
        "&".join("filter[a]=1" for _ in range(1_001)),
        "filter=" + "1" * 20_000,
    ],
)
def test_what_is_not_understood_is_an_error(query: str) -> None:
    """A parameter that is misspelt, doubled, malformed, too long or too deep is refused."""
    with pytest.raises(JugglerError) as caught:
        read(query)
    assert 400 <= caught.value.status_code < 500


def test_some_requests_take_no_parameter() -> None:
    """Where no parameter is taken, none may be there."""
    assert read("", None) is None
    with pytest.raises(JugglerError, match="there is none"):
        read("where={}", None)
    assert read('where={"a":1}', "where") == {"a": 1}


VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
KEYS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="[]"), min_size=1, max_size=5
)
TREES: Any = st.recursive(
    VALUES,
    lambda inner: (
        st.dictionaries(KEYS.filter(lambda key: not key.isdecimal()), inner, min_size=1)
        | st.lists(inner, min_size=2, max_size=4)
    ),
    max_leaves=8,
)


def bracketed(value: Any, path: str) -> list[tuple[str, str]]:
    """Return the pairs that stand for *value*, as clients write them."""
    if isinstance(value, str):
        return [(path, value)]
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return [pair for key, item in items for pair in bracketed(item, f"{path}[{key}]")]


@given(st.dictionaries(KEYS.filter(lambda key: key != "fields" and not key.isdecimal()), TREES))
def test_brackets_lead_back(tree: dict[str, Any]) -> None:
    """Any tree of texts that is written in brackets is read as that tree."""
    assert read(urlencode(bracketed(tree, "filter"))) == (tree or None)


JSON: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | VALUES,
    lambda inner: st.lists(inner) | st.dictionaries(VALUES, inner),
    max_leaves=20,
)


@given(st.dictionaries(VALUES, JSON))
def test_json_is_json(value: dict[str, Any]) -> None:
    """Any JSON object is read as it is."""
    assert read(f"filter={quote(json.dumps(value))}") == value


@given(st.binary(max_size=200))
def test_no_query_string_breaks_it(query: bytes) -> None:
    """Whatever bytes are sent, they are understood or refused with an error of ours."""
    assert status(lambda: read_query(query, "filter", LIMITS)) in {200, 400, 414}


def status(call: Callable[[], object]) -> int:
    """Return the status that *call* would be answered with."""
    try:
        call()
    except JugglerError as error:
        return error.status_code
    return 200


@given(st.integers(0, 50), st.booleans())
def test_depth_is_counted(depth: int, as_list: bool) -> None:
    """A value is refused exactly from one level over the limit on."""
    value: Any = "leaf"
    for _ in range(depth):
        value = [value] if as_list else {"a": value}
    refused = status(lambda: check_depth(value, LIMITS)) == 400
    assert refused == (depth > LIMITS.max_depth)
