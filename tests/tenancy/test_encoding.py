"""Physical names of tenants: different for every code, safe wherever they are written."""

import re
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from juggler.context import MAX_TENANT_LENGTH, check_tenant_code
from juggler.errors import InvalidTenantError, RoutingError
from juggler.tenancy.isolation.encoding import MAX_NAME, decode, encode


def is_code(text: str) -> bool:
    """Tell whether *text* can be a tenant's code."""
    try:
        return bool(check_tenant_code(text))
    except InvalidTenantError:
        return False


ALPHABET = st.sampled_from("aAbB01_-=./\\~% :éÉß漢😀conh") | st.characters()
CODES = st.text(ALPHABET, min_size=1, max_size=MAX_TENANT_LENGTH).filter(is_code)


@pytest.mark.parametrize("code", ["acme", "acme-2", "a_b", "0", "x" * 128, "prefix-con"])
def test_simple_codes_stay(code: str) -> None:
    """A code of lower-case letters, digits, - and _ is its own name."""
    assert encode(code) == code


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("../x", "=2e=2e=2fx"),
        ("A", "=41"),
        ("a.b", "a=2eb"),
        ("=41", "=3d41"),
        ("é", "=c3=a9"),
        ("con", "=63on"),
        ("-rf", "=2drf"),
        ("a:b\\c", "a=3ab=5cc"),
    ],
)
def test_other_characters_are_escaped(code: str, name: str) -> None:
    """What could leave a folder, differ in case only or name a device is written as bytes."""
    assert encode(code) == name


# TEN-16
@given(CODES)
@example("漢" * 40)
def test_names_are_safe(code: str) -> None:
    """Names are short, lower-case and of a few harmless characters."""
    for limit in (63, MAX_NAME):
        assert re.fullmatch(r"[a-z0-9_=][a-z0-9_=-]*", encode(code, limit))
        assert len(encode(code, limit)) <= limit


# TEN-16
@given(CODES)
def test_names_lead_back(code: str) -> None:
    """A name that was not shortened leads back to its code; one that was says so."""
    name = encode(code)
    if "=h" in name:
        with pytest.raises(RoutingError, match="shortened"):
            decode(name)
    else:
        assert decode(name) == code


# TEN-16
@given(CODES, CODES)
@example("A", "a")
@example("a" * 128, "A" * 128)
@example("é" * 128, "É" * 128)
def test_names_differ(one: str, other: str) -> None:
    """Two codes never have one name, also where upper and lower case are the same."""
    for limit in (63, MAX_NAME):
        assert (encode(one, limit).lower() == encode(other, limit).lower()) == (one == other)


@given(st.text(string.ascii_lowercase + "=0123456789h-A.", max_size=12))
@example("=61cme")
@example("")
@example("a=4")
def test_what_was_never_made_is_refused(name: str) -> None:
    """A name that encoding would not have made stands for no tenant."""
    try:
        code = decode(name)
    except RoutingError:
        return
    assert encode(code) == name
