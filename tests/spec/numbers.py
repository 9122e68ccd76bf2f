"""The numbers of requirements: known ones, as the files in `requirements/` list them."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"

ONE = r"[A-Z]{2,4}-F?\d+[a-z]?"
_PART = re.compile(r"(?P<prefix>[A-Z]{2,4}-F?)(?P<digits>\d+)(?P<letter>[a-z]?)")


@dataclass(frozen=True)
class Spec:
    """The requirements of one part.

    Attributes:
        name: Name of the part.
        prefix: What its numbers begin with.
        complete: Each of its requirements must have a test or a departure.
        titles: Number -> what it is about, in order.
    """

    name: str
    prefix: str
    complete: bool
    titles: dict[str, str]


def between(first: str, last: str) -> list[str]:
    """Return the numbers from *first* to *last*.

    Raises:
        ValueError: They are not of one kind, or the last is before the first.
    """
    begin, end = _PART.fullmatch(first), _PART.fullmatch(last)
    if begin is None or end is None or begin["prefix"] != end["prefix"]:
        raise ValueError(f"{first} to {last} is no range of numbers.")
    if begin["letter"] or end["letter"] or int(begin["digits"]) > int(end["digits"]):
        raise ValueError(f"{first} to {last} is no range of numbers.")
    width = len(begin["digits"])
    numbers = range(int(begin["digits"]), int(end["digits"]) + 1)
    return [f"{begin['prefix']}{number:0{width}}" for number in numbers]


def expanded(text: str) -> list[str]:
    """Return the numbers that ``REG-01`` or ``REG-01 to REG-04`` stands for."""
    first, *rest = text.split(" to ")
    return between(first, rest[0]) if rest else [first]


def read_spec(path: Path) -> Spec:
    """Return the requirements that one file lists.

    Raises:
        ValueError: A number is there twice, or is another part's.
    """
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    titles: dict[str, str] = {}
    for key, title in data["requirements"].items():
        for number in expanded(key):
            if number in titles or not number.startswith(f"{data['prefix']}-"):
                raise ValueError(f"{path.name}: {number} is there twice, or belongs elsewhere.")
            titles[number] = title
    return Spec(path.stem, data["prefix"], data.get("complete", False), titles)


def read_specs(folder: Path = REQUIREMENTS) -> list[Spec]:
    """Return all parts; those that must be complete come first."""
    found = [read_spec(path) for path in sorted(folder.glob("*.toml"))]
    return sorted(found, key=lambda spec: (not spec.complete, spec.name))
