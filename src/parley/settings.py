"""One typed tree of settings, a section per room, read once at start.

Every field can be set as `PARLEY_<SECTION>__<FIELD>` in the environment, or in `parley.toml` inside the data folder.
"""

import os
from pathlib import Path

from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource


def default_data_folder() -> Path:
    """Where data lives unless told otherwise: the platform's folder for application data."""
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "Parley"
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "parley"


class ServerSettings(BaseModel):
    """Where Parley listens."""

    host: str = Field(
        default="127.0.0.1", description="Address to listen on. Only loopback is allowed without accounts."
    )
    port: int = Field(
        default=7272, ge=0, le=65535, description="Port; the next free one is taken when it is in use. 0: any."
    )


class StoreSettings(BaseModel):
    """The database."""

    url: str | None = Field(default=None, description="SQLAlchemy URL. Default: a SQLite file in the data folder.")


class JobSettings(BaseModel):
    """Background work."""

    parse_workers: int = Field(
        default=0, ge=0, le=64, description="Worker processes that parse and embed. 0: one per core."
    )
    reconcile_seconds: float = Field(
        default=60, gt=0, description="How often pending work without a live job is looked for."
    )
    lease_seconds: float = Field(
        default=30, gt=1, description="A process that has not been heard of for so long is dead."
    )


class KnowledgeSettings(BaseModel):
    """Reading files."""

    max_file_bytes: int = Field(default=1_000_000_000, gt=0, description="Larger files are refused with a clear error.")
    max_unpacked_bytes: int = Field(
        default=1_000_000_000, gt=0, description="Most bytes an archive format may unpack to."
    )
    parse_timeout_seconds: float = Field(default=300, gt=0, description="Longest time one file may take to read.")
    parse_memory_bytes: int = Field(default=1_500_000_000, gt=0, description="Most memory a worker process may use.")
    keep_versions: int = Field(default=20, ge=1, description="How many versions of a document are kept.")
    keep_versions_days: float | None = Field(
        default=None, gt=0, description="Older versions are let go even where there are fewer; the newest never is."
    )
    keep_cited_versions: bool = Field(default=True, description="Whether versions that answers rest on always stay.")
    retention_hours: float = Field(default=24, gt=0, description="How often old versions are looked for.")
    undo_seconds: float = Field(
        default=600, ge=0, description="How long a deleted source can be brought back before it is erased."
    )
    skim_bytes: int = Field(
        default=400_000_000,
        ge=0,
        description="From so many unread bytes of a source on, its files are first skimmed for their words, so that "
        "those that somebody asks about are read first.",
    )
    chunk_tokens: int = Field(
        default=220, ge=32, le=4096, description="Largest chunk, in tokens of the default embedder."
    )


class FetchSettings(BaseModel):
    """Fetching websites, repositories and videos."""

    user_agent: str = Field(
        default="ParleyBot/0.1",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e][\x20-\x7e]*$",
        description="How Parley names itself to sites. Add an address where you can be reached: they may ask you.",
    )
    ports: list[int] = Field(default=[80, 443, 8080, 8443], description="Ports that are connected to.")
    opened_networks: list[str] = Field(
        default_factory=list[str],
        description="Networks beyond the public ones that may be fetched from, such as your company's own: "
        '`["10.1.0.0/16"]`. Everybody who may add a source can read what is served there.',
    )
    delay_seconds: float = Field(default=0.5, ge=0, description="Pause between two requests to a site.")
    crawl_seconds: float = Field(default=3600, gt=0, description="Longest time for one walk over a site.")
    page_bytes: int = Field(default=10_000_000, gt=0, description="Longest page, unpacked.")
    file_bytes: int = Field(default=100_000_000, gt=0, description="Longest file that a site links to.")
    file_seconds: float = Field(default=300, gt=0, description="Longest time for one page or file.")
    repository_bytes: int = Field(default=2_000_000_000, gt=0, description="Most that a repository may send at once.")
    repository_seconds: float = Field(default=1800, gt=0, description="Longest time for one look at a repository.")


class WatchSettings(BaseModel):
    """Watching folders."""

    enabled: bool = Field(default=True, description="Whether folders are watched at all.")
    debounce_ms: int = Field(
        default=200, ge=10, le=10_000, description="How long changes that come one after the other are gathered."
    )
    poll_seconds: float = Field(
        default=3, gt=0, description="How often a folder is looked at that must be polled (network drives)."
    )
    reconcile_seconds: float = Field(
        default=300,
        gt=0,
        description="How often a watched folder is compared as a whole, for changes that were missed.",
    )
    supervise_seconds: float = Field(default=1, gt=0, description="How soon added and changed sources are noticed.")
    lease_seconds: float = Field(
        default=30, gt=1, description="A folder is free for another process when its watcher is silent for so long."
    )
    warm_up_seconds: float = Field(default=1, ge=0, description="How long after the start watching begins.")


