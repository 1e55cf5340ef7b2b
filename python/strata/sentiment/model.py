"""The one interface behind which a sentiment model stands, and how a company names its own."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Literal, Protocol, cast

from strata.errors import InputError

Status = Literal["scored", "unsupported_language", "unknown_language", "empty"]

GROUP = "strata.sentiment"
"""Entry points of this group are models by name: a callable without arguments that gives a SentimentModel."""


@dataclass(frozen=True)
class Sentiment:
    """What a model says of a text. score: −1 to 1, None unless status is scored; language: ISO 639-1, None if unknown.

    A language that the model does not support is a status, never a score in the middle.
    """

    status: Status
    language: str | None
    score: float | None


class SentimentModel(Protocol):
    """A model. name and version are kept beside each score; another version scores every text anew."""

    @property
    def name(self) -> str:
        """What the model is called."""

    @property
    def version(self) -> str:
        """Changes whenever the model could answer differently."""

    def read(self, texts: Sequence[str]) -> Sequence[Sentiment]:
        """One answer a text, in their order. The same text always has the same answer."""


def load_model(name: str) -> SentimentModel:
    """The model of that name: `vader`, an entry point of the group `strata.sentiment`, or `package.module:factory`.

    Raises InputError when there is none, or it cannot be loaded.
    """
    if name == "vader":
        from strata.sentiment.vader import Vader

        return Vader()
    try:
        factory = _factory(name)
        model = factory()
    except (ImportError, AttributeError, TypeError) as error:
        raise InputError(f"the sentiment model `{name}` cannot be loaded: {error}", _REMEDY) from error
    missing = [part for part in ("name", "version", "read") if not hasattr(model, part)]
    if missing:
        raise InputError(f"the sentiment model `{name}` has no `{missing[0]}`", "see strata.sentiment.SentimentModel")
    return model


_REMEDY = "var sentiment_model is `vader`, an entry point of the group strata.sentiment, or `package.module:factory`"


def _factory(name: str) -> Callable[[], SentimentModel]:
    for point in entry_points(group=GROUP, name=name):
        return cast("Callable[[], SentimentModel]", point.load())
    module, colon, attribute = name.partition(":")
    if not colon:
        raise InputError(f"no sentiment model is called `{name}`", _REMEDY)
    return cast("Callable[[], SentimentModel]", getattr(importlib.import_module(module), attribute))
