"""All cases together."""

from __future__ import annotations

from juggler.testing.connector_suite.agreement import AgreementCases
from juggler.testing.connector_suite.changing import ChangingCases, UpsertCases
from juggler.testing.connector_suite.choices import ChoiceCases
from juggler.testing.connector_suite.gathering import GatheringCases
from juggler.testing.connector_suite.lifecycle import LifecycleCases
from juggler.testing.connector_suite.modifying import BulkUpsertCases, ModifyCases
from juggler.testing.connector_suite.querying import GeoCases, QueryingCases
from juggler.testing.connector_suite.schema import SchemaCases
from juggler.testing.connector_suite.storing import BulkCases, StoringCases
from juggler.testing.connector_suite.transacting import TransactionCases


class ConnectorSuite(
    LifecycleCases,
    StoringCases,
    BulkCases,
    ChangingCases,
    UpsertCases,
    ModifyCases,
    BulkUpsertCases,
    QueryingCases,
    GeoCases,
    ChoiceCases,
    GatheringCases,
    SchemaCases,
    AgreementCases,
    TransactionCases,
):
    """Subclass it in a connector's test module and say in ``make`` how to make the connector."""