class RetrievalSettings(BaseModel):
    """Search."""

    embedder: str = Field(
        default="static",
        description="What a new workspace is searched by: `static`, or the name of a registered local model. "
        "An existing workspace changes with `parley reindex`.",
    )
    question_seconds: float = Field(
        default=1.5,
        gt=0,
        le=30,
        description="Longest time a search waits for a provider's vector of the question; then it goes by words alone.",
    )
    unread_seconds: float = Field(
        default=2.0,
        gt=0,
        le=30,
        description="Longest time a search waits for unread files that hold a word which nothing that was read holds.",
    )
    kept_generations: int = Field(
        default=1, ge=0, le=20, description="Former embedders whose vectors are kept, so that one can go back to them."
    )
    rescorer: str | None = Field(
        default=None, description="Name of a registered local model that rescores the top candidates."
    )
    rescore_seconds: float = Field(
        default=0.2, ge=0, description="How long a search may wait for vectors of the rescorer that are not made yet."
    )
    rescore_fill_all: bool = Field(
        default=True,
        description="Make the rescorer's vectors of all passages when idle; else only of those that were asked about.",
    )
    candidates: int = Field(default=50, ge=1, le=1000, description="Candidates that each retriever hands to fusion.")
    cached_searches: int = Field(
        default=200,
        ge=0,
        description="Rankings kept in memory for each workspace, to be given again while nothing has changed. 0: none.",
    )
    open_indexes: int = Field(
        default=64, ge=1, description="Indexes of workspaces held open; of more, those not used for longest are closed."
    )


class ChatSettings(BaseModel):
    """Answering."""

    provider_timeout_seconds: float = Field(
        default=60, gt=0, description="Longest silence of a provider before it has failed."
    )
    max_turn_seconds: float = Field(default=600, gt=0, description="Longest time a whole turn may take.")
    passages: int = Field(default=10, ge=1, le=50, description="Passages given to the model or to quoted answers.")
    attachment_wait_seconds: float = Field(
        default=60, ge=0, description="How long a question waits for the files that were dropped with it to be read."
    )
    max_answer_tokens: int = Field(default=2000, ge=16, description="Longest answer a model may write, in tokens.")
    find_missing_citations: bool = Field(
        default=False,
        description="Look for the source of a sentence for which a model cites nothing, or the wrong passage, among "
        "all passages it was given, instead of calling it unsupported. For models that do not cite reliably.",
    )
    support_model: str | None = Field(
        default=None,
        description="A local support model (`parley models get FOLDER`) that decides where the check's rules cannot.",
    )
    judge_model: str | None = Field(
        default=None,
        description="A connected model, by name, that decides where the rules and the local model cannot; it is paid "
        "for like any other.",
    )
    judge_seconds: float = Field(default=10, gt=0, description="Longest time for the judge's verdict on a sentence.")
    page_check_seconds: float = Field(
        default=2.0,
        ge=0,
        le=30,
        description="Longest time in which what is quoted from a PDF is looked up on its pages with a second library. "
        "A sentence that it reads otherwise gives way to another; 0 quotes without looking.",
    )
    memory_tokens: int = Field(
        default=400, ge=0, description="Most tokens of what a person said earlier that an answer is given."
    )
    memory_by_model: bool = Field(
        default=False,
        description="Have a bot's own model find facts to remember and sum conversations up, in the background. It is "
        "paid for like its answers; without it rules do both.",
    )
    prompt_tokens: int = Field(
        default=6000, ge=1000, description="Most tokens of a prompt: rules, passages and earlier messages together."
    )


class LogSettings(BaseModel):
    """Logs go to standard error."""

    level: str = Field(default="info", description="debug, info, warning or error.")
    format: str = Field(default="text", description="text or json.")


class Settings(BaseSettings):
    """Everything that can be set, with its default."""

    model_config = SettingsConfigDict(env_prefix="PARLEY_", env_nested_delimiter="__", extra="ignore")

    data: Path = Field(default_factory=default_data_folder, description="The folder that holds all data.")
    server: ServerSettings = ServerSettings()
    store: StoreSettings = StoreSettings()
    jobs: JobSettings = JobSettings()
    knowledge: KnowledgeSettings = KnowledgeSettings()
    fetch: FetchSettings = FetchSettings()
    watch: WatchSettings = WatchSettings()
    retrieval: RetrievalSettings = RetrievalSettings()
    chat: ChatSettings = ChatSettings()
    log: LogSettings = LogSettings()

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL in force, with an async driver."""
        return self.store.url or f"sqlite+aiosqlite:///{(self.data / 'parley.db').as_posix()}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        folder = init_settings().get("data") or os.environ.get("PARLEY_DATA") or default_data_folder()
        toml = TomlConfigSettingsSource(settings_cls, Path(folder) / "parley.toml")
        return (init_settings, env_settings, toml)


def load_settings(data: Path | None = None) -> Settings:
    """Read settings once: arguments, then environment, then `parley.toml` in the data folder, then defaults."""
    return Settings(data=data) if data is not None else Settings()
