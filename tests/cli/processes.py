"""Our own program as a child process, never left running."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.patience import PATIENCE

MAIN = "from juggler.cli.main import main; main()"
# A shell lets its background jobs ignore Ctrl-C, and they hand that down.
PREPARE = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


class Child:
    """A running child: what it says on stdout, line by line; killed when the block ends."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []

    def wait_for(self, text: str) -> str:
        """Return the next line of stdout with *text* in it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))
            if text in line:
                return line.rstrip("\n")
        raise AssertionError(f"{text!r} was not said but {self.said}, {self.errors()}")

    def tell(self, text: str) -> None:
        """Write a line to the child's stdin."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{text}\n")
        self.process.stdin.flush()

    def signal(self, number: int) -> None:
        """Send a signal to the child."""
        self.process.send_signal(number)

    def ended(self) -> int:
        """Return the exit code, once the child has ended."""
        assert self.process.stdout is not None
        self.said += self.process.stdout.read().splitlines()
        return self.process.wait()

    def errors(self) -> str:
        """Return what an ended child said on stderr."""
        assert self.process.stderr is not None
        return self.process.stderr.read()


@contextmanager
def running(*arguments: str, folder: Path, code: str | None = None) -> Iterator[Child]:
    """Yield a child that runs `juggler` with *arguments*, or *code*, in *folder*."""
    process = subprocess.Popen(
        [sys.executable, "-c", PREPARE + (code or MAIN), *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "200"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    guard = threading.Timer(PATIENCE, process.kill)
    guard.start()
    try:
        with process:
            try:
                yield Child(process)
            finally:
                process.kill()
    finally:
        guard.cancel()


def run(*arguments: str, folder: Path, code: str | None = None) -> tuple[int, str, str]:
    """Run a child to its end and return exit code, stdout and stderr."""
    with running(*arguments, folder=folder, code=code) as child:
        out, err = child.process.communicate()
        return child.process.returncode, out, err
