"""How tickets sound: a model reads their texts where they lie and leaves scores and digests, never the text."""

from strata.sentiment.model import Sentiment, SentimentModel, load_model
from strata.sentiment.run import Scored, score_tickets

__all__ = ["Scored", "Sentiment", "SentimentModel", "load_model", "score_tickets"]
