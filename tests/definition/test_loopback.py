"""Model files of the kind that LoopBack 3 projects have load unchanged."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from juggler import DataSource, DateString, GeoPoint, ModelRegistry
from juggler.definition.frozen import thawed

FOLDER = Path(__file__).parent / "loopback"
FILES = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
ORDER = ["base-user", "user", *sorted(FILES.keys() - {"base-user", "user", "vip"}), "vip"]


@pytest.fixture
def source() -> DataSource:
    """A store with the models of all files, those that others extend first."""
    made = DataSource("memory", registry=ModelRegistry())
    for stem in ORDER:
        made.define_json(FILES[stem])
    return made


def test_there_are_a_dozen() -> None:
    """The files cover a dozen models."""
    assert len(FILES) >= 12


# MOD-01
def test_all_load_unchanged(source: DataSource) -> None:
    """Every file defines its model, and loading changes nothing in it."""
    before = copy.deepcopy(FILES)
    assert {document["name"] for document in FILES.values()} <= set(source.models)
    assert before == FILES
    for document in FILES.values():
        model = source.models[document["name"]]
        own = [name for name, item in document["properties"].items() if item is not None]
        assert set(own) <= set(model.properties)


# MOD-01, MOD-53
def test_unknown_keys_are_kept(source: DataSource) -> None:
    """What only an application or a connector understands is there as it was written."""
    user, audit = source.models["AppUser"], source.models["AuditEntry"]
    assert (user.settings["maxTTL"], user.settings["ttl"]) == (31556926, 1209600)
    assert audit.settings["_meta"] == {"generator": "loopback-cli"}
    assert audit.settings["trackChanges"] is False
    assert audit.settings["max_depth_of_query"] == 12
    form = source.models["form-answer.v2"]
    assert thawed(form.settings["customThing"]) == [1, {"deep": {"camelCase": True}}]
    assert form.properties["score"].options["validators"] == ({"rule": "positive"},)
    methods = source.models["Order"].settings["methods"]
    assert thawed(methods["checkout"]["http"]) == [{"path": "/checkout", "verb": "post"}]


# MOD-57, MOD-59, MOD-61, MOD-62
def test_users_and_roles(source: DataSource) -> None:
    """A user extends the base user; hidden names unite, ACLs are ranked by their origin."""
    user, vip = source.models["AppUser"], source.models["VipUser"]
    assert user.base is source.models["User"]
    assert user.definition.hidden == {"password", "verificationToken"}
    assert [acl.rank for acl in user.settings["acls"]] == [1, 2, 2, 2]
    assert user.http == {"path": "/users"}
    ada = user(firstName="Ada", email="a@x", password="p", status="active")
    assert ada.locale == "en"
    assert ada.preferences == {"newsletter": True}
    assert "password" not in ada.to_json()
    assert {"phone", "avatarUrl"}.isdisjoint(vip.properties)
    assert vip.definition.hidden == {"password", "verificationToken", "level"}
    assert thawed(vip.settings["mixins"]) == {"SoftDelete": False}
    assert [acl.rank for acl in vip.settings["acls"]] == [1, 2, 2, 2, 3]
    assert vip.nested["manager"] is user


# MOD-04, MOD-05, MOD-07, MOD-28, MOD-38, MOD-39
def test_orders_with_addresses(source: DataSource) -> None:
    """An order embeds addresses and lines, one of a model that another file defines later."""
    order = source.models["Order"]
    assert order.nested["billingAddress"] is source.models["Address"]
    assert order.table_name("mysql") == "ORDERS"
    assert order.column_name("mysql", "orderId") == "ORDER_ID"
    assert order.column_name("postgresql", "orderNumber") == "order_no"
    assert order.id_column_name("mysql") == "ORDER_ID"
    assert set(order.definition.indexes()) == {"placed_total_idx", "orderNumber_index"}
    made = order(
        orderNumber="A1",
        customerId="7",
        total="12.50",
        currency="usd",
        shippingAddress={"street": "High St", "city": "Ulm", "type": "home"},
        billingAddress={"street": " Low St ", "geo": "48.4,9.9", "tags": '["a"]'},
        lines=[{"sku": "x", "price": "3"}],
        odd="dropped",
    )
    assert (made.customerId, made.total, made.currency) == (7, 12.5, "USD")
    assert (made.shippingAddress.country, made.shippingAddress.type) == ("DE", "home")
    assert made.billingAddress.street == "Low St"
    assert made.billingAddress.geo == GeoPoint(48.4, 9.9)
    assert made.billingAddress.tags == ["a"]
    assert (made.lines[0].quantity, made.lines[0].price) == (1, 3)
    assert made.placedAt is not None
    assert "odd" not in made.to_json()


# MOD-02, MOD-16, MOD-21
def test_coupons(source: DataSource) -> None:
    """Dates, points, choices and ids of documents."""
    coupon = source.models["Coupon"]
    assert coupon.http == {"path": "/vouchers"}
    made = coupon(
        code=" spring ",
        value="10",
        validFrom="2026-03-01",
        validUntil="3/31/2026",
        location={"lat": "52.5", "lng": 13.4},
        shops=["0123456789abcdef01234567"],
        active="false",
    )
    assert (made.code, made.value, made.active) == ("SPRING", 10, False)
    assert made.validUntil == datetime(2026, 3, 31, tzinfo=UTC)
    assert made.to_json()["location"] == {"lat": 52.5, "lng": 13.4}
    assert made.radius == 5000
    assert coupon.is_hidden_property("internalNote")
    assert coupon.is_protected_property("meta")


# MOD-07, MOD-34, MOD-43
def test_the_others(source: DataSource) -> None:
    """Products, trees of categories, composite keys, sessions, names that are no identifiers."""
    product = source.models["Product"](title="T", released="2026-01-02", slug="A B", id="x")
    assert product.released == DateString("2026-01-02")
    assert (product.slug, product.stock) == ("a b", 0)
    category = source.models["Category"]
    assert category.nested["parent"] is category
    tree = category(name="a", children=[{"name": "b", "children": [{"name": "c"}]}])
    assert tree.children[0].children[0].name == "c"
    audit = source.models["AuditEntry"]
    assert audit.definition.id_names() == ["key", "part"]
    assert audit(action="x").to_object()["before"] is None
    session = source.models["Session"](expires="2030", device={"push": {}})
    assert len(session.id) == 9
    assert session.device.push.enabled is False
    form = source.models["form-answer.v2"]
    assert form.http == {"path": "/answers"}
    assert form(type="x", answers=[[1, "2"]], geo=["1,2"]).answers == [["1", "2"]]


async def test_they_are_stored_and_found(source: DataSource) -> None:
    """A record of one is written and read back as it was."""
    async with source:
        order = source.models["Order"]
        made = await order.create(
            orderNumber="A1", customerId=1, total=3, lines=[{"sku": "x"}],
            billingAddress={"street": "S", "geo": [1, 2]},
        )  # fmt: skip
        found: Any = await order.find_by_id(made.orderId)
        assert found.to_json() == made.to_json()
        assert found.billingAddress.geo == GeoPoint(1, 2)
