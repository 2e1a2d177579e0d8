"""What connected models look like at the border."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AnyHttpUrl,
    BaseModel,
    Field,
    SecretStr,
    StringConstraints,
    UrlConstraints,
    field_validator,
    model_validator,
)

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


EmbedderKind = Literal["openai", "gemini", "mistral", "voyage", "cohere", "compatible", "sentence-transformers"]
Prefix = Annotated[str, StringConstraints(max_length=1000)]


class EmbedderIn(BaseModel):
    """An embedder to connect. Give its key itself, or the environment variable that holds it, or neither."""

    name: ModelName
    kind: EmbedderKind = Field(description="What the provider speaks; `compatible` is any server that is like OpenAI.")
    model: ProviderModel = Field(description="The provider's name of the model, such as text-embedding-3-small.")
    base_url: BaseUrl | None = Field(default=None, description="The provider's own address unless given.")
    dims: int | None = Field(default=None, ge=8, le=8192, description="Length of vectors to ask for, if not its own.")
    key: SecretStr | None = Field(default=None, max_length=4000)
    key_env: KeyVariable | None = None
    query_prefix: Prefix = Field(default="", description="Put before each question, where a model wants that.")
    document_prefix: Prefix = Field(default="", description="Put before each passage.")
    requests_per_minute: int | None = Field(default=None, ge=1, description="Never call more often.")
    tokens_per_minute: int | None = Field(default=None, ge=1, description="Never send more.")
    usd_per_million_tokens: float | None = Field(default=None, ge=0, description="Its price, if you know it better.")

    @field_validator("key", "key_env", "base_url", mode="before")
    @classmethod
    def _blank_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @model_validator(mode="after")
    def _has_an_address(self) -> "EmbedderIn":
        if self.kind == "compatible" and self.base_url is None:
            raise ValueError("an OpenAI-compatible server needs its address as base_url")
        return self


class EmbedderPatch(BaseModel):
    """What to change; what is left out stays. What vectors depend on cannot change: connect it anew instead."""

    name: ModelName | None = None
    key: SecretStr | None = Field(default=None, max_length=4000)
    key_env: KeyVariable | None = None
    requests_per_minute: int | None = Field(default=None, ge=1)
    tokens_per_minute: int | None = Field(default=None, ge=1)
    usd_per_million_tokens: float | None = Field(default=None, ge=0)


class EmbedderView(BaseModel):
    """What can embed: the built-in table, a local model, or a connected one without its key."""

    id: str = Field(description="What generations name: `static`, a local model's name, or an id.")
    name: str
    kind: str = Field(description="static, local, or what the provider speaks.")
    model: str | None = Field(default=None, description="The provider's name of the model.")
    base_url: str | None = None
    dim: int | None = Field(default=None, description="Length of a vector, where it is known.")
    query_prefix: str = ""
    document_prefix: str = ""
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    usd_per_million_tokens: float | None = Field(default=None, description="Price; null where it is not known.")
    has_key: bool = False
    key_env: str | None = None
    last_test: ModelTest | None = None


class EmbedderList(BaseModel):
    """Every embedder that a workspace can use."""

    items: list[EmbedderView]
