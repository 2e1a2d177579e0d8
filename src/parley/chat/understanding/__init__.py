"""What a message is, and how the one who writes it feels; found without a model."""

from parley.chat.understanding.intents import INTENTS, SMALL_TALK, SPOKEN, Intent
from parley.chat.understanding.reading import EMOTIONS, SENTIMENTS, Emotion, Reading, Sentiment, read_message
from parley.chat.understanding.tone import manner, tone_for

__all__ = [
    "EMOTIONS",
    "INTENTS",
    "SENTIMENTS",
    "SMALL_TALK",
    "SPOKEN",
    "Emotion",
    "Intent",
    "Reading",
    "Sentiment",
    "manner",
    "read_message",
    "tone_for",
]
