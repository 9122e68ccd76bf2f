"""What a test needs from the machine: servers and programs that may not be there."""

import os
import shutil
import socket
from typing import NoReturn

import pytest

from tests.patience import PATIENCE


class Services:
    """Asks for services.  One that is missing skips the test, or fails it where they must be.

    `JUGGLER_REQUIRE_SERVICES=1` says that they must: a test that never runs there would pass
    unseen for ever.
    """

    def __init__(self, *, required: bool) -> None:
        self.required = required

    @classmethod
    def from_environment(cls) -> "Services":
        """Return the services as the environment asks for them."""
        return cls(required=os.environ.get("JUGGLER_REQUIRE_SERVICES") == "1")

    def port(self, name: str, number: int, host: str = "127.0.0.1") -> tuple[str, int]:
        """Return where the server *name* listens, once it takes connections there."""
        try:
            socket.create_connection((host, number), timeout=PATIENCE).close()
        except OSError as error:
            self.missing(name, f"nothing answers at {host}:{number} ({error})")
        return host, number

    def program(self, name: str) -> str:
        """Return the path of the program *name*."""
        return shutil.which(name) or self.missing(name, "no such program on the path")

    def missing(self, name: str, why: str) -> NoReturn:
        """End the test, because the service *name* is not there."""
        if self.required:
            pytest.fail(f"{name} is required: {why}", pytrace=False)
        pytest.skip(f"{name}: {why}")
