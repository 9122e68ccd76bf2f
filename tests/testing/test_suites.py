"""The suites for connectors: all of their cases run."""

from collections import Counter

import pytest

from juggler.testing.connector_suite import ConnectorSuite
from juggler.testing.keyvalue_suite.suite import KeyValueSuite
from juggler.testing.persistence_suite.suite import PersistenceSuite


@pytest.mark.parametrize("suite", [ConnectorSuite, PersistenceSuite, KeyValueSuite])
def test_no_case_hides_another(suite: type) -> None:
    """Groups of one suite share a class, so no two of them may have a case of the same name."""
    # DAO-310
    names = Counter(name for group in suite.__mro__ for name in vars(group) if name[:5] == "test_")
    assert names
    assert [name for name, count in names.items() if count > 1] == []
