"""Records within msgspec's encoders and decoders."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from juggler import DataSource, DateString, GeoPoint, Model, dec_hook, enc_hook, prop


class Tag(Model):
    """A declared model."""

    name: str = prop(length=5)
    size: int | None = None
    secret: str | None = prop(default=None, hidden=True)


class Holder(msgspec.Struct):
    """A struct with records in it."""

    tag: Tag
    more: list[Tag] = []


def test_records_are_written_as_json() -> None:
    """Encoders write records as `to_json` does, run-time ones too."""
    place = DataSource("memory").define("Place", {"at": "geopoint", "day": "datestring"})
    data = [Tag(name="a", secret="s"), place(at="1,2", day="2020-02-03")]
    assert (msgspec.json.decode(msgspec.json.encode(data, enc_hook=enc_hook))) == [
        {"name": "a"},
        {"at": {"lat": 1.0, "lng": 2.0}, "day": "2020-02-03"},
    ]


def test_our_values_are_written() -> None:
    """Values of our types are written as in the JSON of records; others are refused."""
    found = msgspec.to_builtins([GeoPoint(1, 2), DateString("2020-02-03")], enc_hook=enc_hook)
    assert found == [{"lat": 1.0, "lng": 2.0}, "2020-02-03"]
    with pytest.raises(NotImplementedError, match="no value of a model"):
        msgspec.json.encode(object(), enc_hook=enc_hook)


def test_declared_models_are_read() -> None:
    """A declared model is a type of a decoder: its records are coerced and checked."""
    found = msgspec.json.decode(
        b'{"tag": {"name": "a", "size": "3"}, "more": [{"name": "b"}]}',
        type=Holder,
        dec_hook=dec_hook,
    )
    assert (Tag(name="a", size=3), [Tag(name="b")]) == (found.tag, found.more)


@pytest.mark.parametrize("data", ['{"name": "much too long"}', '{"name": []}', "{}", "5"])
def test_what_a_rule_refuses_is_told_with_its_path(data: str) -> None:
    """Failures become msgspec's own error, which tells where."""
    with pytest.raises(msgspec.ValidationError, match=r"\$\.tag"):
        msgspec.json.decode(f'{{"tag": {data}}}', type=Holder, dec_hook=dec_hook)


def test_other_types_are_not_ours() -> None:
    """The hook says so where it is asked for something else."""

    class Other:
        pass

    kind: Any = Other
    with pytest.raises(NotImplementedError):
        msgspec.convert({}, kind, dec_hook=dec_hook)
