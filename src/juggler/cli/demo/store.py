"""The folder of the demo: its files, which tenants are loaded whole, and how one gets there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import msgspec

LOADED: Final = "loaded.json"
_STAGE: Final = ".loading-"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one tenant's database holds.

    Attributes:
        edition: Where it is from, and how much of it was wanted.
        cities: How many cities.
        countries: How many countries.
    """

    edition: str
    cities: int
    countries: int


class DemoStore:
    """The folder that the demo serves; an ordinary project folder with one database a tenant.

    A tenant's database is filled in a folder of its own and moved here when it is whole, so that
    whatever ends a load, the next start finds each tenant either whole or not there.

    Args:
        folder: Made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def prepare(self) -> None:
        """Write the project's files, and remove what an interrupted load left behind."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for stale in self.folder.glob(f"{_STAGE}*"):
            shutil.rmtree(stale, ignore_errors=True)
        self._write_project(self.folder)

    def loaded(self, tenant: str, file: Path) -> Loaded | None:
        """Return what is in the database *file* of *tenant*; None where it is not there whole."""
        return self._notes().get(tenant) if file.exists() else None

    @contextmanager
    def stage(self) -> Iterator[Path]:
        """Yield a folder like this one but empty of rows; it is gone after the block."""
        with tempfile.TemporaryDirectory(prefix=_STAGE, dir=self.folder) as stage:
            self._write_project(Path(stage))
            yield Path(stage)

    def take(self, tenant: str, loaded: Loaded, staged: Path) -> None:
        """Put the whole and closed database *staged* in its place and note what is in it."""
        place = self.folder / staged.name
        for ending in ("", "-wal", "-shm"):  # a log left by another database would be replayed
            place.with_name(place.name + ending).unlink(missing_ok=True)
        staged.replace(place)
        fresh = self.folder / f"{LOADED}.new"
        fresh.write_bytes(msgspec.json.encode({**self._notes(), tenant: loaded}))
        fresh.replace(self.folder / LOADED)

    def _notes(self) -> dict[str, Loaded]:
        """Return tenant -> what was loaded; nothing where that is unreadable: it is loaded anew."""
        try:
            raw = (self.folder / LOADED).read_bytes()
            return msgspec.json.decode(raw, type=dict[str, Loaded])
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return {}

    @staticmethod
    def _write_project(folder: Path) -> None:
        with as_file(files("juggler.cli.demo") / "folder") as shipped:
            shutil.copytree(shipped, folder, dirs_exist_ok=True)
