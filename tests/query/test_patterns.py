"""The wildcards of like, and regular expressions that cannot hang the process."""

from __future__ import annotations

import contextlib
import re
import sys
import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler.errors import InvalidQueryError
from juggler.query.automaton import NotLinearError, linear_search
from juggler.query.limits import Limits
from juggler.query.patterns import (
    anywhere,
    compile_regexp,
    folded,
    like_regexp,
    like_test,
    regexp_test,
)
from tests.query import reference

TEXTS = st.text(st.sampled_from("abAB%_\\\n\u00e9^.*["), max_size=8)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("abc", "abc", True),  # DAO-177, MOD-123
        ("abc", "xabcx", False),
        ("ab%", "abc", True),
        ("%bc", "abc", True),
        ("%b%", "abc", True),
        ("a_c", "abc", True),
        ("a_", "a", False),
        ("a_", "ab\n", False),
        ("_", "\n", True),
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


def test_folded_is_equal_where_patterns_see_no_difference() -> None:
    """Of all characters, those fold to the same that a pattern which ignores case confuses."""
    every = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    cased = [each for each in every if {each} != {each.lower(), each.upper(), each.casefold()}]
    alike: dict[str, set[str]] = {}
    for each in cased:
        alike.setdefault(folded(each), set()).add(each)
    text = "".join(cased)
    for each in cased:
        found = re.findall(re.escape(each), text, re.IGNORECASE)
        assert set(found) == alike[folded(each)]
    assert folded("OS \u03a3\u03c2\u03c3") == folded("o\u017f \u03c3\u03c3\u03c3")


@given(TEXTS, TEXTS)
def test_anywhere_looks_in_the_whole_text(pattern: str, text: str) -> None:
    """A pattern that is looked for anywhere matches what any part of the text matches."""
    # DAO-177
    parts = [
        text[start:end] for start in range(len(text) + 1) for end in range(start, len(text) + 1)
    ]
    wide = anywhere(pattern)
    assert bool(like_test(wide)(text)) is any(reference.like(part, pattern) for part in parts)
    assert anywhere(wide) == wide


def test_many_runs_cost_little() -> None:
    """A pattern full of % is no way to keep the process busy: backtracking would never end."""
    assert not like_test("%a" * 200 + "b")("a" * 20_000)


def compiled(pattern: str, **limits: Any) -> re.Pattern[str]:
    """Return the pattern compiled."""
    return compile_regexp(pattern, Limits(**limits), "where.a")


CATASTROPHES = [
    "(a+)+$",
    "(a*)*b",
    "(a|a?)+c",
    "(?:a|aa)*c",
    "((a|b)+c*)+d",
    r"^(\w+\s?)*$",
    "(?i:(A+A+)+y)",
    "(?:(a){0,30}){20,}b",
    ".*.*=",
    r"\w+\w+\w+=",
    ".*a.*a.*a.*a.*a.*b",
    "a?" * 60 + "a" * 60 + "b",
    "((a?){16}){16}b",
    "/(A+)+$/i",
    "/(a|A.)*b/i",
    "a+b",
    "(a|aa){1,60}b",
    "(?=(a+)+b)",
    "(?!(a|a?)+!)b",
    "(?=.*(a+)+b)a+",
    "a*(?<=b)c",
    "(?=" + "a?" * 60 + "b)",
    "^(.*a){12}b",
    "^(?:(?:.*a){3}.*a){3}b",
    r"^(?=(?:.*a)+b)(?!.*(.)\1b)a",
]
"""Each would take Python's own engine ages on many letters, or the square of their number."""


@pytest.mark.parametrize("pattern", CATASTROPHES)
def test_no_pattern_hangs(pattern: str) -> None:
    """Patterns with repeats within repeats and the like are answered while the test runs."""
    # DAO-178, MOD-125
    for text in ("a" * 50_000 + "!", "a" * 30 + "!"):
        assert not regexp_test(compiled(pattern))(text)


@pytest.mark.parametrize(
    "pattern",
    [
        "(?>(a+)+b)",
        r"(?=(a+)+\1b)",
        r"^(?=(a+)+b)\1a",
        r"(.*)(.*a){3}\1b",
        "(x)(?(1)(a+)+|b)",
        "(a++)+b",
        r"(\w+)(\w+)\1",
        "(?=" + "a?" * 60 + r"(a)\1" + ")",
        "(" * 61 + "(a+)+" + ")" * 61 + r"\1",
        "(?:a{500}){500}",
    ],
)
def test_patterns_that_could_hang_are_refused(pattern: str) -> None:
    """What cannot be followed side by side is refused before it meets a text."""
    # DAO-178
    with pytest.raises(InvalidQueryError, match="without end") as caught:
        compiled(pattern)
    assert caught.value.path == "where.a"


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("abc", "xabcx"),
        ("^a.*z$", "a-z"),
        (r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$", "ann.b@example.org"),
        (r"^\d{4}-\d{2}-\d{2}$", "2026-01-02"),
        ("(foo|bar)+", "barfoo"),
        ("[a-z]+[0-9]+", "ab12"),
        ("(?:ab){1,16}", "abab"),
        ("(a|b|c)*", ""),
        ("x?y?z?", "xz"),
        ("", ""),
        ("[[]", "["),
        ("(?i)abc", "ABC"),
        (r"\b(\w+) \1\b", "is is"),
        ("(?=.*b)a", "ab"),
        (".*a.*b", "xaxb"),
        (r"^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[!?]).{8,}$", "Abcdefg1!"),
        (r"^(?=(?:.*[A-Z]){2,})(?=(?:.*\d){1,})(?!.*(.)\1{2})[A-Za-z\d]{8,}$", "ABcdefg12"),
        (r"^(?!.*(.)\1\1)[a-z]+$", "aabb"),
        (r"^(?!\s+).+(?<!\s)$", "a b"),
        (r"(?<=@)\w+(?=\.)", "ann@example.org"),
        (r"^(['\"]).*\1", "'a'"),
    ],
)
def test_usual_patterns_are_fine(pattern: str, text: str) -> None:
    """Patterns as people write them are compiled as they are, and find what they should."""
    assert compiled(pattern).pattern == pattern
    assert regexp_test(compiled(pattern))(text)
    assert regexp_test(compiled(pattern))(text + "\n" + "~" * 5_000) or pattern.endswith("$")


SIGNS = [
    *"aabB().|*+?[]^$\\bBAZwWdsn\n-{}0,12:\u00e9 _",
    "(?=",
    "(?!",
    "(?<=",
    "(?<!",
    "(?i-s:",
    "(?m:",
]
PATTERNS = st.lists(st.sampled_from(SIGNS), max_size=10).map("".join)
SMALL_TEXTS = st.text(st.sampled_from("aAbB\n _-0\u00e9\u4e2d"), max_size=6)


@given(
    PATTERNS,
    st.lists(SMALL_TEXTS, max_size=5),
    st.sampled_from([0, re.IGNORECASE, re.MULTILINE, re.ASCII]),
)
@settings(max_examples=400)
def test_both_engines_find_the_same(pattern: str, texts: list[str], flags: re.RegexFlag) -> None:
    """Following all ways side by side finds what Python's own engine finds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            whole = re.compile(pattern, flags)
            search = linear_search(whole)
        except (re.error, OverflowError, NotLinearError):
            return
    for text in texts:
        assert search(text) is (whole.search(text) is not None)


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
