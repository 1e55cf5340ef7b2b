"""The model that is shipped: VADER, a lexicon with rules, for English alone. MIT licence, no network, no training."""

from collections.abc import Sequence
from importlib.metadata import version

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from strata.sentiment.language import has_words, language_of
from strata.sentiment.model import Sentiment

READING = 1
"""Version of what is done here before and after VADER; raise it when an answer could change."""


class Vader:
    """VADER’s compound score of an English text; any other text is said not to be supported."""

    name = "vader"

    def __init__(self) -> None:
        self.version = f"{version('vaderSentiment')}.{READING}"
        self._analyzer = SentimentIntensityAnalyzer()

    def read(self, texts: Sequence[str]) -> list[Sentiment]:
        """One answer a text."""
        return [self._read(text) for text in texts]

    def _read(self, text: str) -> Sentiment:
        if not has_words(text):
            return Sentiment("empty", None, None)
        language = language_of(text)
        if language != "en":
            return Sentiment("unknown_language" if language is None else "unsupported_language", language, None)
        return Sentiment("scored", "en", float(self._analyzer.polarity_scores(text)["compound"]))
