"""How each kind of source is described: what people send, what is stored, what is shown."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from parley.errors import InvalidInput
from parley.knowledge.schemas import Chunking, Visibility
from parley.knowledge.web.plan import WebMode

Patterns = Annotated[list[Annotated[str, Field(min_length=1, max_length=300)]], Field(max_length=100)]
ScheduleLine = Annotated[
    str | None,
    Field(
        max_length=100,
        description="When to look again: a cron line (minute hour day month weekday). Default: never by itself.",
    ),
]


class _Config(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WebsiteConfig(_Config):
    """A website: one page, the pages of a sitemap, or what links lead to from a first page."""

    url: str = Field(min_length=1, max_length=2_048, description="The first page, or the sitemap.")
    mode: WebMode = "crawl"
    max_depth: int = Field(default=3, ge=0, le=20, description="Crawl: links to follow from the first page.")
    max_pages: int = Field(default=200, ge=1, le=50_000, description="Most pages to read.")
    include: Patterns = Field(default_factory=list[str], description="Only pages whose path matches one of these.")
    exclude: Patterns = Field(default_factory=list[str], description="No page whose path matches one of these.")


class GitConfig(_Config):
    """A Git repository: an https, http or ssh address, or (owner only) the path of a clone on the server's machine."""

    url: str = Field(min_length=1, max_length=2_048)
    branch: str | None = Field(default=None, min_length=1, max_length=250, description="Default: the remote's own.")
    include: Patterns = Field(default_factory=list[str], description="Only these files, as in `.gitignore`.")
    exclude: Patterns = Field(default_factory=list[str], description="Not these files.")
    max_file_bytes: int = Field(default=10_000_000, gt=0, description="Larger files are skipped.")


class VideoConfig(_Config):
    """The captions of a video on YouTube."""

    url: str = Field(min_length=1, max_length=2_048)
    languages: list[str] = Field(
        default_factory=list[str], max_length=20, description="Wanted languages, best first. Default: the video's own."
    )


class FaqConfig(_Config):
    """Questions and answers that are written in Parley."""


class TextConfig(_Config):
    """A note, in Markdown. Its text is changed with `PUT /sources/{id}/note`."""

    title: str = Field(min_length=1, max_length=300)


RemoteConfig = WebsiteConfig | GitConfig | VideoConfig | FaqConfig | TextConfig


class _Create(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, min_length=1, max_length=500)
    visibility: Visibility = "citable"
    chunking: Chunking | None = None


class WebsiteCreate(_Create):
    """Add a website."""

    kind: Literal["website"]
    config: WebsiteConfig
    schedule: ScheduleLine = None


class GitCreate(_Create):
    """Add a Git repository. `token` opens a private one; it is stored encrypted and never shown."""

    kind: Literal["git"]
    config: GitConfig
    schedule: ScheduleLine = None
    token: SecretStr | None = None


class VideoCreate(_Create):
    """Add a video."""

    kind: Literal["video"]
    config: VideoConfig
    schedule: ScheduleLine = None


class FaqCreate(_Create):
    """Add a list of questions and answers, empty at first."""

    kind: Literal["faq"]
    config: FaqConfig = FaqConfig()


class TextCreate(_Create):
    """Add a note."""

    kind: Literal["text"]
    config: TextConfig
    text: str = Field(min_length=1, max_length=2_000_000, pattern=r"\S")


class NoteIn(BaseModel):
    """A note's new text, in Markdown."""

    title: str | None = Field(default=None, min_length=1, max_length=300)
    text: str = Field(min_length=1, max_length=2_000_000, pattern=r"\S")


class NoteOut(BaseModel):
    """A note as it was written."""

    title: str
    text: str


RemoteCreate = Annotated[WebsiteCreate | GitCreate | VideoCreate | FaqCreate | TextCreate, Field(discriminator="kind")]
CONFIGS: dict[str, type[RemoteConfig]] = {
    "website": WebsiteConfig,
    "git": GitConfig,
    "video": VideoConfig,
    "faq": FaqConfig,
    "text": TextConfig,
}


def stored_config(kind: str, text: str | None) -> RemoteConfig | None:
    """Return the configuration of a source as it was stored, None for kinds that have none."""
    chosen = CONFIGS.get(kind)
    return chosen.model_validate_json(text or "{}") if chosen is not None else None


def changed_config(kind: str, text: str | None, changes: dict[str, Any]) -> RemoteConfig:
    """Return a configuration with some fields changed.

    Raises:
        InvalidInput: the kind has none, or a field is not one of it or not valid.
    """
    present = stored_config(kind, text)
    if present is None:
        raise InvalidInput("This kind of source has no configuration.", code="no_config")
    try:
        return type(present).model_validate(present.model_dump() | changes)
    except ValidationError as error:
        raise InvalidInput(describe_first(error)) from error


def describe_first(error: ValidationError) -> str:
    """Say what is wrong with a request, first thing first."""
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc'])) or 'The request'}: {first['msg']}."
