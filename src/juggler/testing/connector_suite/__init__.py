"""The cases that every connector has to pass.

A connector's test module subclasses `ConnectorSuite` and says how to make one; pytest runs the
rest.  Cases for what ``capabilities`` does not name are skipped.

    class TestMine(ConnectorSuite):
        def make(self, folder: Path) -> Connector:
            return MyConnector({"file": str(folder / "store")}, self.host)

It needs pytest, pytest-asyncio and hypothesis.
"""

import pytest

# A failed case shows the values it compared only if pytest reads its module before Python does.
_GROUPS = (
    "agreement",
    "changing",
    "choices",
    "gathering",
    "lifecycle",
    "modifying",
    "querying",
    "schema",
    "storing",
    "transacting",
)
pytest.register_assert_rewrite(*(f"{__name__}.{group}" for group in _GROUPS))

from juggler.testing.connector_suite.suite import ConnectorSuite  # noqa: E402  as said above

__all__ = ["ConnectorSuite"]
