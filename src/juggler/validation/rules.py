"""Validation rules as frozen values, and how they are declared."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from juggler.definition.names import normalise_keys
from juggler.errors import DefinitionError
from juggler.types.coerced import shown
from juggler.validation.options import COMMON_OPTIONS, RULE_OPTIONS, clean_option

NO_OPTIONS: Final[Mapping[str, Any]] = MappingProxyType({})


UNIQUENESS: Final = "uniqueness"


def _no_options() -> Mapping[str, Any]:
    return NO_OPTIONS


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """One rule on one field; equal rules are the same rule.

    Attributes:
        field: Name or dotted path of what is checked; for a function any label.
        kind: ``presence``, ``length`` ...; it names the code of a failure.
        options: What belongs to the kind: ``min``, ``max``, ``is``, ``int``, ``in``, ``with`` ...
        message: Text in place of the default, or a mapping from kinds of failure to texts.
        code: Code in place of the kind's name.
        allow_blank: The kinds that look at a value let a missing or empty one pass.
        allow_null: They let None pass.
        optional: What was never given or is None passes; all else is checked.
        each: How many lists down the values are that are checked, each by itself; 0 for the value.
        if_: Function of the instance, or name of a method or property, that must be true.
        unless: The same, that must be false.
        function: What decides, for rules that are functions, sync or async: called with the
            instance, ``err`` and, if *takes_options*, the options of the operation.
        takes_options: Whether the function has room for a third argument.
    """

    field: str
    kind: str
    options: Mapping[str, Any] = dataclasses.field(default_factory=_no_options, hash=False)
    message: str | Mapping[str, str] | None = dataclasses.field(default=None, hash=False)
    code: str | None = None
    allow_blank: bool = False
    allow_null: bool = False
    optional: bool = False
    each: int = 0
    if_: Callable[[Any], Any] | str | None = None
    unless: Callable[[Any], Any] | str | None = None
    function: Callable[..., Any] | None = None
    takes_options: bool = True

    @property
    def is_async(self) -> bool:
        """Tell whether the rule asks a store, or a function of it is declared ``async``."""
        if self.asks_store:
            return True
        return any(map(_is_async, (self.function, self.if_, self.unless)))

    @property
    def asks_store(self) -> bool:
        """Tell whether other records have to be looked at."""
        return self.kind == UNIQUENESS and self.function is None

    def code_of(self, failure: str = "") -> str:
        """Return the code for a kind of failure, e.g. ``length.min``."""
        code = self.code or self.kind
        return f"{code}.{failure}" if failure else code

    def own_words(self, failure: str = "") -> str | None:
        """Return what the rule itself says of a kind of failure, None if it says nothing."""
        if self.message is None or isinstance(self.message, str):
            return self.message
        return self.message.get(failure or self.kind)

    def keys_of(self, failure: str = "") -> tuple[str, ...]:
        """Return the keys of the messages that fit a kind of failure, the best first."""
        names = dict.fromkeys(name for name in (self.code, self.kind) if name)
        full = [f"{name}.{failure}" for name in names] if failure else []
        return (*full, *([failure] if failure else []), *names, "invalid")

    def describe(self) -> dict[str, Any]:
        """Return the rule as plain options: ``{"validation": "length", "max": 80}``."""
        given = {name: getattr(self, name) for name in _ATTRIBUTES if getattr(self, name)}
        given = {name: bool(item) if item == 1 else item for name, item in given.items()}
        return {"validation": self.kind, **self.options, **given}


_ATTRIBUTES: Final = "message code allow_blank allow_null optional each if_ unless function".split()


def declare(kind: str, *args: Any, **options: Any) -> tuple[Rule, ...]:
    """Return a rule of *kind* for each field that is named.

    Args:
        kind: A kind of rule that checks values: ``presence`` to ``date``.
        args: Names of fields; the last may be a mapping of options as LoopBack spells them.
        options: The same options as keywords: ``in_``, ``with_``, ``is_``, ``if_`` where Python
            keeps the word for itself.

    Raises:
        DefinitionError: The kind, an option or its value is not known, one that is needed is
            missing, or no field is named.

    >>> declare("length", "name", "title", max=80)[1].options["max"]
    80
    """
    if kind not in RULE_OPTIONS:
        known = ", ".join(RULE_OPTIONS)
        raise DefinitionError(f"There is no validation {shown(kind)}; there are {known}.")
    names = args
    if args and isinstance(args[-1], Mapping):
        names, options = args[:-1], {**args[-1], **options}
    return tuple(_rule(kind, name, options) for name in names or (None,))


def by_function(kind: str, name: str, function: Callable[..., Any], **options: Any) -> Rule:
    """Return a rule that *function* decides, called with the instance, ``err`` and the options.

    *kind* names its code and default text: ``custom``, or ``uniqueness`` for one that asks a store.

    Raises:
        DefinitionError: The function cannot be called, or an option is not known.
    """
    if not callable(function):
        raise DefinitionError(f"The validation of {name!r} needs a function to call.", value=name)
    return _rule(kind, name, options, function)


def custom(name: str, function: Callable[..., Any], *args: Any, **options: Any) -> Rule:
    """Return a custom rule: *function* says what is wrong by calling ``err``.

    *args* may hold a mapping of options as LoopBack spells them.

    Raises:
        DefinitionError: The function cannot be called, or an option is not known.
    """
    if len(args) > 1 or not all(isinstance(each, Mapping) for each in args):
        raise DefinitionError(f"The validation of {name!r} takes one function and its options.")
    return by_function("custom", name, function, **{**(args[0] if args else {}), **options})


def from_setting(entry: Any) -> Rule:
    """Return the rule of an entry ``{"property": "name", "rule": "length", "max": 80}``.

    Raises:
        DefinitionError: Property or rule are missing, or the options are wrong.
    """
    return described(entry.get("property") if isinstance(entry, Mapping) else None, entry)


def described(field: Any, entry: Mapping[str, Any]) -> Rule:
    """Return the rule on *field* that `Rule.describe` would describe as *entry*.

    Raises:
        DefinitionError: The kind of rule is missing, or the options are wrong.
    """
    if not isinstance(entry, Mapping):
        raise DefinitionError(f"A validation is a mapping of options, not {shown(entry)}.")
    kind = entry.get("rule", entry.get("validation", ""))
    rest = {key: item for key, item in entry.items() if key not in _HEAD}
    function = entry.get("function")
    if function is not None:
        return by_function(kind or "custom", field, function, **rest)
    return declare(kind, field, rest)[0]


_HEAD: Final = frozenset({"property", "rule", "validation", "function"})


def add_rules(rules: tuple[Rule, ...], *new: Rule) -> tuple[Rule, ...]:
    """Return *rules* with *new* appended; one that is there already keeps its place."""
    result = list(rules)
    for rule in new:
        if rule not in result:
            result.append(rule)
    return tuple(result)


def _rule(
    kind: str, name: Any, given: Mapping[str, Any], function: Callable[..., Any] | None = None
) -> Rule:
    what = f"The {kind} validation of {shown(name)}"
    if not isinstance(name, str) or not name:
        raise DefinitionError(f"The {kind} validation needs the name of a property.", value=name)
    own = RULE_OPTIONS.get(kind, frozenset())
    options = {
        key: clean_option(kind, key, value, what)
        for key, value in _spelled(given, own | COMMON_OPTIONS, what).items()
        if value is not None
    }
    needed = _NEEDED.get(kind)
    if needed and needed not in options:
        raise DefinitionError(f"{what} needs the option {needed!r}.", path=needed)
    common = {key: options.pop(key) for key in COMMON_OPTIONS & options.keys()}
    if "if" in common:
        common["if_"] = common.pop("if")
    takes = function is None or _takes_options(function)
    return Rule(
        name, kind, MappingProxyType(options), function=function, takes_options=takes, **common
    )


_NEEDED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "inclusion": "in",
        "exclusion": "in",
        "format": "with",
        "text-format": "named",
        "json-schema": "schema",
    }
)


def _spelled(given: Mapping[str, Any], known: frozenset[str], what: str) -> dict[str, Any]:
    """Return *given* with its keys in snake case and without the underscore at the end."""
    keywords = {key: value for key, value in given.items() if key.endswith("_")}
    plain = {key: value for key, value in given.items() if key not in keywords}
    bare = {key.rstrip("_"): value for key, value in keywords.items()}
    twice = bare.keys() & plain.keys()
    if twice:
        raise DefinitionError(f"{what}: the option {min(twice)!r} is given twice; keep one.")
    options = normalise_keys({**plain, **bare}, known, what)
    unknown = options.keys() - known
    if unknown:
        listed = ", ".join(sorted(known))
        raise DefinitionError(
            f"{what} has no option {shown(min(unknown))}; there are {listed}.", path=min(unknown)
        )
    return options


def _is_async(function: object) -> bool:
    """Tell whether calling *function* gives a coroutine, also for an object with ``__call__``."""
    if not callable(function):
        return False
    call = getattr(function, "__call__", None)  # noqa: B004  asked for its kind, not its presence
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call)


def _takes_options(function: Callable[..., Any]) -> bool:
    """Tell whether *function* can be called with a third argument."""
    try:
        inspect.signature(function).bind(None, None, None)
    except TypeError:
        return False
    except ValueError:  # some built-in functions do not tell
        return True
    return True
