"""The models of a data source: defined, attached, on the shape that its store wants."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from juggler.connectors.contract import Connector, ModelInfo
from juggler.definition.document import model_document
from juggler.definition.model import Definition
from juggler.models.api import is_model
from juggler.models.blueprint import Blueprint
from juggler.models.validating.speaking import messages_of
from juggler.registry.builder import ModelBuilder
from juggler.registry.defining import merged
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.parsed import ParsedDefinition, Traits
from juggler.registry.registry import ModelRegistry
from juggler.types.table import TypeTable

log = logging.getLogger("juggler.datasource")


class Attaching:
    """The part of a data source that has models."""

    registry: ModelRegistry
    model_builder: ModelBuilder
    connector: Connector | None
    _models: ModelRegistryProxy

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[ModelInfo, int] = {}

    @property
    def traits(self) -> Traits:
        """Return what the store wants of models."""
        raise NotImplementedError

    def _working(self) -> Connector:
        """Return the connector of a source that is not closed."""
        raise NotImplementedError

    @property
    def models(self) -> ModelRegistryProxy:
        """Return the source's namespace: name -> model."""
        return self._models

    @models.setter
    def models(self, models: Mapping[str, Any]) -> None:
        warnings.warn("Assign models one by one: ds.models[name] = model.", DeprecationWarning, 2)
        self._models.update(models)

    @property
    def definitions(self) -> Mapping[str, Definition]:
        """Return name -> definition of the source's models."""
        return {name: model.definition for name, model in self._models.items()}

    def define(
        self,
        name: str,
        properties: Mapping[str, Any] | ParsedDefinition | None = None,
        settings: Mapping[str, Any] | None = None,
        *,
        base: Any = None,
        **more: Any,
    ) -> Any:
        """Define a model whose rows are here.

        Args:
            name: Name of the model.
            properties: Name -> type or definition.
            settings: Model settings, also as further keywords.
            base: Model, or name of one, to extend.
            more: Further settings.

        Raises:
            DefinitionError: The definition is not understood; nothing was changed.
            ConnectorDetachedError: The source was closed.
        """
        traits = self.traits
        if more:
            settings = merged(settings, more, name)
        model = self.model_builder.make(
            name, properties, settings, self._models, source=self, base=base, traits=traits
        )
        _warn_if_open(model, traits)
        with ExitStack() as undo:
            undo.callback(self.registry.remove, model)
            self._tell(model.info)
            undo.pop_all()
        return model

    create_model = define

    def define_json(self, document: Mapping[str, Any]) -> Any:
        """Define a model from LoopBack's model JSON, already parsed.

        Raises:
            DefinitionError: The document is not understood.
        """
        name, properties, settings = model_document(document)
        return self.define(name, properties, settings)

    def attach(self, model: Any) -> Any:
        """Make *model* one of this source's models and return it; a model of another one moves.

        It moves to the shape that the store wants: generated ids of the store's type, and no
        undeclared data on a relational store.  Instances made before keep theirs.

        Raises:
            TypeError: It is no model.
            ConnectorDetachedError: The source was closed.
            ModelDisposedError: The model is gone.
        """
        traits = self.traits
        if not is_model(model):
            raise TypeError(f"{model!r} is no model and cannot be attached.")
        if model._source is self and model._owner is self._models._owner:
            return model
        model.check_alive("attach")
        former, info = model._source, model.info
        with ExitStack() as undo:
            undo.callback(_put_back, model, former, model._blueprint)
            _fit(model, traits, self.registry)
            model._use(self)
            self.registry.place(self._models, model.model_name, model)
            undo.pop_all()
        if former is not None:
            former._untell(info)
        self._tell(model.info)
        for event in ("data_access_configured", "data_source_attached"):
            model.emit(event, model)
        return model

    def get_model(self, name: str) -> Any:
        """Return the model called *name*, or None."""
        return self._models.get(name)

    def delete_model_by_name(self, name: str) -> None:
        """Delete a model: it is gone from every look-up at once; its rows stay."""
        found = self._models.get(name)
        if found is not None:
            self.registry.remove(found)

    def delete_all_models(self) -> None:
        """Delete all models; the connection stays."""
        self._models.clear()

    def forget(self, model: Any) -> None:
        """Let go of what the connector keeps for a model that is disposed."""
        self._untell(model.info)

    def retell(self, model: Any, former: ModelInfo) -> None:
        """Tell the connector that the structure of *model* is another one now, if it knows it."""
        if former not in self._told:  # it is being defined, and told of at the end of that
            return
        self._tell(model.info)
        self._untell(former)

    def _tell(self, info: ModelInfo) -> None:
        """Tell the connector of a model; equal models share what it is told."""
        self._working().define(info)
        self._told[info] = self._told.get(info, 0) + 1

    def _untell(self, info: ModelInfo) -> None:
        """Tell the connector that a model is gone, once no other model is equal."""
        left = self._told.pop(info, 0) - 1
        if left > 0:
            self._told[info] = left
        elif self.connector is not None:
            self.connector.undefine(info)


def _put_back(model: Any, source: Any, blueprint: Blueprint) -> None:
    """Make *model* again what it was."""
    model._use(source)
    model._stand_on(blueprint)


def _fit(model: Any, traits: Traits, registry: ModelRegistry) -> None:
    """Move *model* to the shape that a store with *traits* wants, if that is another one."""
    _warn_if_open(model, traits)
    id_type = TypeTable().lookup(traits.id_type)
    if id_type is None:
        return
    parsed = ParsedDefinition(list(model.shape), model.settings, model.base, [], registry.shapes)
    if parsed.shape(traits, id_type) is not model.shape:
        model._stand_on(parsed.compile(model.model_name, traits, id_type))


def _warn_if_open(model: Any, traits: Traits) -> None:
    """Warn that a model that is to be open cannot be on a relational store."""
    if traits.relational and model.settings.get("strict") is False:
        params = {"model": model.model_name}
        log.warning("%s", messages_of(model).text("model.relational-strict", params))
