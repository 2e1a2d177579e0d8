"""What a bot looks like at the border."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

BotName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
AvatarColour = Literal["ink", "moss", "clay", "plum", "lagoon", "ochre", "slate"]
AvatarIcon = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class Avatar(BaseModel):
    """An icon of the app's set on one of its colours."""

    icon: AvatarIcon = "folder"
    colour: AvatarColour = "ink"


AnswerPolicy = Literal["strict", "marked"]
LearnOnlyPolicy = Literal["sealed", "background"]
Suggestion = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\n\r]*$")
]


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """How a bot answers. `persona` and `instructions` are the owner's words to the model; empty ones say nothing.

    `answer_policy`: sentences without support are withheld (strict) or shown as such (marked).
    `learn_only_policy`: while learn-only text informs an answer, only what citable text supports is shown (sealed), or
    own words are allowed (background). `adapts_tone`: an answer shows that it noticed how the asker feels.
    `human_contact`: what a person who asks for a human is told; empty where there is no way to reach one.
    """

    persona: str = ""
    instructions: str = ""
    answer_policy: AnswerPolicy = "marked"
    learn_only_policy: LearnOnlyPolicy = "sealed"
    cache_answers: bool = True
    remembers: bool = True
    adapts_tone: bool = True
    human_contact: str = ""


DEFAULT_RULES = AnswerRules()


class BotIn(BaseModel):
    """A bot to make."""

    name: BotName
    description: str = Field(default="", max_length=2000)
    avatar: Avatar | None = None


class BotPatch(BaseModel):
    """What to change of a bot; what is left out stays. `model_id` null: answer with quotes."""

    name: BotName | None = None
    description: str | None = Field(default=None, max_length=2000)
    avatar: Avatar | None = None
    model_id: str | None = None
    persona: str | None = Field(default=None, max_length=4000)
    instructions: str | None = Field(default=None, max_length=8000)
    greeting: str | None = Field(default=None, max_length=1000)
    suggestions: list[Suggestion] | None = Field(default=None, max_length=8)
    answer_policy: AnswerPolicy | None = None
    learn_only_policy: LearnOnlyPolicy | None = None
    cache_answers: bool | None = None
    remembers: bool | None = None
    adapts_tone: bool | None = None
    human_contact: str | None = Field(default=None, max_length=1000)


class BotModel(BaseModel):
    """The model that answers for a bot."""

    id: str
    name: str


class BotView(BaseModel):
    """A bot without what other rooms know of it."""

    id: str
    name: str
    description: str
    avatar: Avatar
    model: BotModel | None
    persona: str
    instructions: str
    greeting: str
    suggestions: list[str]
    answer_policy: AnswerPolicy
    learn_only_policy: LearnOnlyPolicy
    cache_answers: bool
    remembers: bool
    adapts_tone: bool
    human_contact: str
    created_at: datetime
    updated_at: datetime
