"""What connected models look like at the border."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, BaseModel, Field, SecretStr, StringConstraints, UrlConstraints, field_validator

ModelName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
ProviderModel = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
BaseUrl = Annotated[AnyHttpUrl, UrlConstraints(max_length=2000)]
KeyVariable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=200)]


class ModelIn(BaseModel):
    """A model to connect. Give its key itself, or the environment variable that holds it, or neither."""

    name: ModelName
    kind: Literal["openai"] = Field(default="openai", description="Any provider that speaks OpenAI's protocol.")
    base_url: BaseUrl = Field(description="Such as https://api.openai.com/v1 or http://127.0.0.1:11434/v1")
    model: ProviderModel = Field(description="The provider's name of the model.")
    key: SecretStr | None = Field(default=None, max_length=4000)
    key_env: KeyVariable | None = None

    @field_validator("key", "key_env", mode="before")
    @classmethod
    def _blank_is_none(cls, value: object) -> object:
        return None if value == "" else value


class ModelPatch(BaseModel):
    """What to change; what is left out stays. A null key or variable takes it away."""

    name: ModelName | None = None
    base_url: BaseUrl | None = None
    model: ProviderModel | None = None
    key: SecretStr | None = Field(default=None, max_length=4000)
    key_env: KeyVariable | None = None


class ModelTest(BaseModel):
    """How the last test call went: a short answer was asked for."""

    ok: bool
    message: str
    ms: float
    at: datetime


class ModelView(BaseModel):
    """A connected model without its key."""

    id: str
    name: str
    kind: Literal["openai"]
    base_url: str
    model: str
    has_key: bool
    key_env: str | None
    last_test: ModelTest | None


class EmbedderView(BaseModel):
    """What can embed: the built-in table, a local model, or a connected one without its key."""

    id: str = Field(description="What generations name: `static`, a local model's name, or an id.")
    name: str
    kind: str = Field(description="static, local, or what the provider speaks.")
    model: str | None = Field(description="The provider's name of the model.")
    base_url: str | None
    dim: int | None = Field(description="Length of a vector, where it is known.")
    has_key: bool
    key_env: str | None
    last_test: ModelTest | None


class EmbedderList(BaseModel):
    """Every embedder that a workspace can use."""

    items: list[EmbedderView]
