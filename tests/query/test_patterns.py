"""The wildcards of like, and regular expressions that cannot hang the process."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.errors import InvalidQueryError
from juggler.query.limits import Limits
from juggler.query.patterns import compile_regexp, like_regexp, like_test
from tests.query import reference

TEXTS = st.text(st.sampled_from("abAB%_\\\n\u00e9^.*["), max_size=8)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("abc", "abc", True),  # DAO-177
        ("abc", "xabcx", False),
        ("ab%", "abc", True),
        ("%bc", "abc", True),
        ("%b%", "abc", True),
        ("a_c", "abc", True),
        ("a_", "a", False),
        ("%", "", True),
        ("", "", True),
        ("", "a", False),
        ("a%", "a\nb", True),
        ("a.c", "abc", False),
        ("^a", "a", False),
        ("[a]", "[a]", True),
        (r"a\%", "a%", True),
        (r"a\%", "ab", False),
        (r"a\_", "a_", True),
        (r"a\\%", "a\\b", True),
        (r"a\b", "ab", True),
        ("a\\", "a\\", True),
        ("A", "a", False),
        ("%ab%ab%", "xabyaby", True),
        ("%ab%ab", "ab", False),
    ],
)
def test_like(pattern: str, text: str, expected: bool) -> None:
    """% is any run, _ one character, a backslash escapes, and the whole text has to match."""
    assert bool(like_test(pattern)(text)) is expected


@given(TEXTS, TEXTS)
def test_like_agrees_with_the_reference(pattern: str, text: str) -> None:
    """The quick ways for simple patterns and the general one give what the definition says."""
    expected = reference.like(text, pattern)
    assert bool(like_test(pattern)(text)) is expected
    assert bool(like_regexp(pattern).match(text)) is expected


def test_ilike_knows_no_case() -> None:
    """Case does not count, beyond the letters of English too."""
    assert like_test("%\u00c9T\u00c9_", ignore_case=True)("l'\u00e9t\u00e9!")
    assert not like_test("A%", ignore_case=True)("b")


def test_many_runs_cost_little() -> None:
    """A pattern full of % is no way to keep the process busy: backtracking would never end."""
    assert not like_test("%a" * 200 + "b")("a" * 20_000)


def compiled(pattern: str, **limits: Any) -> re.Pattern[str]:
    """Return the pattern compiled."""
    return compile_regexp(pattern, Limits(**limits), "where.a")


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",  # DAO-178
        "(a*)*",
        "(a|a?)+$",
        "(?:a|ab)*$",
        "(a|aa)+$",
        "((a|b)+c*)+",
        r"^(\w+\s?)*$",
        "(?=(a+)+b)",
        "(?i:(x+x+)+y)",
        "(?:(a){0,30}){20,}",
        ".*.*=",
        r"\d+\d+\d+",
        ".*a.*b.*c.*d.*e.*f",
        "(?>(a+)+b)",
        "(x)(?(1)(a+)+|b)",
        "/(A+)+/i",
        "/(a|A.)*/i",
    ],
)
def test_patterns_that_could_hang_are_refused(pattern: str) -> None:
    """Repeats within repeats and the like are refused before they meet a text."""
    with pytest.raises(InvalidQueryError, match="without end") as caught:
        compiled(pattern)
    assert caught.value.path == "where.a"


@pytest.mark.parametrize(
    "pattern",
    [
        "abc",
        "^a.*z$",
        r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$",
        r"^\d{4}-\d{2}-\d{2}$",
        "(foo|bar)+",
        "[a-z]+[0-9]+",
        "(?:ab){1,16}",
        "(a++)+b",
        "(?>a+)*b",
        "(a|b|c)*",
        "x?y?z?",
        "",
        "[[]",
        "(?i)abc",
        r"\b(\w+) \1\b",
    ],
)
def test_usual_patterns_are_fine(pattern: str) -> None:
    """Patterns as people write them are compiled as they are."""
    assert compiled(pattern).pattern == pattern


def test_a_compiled_pattern_is_trusted() -> None:
    """Whoever compiled a pattern himself is code, not a client."""
    # DAO-149
    own = re.compile("(a+)+")
    assert compile_regexp(own, Limits(max_regexp_length=1), "where.a") is own


def test_the_length_counts_here_too() -> None:
    """A node that was made by hand does not get around the limit."""
    with pytest.raises(InvalidQueryError, match="max_regexp_length"):
        compiled("x" * 257)


@given(st.text(st.sampled_from("ab()[]{}|*+?.\\^$-,0123/im"), max_size=30))
def test_any_text_is_a_pattern_or_an_error(text: str) -> None:
    """Whatever stands in a regular expression, the outcome is a pattern or the typed error."""
    with contextlib.suppress(InvalidQueryError):
        assert isinstance(compiled(text), re.Pattern)
