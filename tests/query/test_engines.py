"""What the engines need for regular expressions, and that they agree on what is found."""

from __future__ import annotations

import re
from itertools import product

import pytest

from juggler.query.automaton import NotLinearError, linear_search
from juggler.query.backtracking import cost_of
from juggler.query.parted import parts_of

LOOKING = [
    "(?=ab)",
    "(?!a)b",
    "a(?!b)",
    "^(?!.*bb)a",
    "(?<=a)b",
    "(?<!a)b",
    "(?<!^)a",
    "a(?=(?!ab).b)",
    "(?=.*(?<=b)a$)a",
    "(?!)",
    "a|(?!)",
    "(?=a*$)(?!aa)",
    "(?<=a(?=b))b",
    r"(?=\Bb)",
    "(?i:a)b",
    "(?i-s:a.)b",
    "(?-i:A)",
    "(?m:^b)",
    "(?s:a.b)",
    "(?-m:a$)",
    r"(?a:\w)b",
    r"(?=(?i:B)a)",
]
WORDS = ["".join(signs) for size in range(5) for signs in product("aAb\n\u00e9", repeat=size)]


@pytest.mark.parametrize("flags", [0, re.IGNORECASE, re.MULTILINE, re.IGNORECASE | re.DOTALL])
@pytest.mark.parametrize("pattern", LOOKING)
def test_what_looks_around_is_followed(pattern: str, flags: int) -> None:
    """Looking ahead or behind, and flags of a part, are as Python's own engine has them."""
    # DAO-178
    whole = re.compile(pattern, flags)
    search = linear_search(whole)
    assert [search(text) for text in WORDS] == [whole.search(text) is not None for text in WORDS]


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        (r"^(?=.*(a)\1)(?!b)a", 3),
        (r"^(?!.*(.)\1)(?=.*b)", 3),
        (r"\A(?!(b)\1)a", 2),
        (r"^(?=(a))(?!.*(b)\2)\1b", 1),
        (r"^(?<!a)(?=(a)\1)a", 1),
        (r"^(a)?(?(1)b|a)", 1),
        (r"(?=(a)\1)a", 1),
        (r"(?m)^(?=(a)\1)a", 1),
    ],
)
def test_parts_say_together_what_the_whole_says(pattern: str, count: int) -> None:
    """What looks ahead from the start is a part by itself, unless it lends a group to another."""
    # DAO-178
    whole = re.compile(pattern)
    parts = parts_of(whole)
    assert len(parts) == count
    for text in WORDS:
        found = all(bool(part.search(text)) is part.is_wanted for part in parts)
        assert found is (whole.search(text) is not None)


def test_the_states_of_all_parts_count() -> None:
    """A pattern of many small parts is too large as well."""
    with pytest.raises(NotLinearError):
        linear_search(re.compile("(?=a{40})" * 60))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("abc", ("", 1)),
        ("^a*b", ("", 1)),
        ("a*b", ("", 2)),
        ("^a*a*b", ("", 2)),
        ("^(a*b){3}", ("", 3)),
        ("^(?=.*a)(?=.*b)a*", ("", 1)),
        ("^a*(?=a*b)a*", ("", 2)),
        ("^(?>a*b)(?>a*)", ("", 1)),
        ("^a{8,24}", ("", 1)),
        ("^(a*|b*c*)d", ("", 2)),
        ("^(?:a(?!a*b))*", ("", 2)),
        ("(a*)*", ("a repeat within a repeat", 3)),
        ("^(a|ab)*", ("alternatives within a repeat that may begin alike", 1)),
        ("^a?" * 2 + "(a|a)" * 3, ("", 1)),
        ("(" * 61 + "a" + ")" * 61, ("groups nested too deeply", 1)),
    ],
)
def test_costs_are_known(pattern: str, expected: tuple[str, int]) -> None:
    """What Python's own engine could need follows from the repeats of a pattern."""
    cost = cost_of(re.compile(pattern))
    assert (cost.danger, cost.power) == expected


def test_choices_are_counted() -> None:
    """Small repeats and alternatives multiply; those of a look count where it stands."""
    assert cost_of(re.compile("(a|a)a?(?:b|b|b){2}")).choices == 2 * 2 * 3**2
    assert cost_of(re.compile("a?(?=b?b?)(?=b?)")).choices == 8
