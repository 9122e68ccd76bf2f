"""Messages come in the language that the client asks for, if there is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.app.asgi import App
from juggler.app.rest.language import wanted_language
from juggler.datasource.datasource import DataSource
from juggler.facade.default import ModelRegistry
from tests.app.service import client_of

OFFERED = ("en", "de", "es", "fr", "ja", "zh_Hans", "pt_BR")


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("de", "de"),
        ("de-AT", "de_AT"),
        ("DE-at;q=0.3", "de_AT"),
        ("nl, de;q=0.9, en;q=0.8", "de"),
        ("en;q=0.8, fr;q=0.9", "fr"),
        ("fr;q=0.5,de;q=0.5", "fr"),
        ("en-GB,en;q=0.9", "en_GB"),
        ("de;q=0, fr", "fr"),
        ("de;q=0", None),
        ("zh-CN", "zh_CN"),
        ("zh-TW", None),
        ("pt-BR", "pt_BR"),
        ("pt", None),
        ("nl", None),
        ("*", None),
        ("", None),
        ("de;q=high, fr;level=1, ja", "ja"),
        ("; ,,de", "de"),
    ],
)
def test_the_language_that_is_wanted(header: str, found: str | None) -> None:
    """The heaviest that there is; the first of equal ones; what is not understood is left out."""
    # MOD-117
    assert wanted_language(header, OFFERED) == found


@given(st.text(st.sampled_from("dezhfrENq;=,. -*01_\u00e9"), max_size=30))
def test_any_header_is_a_language_or_none(header: str) -> None:
    """Whatever a client sends, the outcome is a language with messages, or nothing."""
    found = wanted_language(header, OFFERED)
    assert found is None or found.partition("_")[0] in {"de", "en", "fr", "zh", "es", "ja", "pt"}


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({}, "can't be blank"),
        ({"accept-language": "de-AT,de;q=0.9"}, "darf nicht leer sein"),
        ({"accept-language": "tlh, fr;q=0.1"}, "doit \u00eatre renseign\u00e9"),
        ({"accept-language": "tlh"}, "can't be blank"),
    ],
)
async def test_rest_speaks_it(headers: dict[str, str], text: str) -> None:
    """``Accept-Language`` is the locale of the operation; codes stay as they are."""
    # MOD-117
    registry = ModelRegistry()
    registry.messages.override("presence", "doit \u00eatre renseign\u00e9", locale="fr")
    source = DataSource("memory", registry=registry)
    app = App(registry)
    app.model(source.define("City", {"name": {"type": str, "required": True}}))
    async with client_of(app) as client:
        for verb, path in (("POST", "/api/Cities"), ("PUT", "/api/Cities")):
            answer = await client.request(verb, path, json={}, headers=headers)
            assert answer.status_code == 422, answer.text
            details = answer.json()["error"]["details"]
            assert details["messages"] == {"name": [text]}
            assert details["codes"] == {"name": ["presence"]}


async def test_hooks_see_the_language() -> None:
    """Observers find it in the options, so that messages of their own can follow it."""
    # MOD-117
    registry = ModelRegistry()
    model = DataSource("memory", registry=registry).define("City", {"name": str})
    heard: list[object] = []
    model.observe("access", lambda context: heard.append(context.options.get("locale")))
    app = App(registry)
    app.model(model)
    async with client_of(app) as client:
        await client.get("/api/Cities", headers={"accept-language": "ja"})
        await client.get("/api/Cities")
    assert heard == ["ja", None]
