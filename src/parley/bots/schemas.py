"""What a bot looks like at the border."""

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
    created_at: datetime
    updated_at: datetime
