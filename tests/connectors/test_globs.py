"""Patterns over keys, against a matcher that tries everything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.connectors.globs import glob_matcher
from juggler.errors import InvalidQueryError

PIECES = ["*", "**", "?", "[ab]", "[a-c]", "[^a]", "[^b-d]", "[!a]", "[*]", "[\\]]", "[-a]", "\\*"]
PIECES += [
    "\\?",
    "\\[",
    "\\a",
    "a",
    "b",
    "A",
    ".",
    "/",
    "!",
    "{",
    "}",
    ",",
    "]",
    "^",
    "#",
    "\n",
    "é",
]


def piece_matches(piece: str, char: str) -> bool:
    """Tell whether one character fits one piece of a pattern that is no run."""
    if piece == "?":
        return True
    if piece.startswith("["):
        sets = {"[ab]": "ab", "[a-c]": "abc", "[!a]": "!a", "[*]": "*", "[\\]]": "]", "[-a]": "-a"}
        if piece.startswith("[^"):
            return char not in {"[^a]": "a", "[^b-d]": "bcd"}[piece]
        return char in sets[piece]
    return char == piece.removeprefix("\\")


def naive(pieces: list[str], key: str) -> bool:
    """Tell whether *key* matches, by trying every length for every run."""
    if not pieces:
        return not key
    if pieces[0] in ("*", "**"):
        return any(naive(pieces[1:], key[start:]) for start in range(len(key) + 1))
    return bool(key) and piece_matches(pieces[0], key[0]) and naive(pieces[1:], key[1:])


# DAO-280, DAO-283
@given(
    st.lists(st.sampled_from(PIECES), max_size=6),
    st.text(st.sampled_from("abcdA*?[]{}.,/!^#-\n\\é"), max_size=7),
)
def test_it_matches_what_trying_everything_finds(pieces: list[str], key: str) -> None:
    """Runs, single characters, sets, escapes and literals mean what they should."""
    assert bool(glob_matcher("".join(pieces))(key)) == naive(pieces, key)


# DAO-280
@given(st.text(max_size=20))
def test_any_text_is_its_own_pattern_when_escaped(text: str) -> None:
    """A backslash before each character takes it as it is."""
    pattern = "".join(f"\\{char}" for char in text)
    assert glob_matcher(pattern)(text)
    assert not glob_matcher(pattern)(text + "x")


# DAO-283
@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("[", "ends"),
        ("[a", "ends"),
        ("a[b\\]", "ends"),
        ("\\", "ends"),
        ("a*\\", "ends"),
        ("[]", "empty"),
        ("[^]", "empty"),
        ("[]a]", "empty"),
        ("[z-a]", "backwards"),
    ],
)
def test_malformed_patterns_are_refused(pattern: str, why: str) -> None:
    """They are an error of the client that says what is wrong, and how to mean it literally."""
    with pytest.raises(InvalidQueryError, match=why) as caught:
        glob_matcher(pattern)
    assert (caught.value.status_code, caught.value.value) == (400, pattern)
    assert "backslash" in caught.value.message


# DAO-280
def test_no_pattern_takes_time_without_end() -> None:
    """Many runs over a long key that does not match are no work to speak of."""
    key = "a" * 1_024
    for pattern in ("*a" * 400 + "b", "*?" * 400 + "b", "a*" * 400 + "b*c", "*[ab]" * 300 + "*b*"):
        assert not glob_matcher(pattern)(key)
