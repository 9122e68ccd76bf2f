"""What must never stand in a file: places of one machine, hosts of registries, secrets."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from itertools import chain

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.house.tree import ROOT

# Written in pieces, so that this file does not find itself.
FORBIDDEN = {
    "a place of one machine": r"(?<![\w.}-])/(?:work|root|home/\w+|Users/\w+|opt/\w+)" + r"/\w",
    "a host of a registry": r"(?:py" + r"pi\.org|python" + r"hosted\.org|npm" + r"js\.org|deb"
    r"ian\.org|crates" + r"\.io)",
    "a private key": r"-----BEGIN " + r"(?:\w+ )*PRIVATE KEY-----",
    "a cloud key": r"\b(?:AK" + r"IA|AS" + r"IA)[0-9A-Z]{16}\b",
    "a forge token": r"\b(?:gh[pousr]" + r"_|git" + r"hub_pat_|gl" + r"pat-)\w{20,}",
    "an address with a password": r"https?://[^\s/:@\"'<>{}]+:" + r"[^\s/@\"'<>{}]+@",
}
LOCK_LINE = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[\w.!+]+)(?: ; (?P<marker>[^\\]+?))?(?: \\)?"
    r"|    --hash=sha256:[0-9a-f]{64}(?: \\)?"
)


def tracked_files() -> Iterator[tuple[str, str]]:
    """Yield name and text of every file that is in the repository, or would go in."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in sorted(set(filter(None, listed.split("\0")))):
        path = ROOT / name
        if path.is_file():
            yield name, path.read_text(encoding="utf-8", errors="ignore")


def findings(text: str) -> list[str]:
    """Return what of the forbidden stands in *text*."""
    return [
        f"{number}: {what}"
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in FORBIDDEN.items()
        if re.search(pattern, line)
    ]


def locked() -> dict[str, tuple[Version, Marker | None]]:
    """Return version and marker of every package in the lock."""
    found = {}
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        match = LOCK_LINE.fullmatch(line)
        assert match, f"no name, version, marker or hash: {line!r}"
        if match["name"]:
            marker = Marker(match["marker"]) if match["marker"] else None
            found[match["name"]] = Version(match["version"]), marker
    return found


def test_no_file_gives_away_where_it_was_made() -> None:
    """No file names a place of one machine, a registry's host or a secret."""
    found = [f"{name}:{what}" for name, text in tracked_files() for what in findings(text)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "see /" + "work/x/y.py",
        "open(/" + "home/ada/data)",
        "index = https://py" + "pi.org/simple",
        "token: gh" + "p_" + "a" * 36,
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "key AKIA" + "ABCDEFGHIJKLMNOP",
        "https://ada:" + "secret@example.org",
    ],
)
def test_what_is_forbidden_is_found(text: str) -> None:
    """Each kind is found in the middle of a line."""
    assert len(findings(f"first\n  {text}\nlast")) == 1


@pytest.mark.parametrize(
    "text",
    ["#!/usr/bin/env bash", "GET /home", "/api/work/1", "https://example.org/a@b", "./opt/x"],
)
def test_what_is_harmless_is_not_found(text: str) -> None:
    """Routes, shebangs and relative paths stay."""
    assert findings(text) == []


def test_the_lock_holds_names_versions_and_hashes_only() -> None:
    """Every line of the lock is a pinned package or a hash."""
    assert locked()


def test_the_lock_follows_the_project() -> None:
    """What the project asks for is in the lock, in a version that will do: else `make lock`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    groups = project["dependency-groups"].values()
    asked = chain(project["project"]["dependencies"], *extras, *groups)
    pinned = locked()
    wrong = [
        str(requirement)
        for requirement in map(Requirement, asked)
        if requirement.name != "juggler"
        and not fits(requirement, pinned.get(canonicalize_name(requirement.name)))
    ]
    assert wrong == []


def fits(requirement: Requirement, pin: tuple[Version, Marker | None] | None) -> bool:
    """Tell whether a pinned version satisfies *requirement*."""
    return pin is not None and requirement.specifier.contains(pin[0], prereleases=True)
