"""The cases that every connector for records has to pass, through models on a data source.

    TestMine = run_persistence_suite(lambda: DataSource("mine"), {"geo_point": False})

pytest runs them under the name that they are assigned to.  It needs pytest and pytest-asyncio.
`juggler.testing.connector_suite` has the cases for the connector itself, without the model layer.
"""

import pytest

# A failed case shows the values it compared only if pytest reads its module before Python does.
_GROUPS = ("base", "changing", "creating", "hooks", "querying")
pytest.register_assert_rewrite(*(f"{__name__}.{group}" for group in _GROUPS))

from juggler.testing.persistence_suite.suite import run_persistence_suite  # noqa: E402  as said

__all__ = ["run_persistence_suite"]
