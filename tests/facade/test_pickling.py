"""Pickles of records and models, in this process and in another one."""

from __future__ import annotations

import copy
import io
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import juggler
from juggler import DataSource, Model, ModelRegistry, prop, tenant
from juggler.errors import ModelDisposedError, TenantContextError
from juggler.facade.pickling import Unpickler

SHAPE = {"text": str, "inner": {"x": "number", "deep": [{"y": "string"}]}}
DATA = {"text": "Hi", "inner": {"x": 3, "deep": [{"y": "z"}]}}


class Order(Model):
    """A declared model; pickles name it by module and name, as classes are."""

    total: float
    secret: str = prop(default="s", hidden=True)


def test_records_of_declared_models() -> None:
    """A record comes back with hidden values and what is changed."""
    order = Order(total=3)
    order.total = 4.5
    found = pickle.loads(pickle.dumps(order))
    assert (order, "s", ["total"]) == (found, found.secret, found.changed())
    assert pickle.loads(pickle.dumps(Order)) is Order


def test_records_of_a_data_source() -> None:
    """A run-time model is looked up by the name of its source and its own; so are embedded ones."""
    source = DataSource("pickled", connector="memory")
    note = source.define("Note", SHAPE)
    record = note(DATA)
    found = pickle.loads(pickle.dumps(record))
    assert found == record
    assert found.model is note
    assert found.inner.deep[0].model is record.inner.deep[0].model
    assert pickle.loads(pickle.dumps(note)) is note


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy])
def test_copies(make: Any) -> None:
    """Copies equal their originals and are independent of them."""
    note = DataSource("memory").define("Note", SHAPE)
    record = note(DATA)
    found = make(record)
    found.text = "Ho"
    assert (record.to_dict(), found.text) == (DATA, "Ho")
    assert found.model is note


def test_records_of_a_tenant() -> None:
    """A tenant's model is found in the tenant, also without one, and never for another one."""
    registry = juggler.registry
    try:
        with tenant("acme"):
            ticket = registry.define("Ticket", {"title": str})
            data = pickle.dumps(ticket(title="a"))
            assert pickle.loads(data).title == "a"
        assert pickle.loads(data).model is ticket
        with tenant("other"), pytest.raises(TenantContextError, match="acme"):
            pickle.loads(data)
    finally:
        registry.cleanup_tenant("acme")
        registry.cleanup_tenant("other")
    with pytest.raises(ModelDisposedError, match="Ticket"):
        pickle.loads(data)


def test_a_name_that_fits_two_owners_is_refused() -> None:
    """Two sources of one name cannot be told apart."""
    one, two = DataSource("twin", connector="memory"), DataSource("twin", connector="memory")
    note = one.define("Note", SHAPE)
    two.define("Note", SHAPE)
    with pytest.raises(ModelDisposedError, match="several"):
        pickle.loads(pickle.dumps(note))


def test_a_model_that_changed_is_told() -> None:
    """A pickle whose embedded model is gone says so."""
    source = DataSource("changing", connector="memory")
    data = pickle.dumps(source.define("Note", SHAPE)(DATA))
    source.define("Note", {"text": str})
    with pytest.raises(ModelDisposedError, match="inner"):
        pickle.loads(data)


def test_models_of_another_registry() -> None:
    """An unpickler looks models up where it is told to."""
    own = ModelRegistry()
    note = own.define("Note", SHAPE)
    record = note(DATA)
    data = pickle.dumps(record)
    assert Unpickler(io.BytesIO(data), registry=own).load() == record
    with pytest.raises(ModelDisposedError, match="there is none"):
        pickle.loads(data)


def test_what_has_no_name_is_refused() -> None:
    """An anonymous model that nobody embeds cannot be found again."""
    own = ModelRegistry()
    made = own.builder.build_models({"x": "number"})
    model = next(iter(made.values()))
    with pytest.raises(pickle.PicklingError, match="registered under no name"):
        pickle.dumps(model)


READER = """
import pickle, sys
from juggler import DataSource
source = DataSource("shared", connector="memory")
source.define("Note", {"text": str, "inner": {"x": "number", "deep": [{"y": "string"}]}})
print(pickle.load(sys.stdin.buffer).to_json())
"""


def test_another_process_reads_records(tmp_path: Path) -> None:
    """A process that defines the model for a source of the same name reads the record."""
    source = DataSource("shared", connector="memory")
    data = pickle.dumps(source.define("Note", SHAPE)(DATA))
    done = subprocess.run(
        [sys.executable, "-c", READER], input=data, capture_output=True, check=True, cwd=tmp_path
    )
    assert str(DATA) == done.stdout.decode().strip()
