"""What stands in the file of a memory store: the whole of it, and lines of changes beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple
from zlib import crc32

import msgspec

from juggler.connectors.contract import Row
from juggler.connectors.memory.tagged import decode_row, encode_row

VERSION: Final = 1


class Held(NamedTuple):
    """What a collection holds, without the models that use it.

    Attributes:
        ids: Its primary key; None where the file does not tell.
        sequence: The number up to which ids are used up.
        rows: Pairs of the text of a key and its row.
    """

    ids: tuple[str, ...] | None
    sequence: int
    rows: Iterable[tuple[str, Row]]


class Entry(NamedTuple):
    """One change of one collection.

    Attributes:
        name: Name of the collection.
        ids: Its primary key.
        sequence: The number up to which ids are used up from now on.
        is_new: It holds nothing else: what was there is gone.
        gone: Texts of the keys of rows that are gone.
        put: Rows that are new or another, by the texts of their keys.
    """

    name: str
    ids: tuple[str, ...] | None
    sequence: int
    is_new: bool
    gone: Sequence[str]
    put: Sequence[tuple[str, Row]]


class Parsed(NamedTuple):
    """What a file says.

    Attributes:
        mark: Which writing of the whole it is; empty for a file of LoopBack.
        held: Collections by name.
        valid: How many bytes of the changes beside it are whole and belong to it.
    """

    mark: str
    held: dict[str, Held]
    valid: int


class Whole(msgspec.Struct):
    """The document; LoopBack's has ``ids`` and ``models`` alone, in which rows are JSON text."""

    version: int = 0
    mark: str = ""
    ids: dict[str, Any] | None = None
    keys: dict[str, tuple[str, ...]] = {}
    models: dict[str, dict[str, Any] | None] | None = None


class _Line(msgspec.Struct, array_like=True):
    """An entry as it stands in a line."""

    name: str
    ids: tuple[str, ...] | None
    sequence: int
    is_new: bool
    gone: list[str]
    put: dict[str, dict[str, Any]]


# writing --------------------------------------------------------------------------------------


def write_whole(mark: str, collections: Mapping[str, Held]) -> Iterator[bytes]:
    """Yield the document in pieces, one row at a time."""
    ids = {name: held.sequence + 1 for name, held in collections.items()}
    keys = {name: held.ids for name, held in collections.items() if held.ids is not None}
    head = {"version": VERSION, "mark": mark, "ids": ids, "keys": keys}
    yield msgspec.json.encode(head)[:-1] + b',"models":{'
    before = b"\n"
    for name, held in collections.items():
        yield before + msgspec.json.encode(name) + b":"
        yield from _object(((key, encode_row(row)) for key, row in held.rows), between=b",\n")
        before = b",\n"
    yield b"}}\n"


def write_entry(entry: Entry) -> bytes:
    """Return one change as `write_line` takes it.

    Raises:
        InvalidValueError: A row holds something that no file can.
    """
    name, ids, sequence, is_new, gone, put = entry
    head = msgspec.json.encode([name, ids, sequence, is_new, gone])[:-1]
    rows = b"".join(_object(((key, encode_row(row)) for key, row in put), between=b","))
    return head + b"," + rows + b"]"


def write_line(entries: Iterable[bytes]) -> bytes:
    """Return changes as one line, which is read as a whole or not at all."""
    body = b"[" + b",".join(entries) + b"]"
    return b"%08x %b\n" % (crc32(body), body)


def write_head(mark: str) -> bytes:
    """Return the first line of the changes beside the document with *mark*."""
    return mark.encode() + b"\n"


def head_of(whole: bytes) -> str:
    """Return the mark of a document of which this is the beginning; empty where it has none."""
    begins = b'{"version":%d,"mark":"' % VERSION
    return whole[len(begins) :].partition(b'"')[0].decode() if whole.startswith(begins) else ""


def _object(items: Iterable[tuple[str, bytes]], *, between: bytes) -> Iterator[bytes]:
    """Yield a JSON object of values that are JSON already."""
    yield b"{"
    before = between[1:]
    for key, value in items:
        yield before + msgspec.json.encode(key) + b":" + value
        before = between
    yield b"}"


# reading --------------------------------------------------------------------------------------


def read_file(whole: bytes, changes: bytes) -> Parsed:
    """Return what a document and the changes beside it say.

    A last line that is not whole was never acknowledged, and is left out.

    Raises:
        ValueError: They are damaged, or of another kind.
    """
    document = msgspec.json.decode(whole, type=Whole)
    if not 0 <= document.version <= VERSION:
        raise ValueError(f"it is of version {document.version}, and {VERSION} is known")
    held = {name: _held(document, name, rows) for name, rows in (document.models or {}).items()}
    for name in (document.ids or {}).keys() - held.keys():
        held[name] = _held(document, name, None)
    head = write_head(document.mark)
    if not document.mark or not changes.startswith(head):
        return Parsed(document.mark, held, 0)
    return Parsed(document.mark, held, _replay(held, changes, len(head)))


def _held(document: Whole, name: str, rows: dict[str, Any] | None) -> Held:
    given = (document.ids or {}).get(name)
    number = int(given) - 1 if isinstance(given, int | float) else 0
    found = [(key, _row(row)) for key, row in (rows or {}).items()]
    return Held(document.keys.get(name), max(number, 0), found)


def _row(given: Any) -> Row:
    """Return a row: an object with tags, or LoopBack's text of plain JSON."""
    row = msgspec.json.decode(given) if isinstance(given, str) else given
    if not isinstance(row, dict):
        raise ValueError(f"{row!r} is no row")  # noqa: TRY004  the file's fault, not the caller's
    return row if isinstance(given, str) else decode_row(row)


def _replay(held: dict[str, Held], changes: bytes, start: int) -> int:
    """Make the changes from *start* on; return how many bytes of all are whole."""
    rows: dict[str, dict[str, Row]] = {}
    while (end := changes.find(b"\n", start) + 1) > 0:
        check, _, body = changes[start : end - 1].partition(b" ")
        if check != b"%08x" % crc32(body):
            if end < len(changes):
                raise ValueError("a line of the changes beside it is damaged")
            break
        for line in msgspec.json.decode(body, type=list[_Line]):
            _apply(held, rows, line)
        start = end
    for name, found in rows.items():
        held[name] = held[name]._replace(rows=list(found.items()))
    return start


def _apply(held: dict[str, Held], rows: dict[str, dict[str, Row]], line: _Line) -> None:
    former = held.get(line.name)
    if line.is_new or former is None:
        rows[line.name] = {}
    elif line.name not in rows:
        rows[line.name] = dict(former.rows)
    held[line.name] = Held(line.ids, line.sequence, ())
    for key in line.gone:
        rows[line.name].pop(key, None)
    for key, row in line.put.items():
        rows[line.name][key] = decode_row(row)
