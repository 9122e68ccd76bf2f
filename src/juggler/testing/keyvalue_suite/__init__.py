"""The cases that every connector for keys and values has to pass, through key-value models.

    TestMine = run_kv_suite(lambda: DataSource("mine"), {"can_expire": False})

pytest runs them under the name that they are assigned to.  It needs pytest and pytest-asyncio.
"""

import pytest

# A failed case shows the values it compared only if pytest reads its module before Python does.
_GROUPS = ("base", "keys", "life", "storing")
pytest.register_assert_rewrite(*(f"{__name__}.{group}" for group in _GROUPS))

from juggler.testing.keyvalue_suite.suite import run_kv_suite  # noqa: E402  as said above

__all__ = ["run_kv_suite"]
