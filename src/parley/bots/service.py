"""Make, change, find and remove bots."""

from parley.bots.repository import BotRepository
from parley.bots.schemas import AnswerRules, Avatar, BotIn, BotModel, BotPatch, BotView
from parley.bots.tables import Bot
from parley.errors import Conflict, NotFound
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.kit.pagination import Page, decode_cursor, encode_cursor, page_of
from parley.llm.tables import ChatModelRow
from parley.store.engine import Store

COLOURS = ("ink", "lagoon", "plum", "clay", "moss", "ochre", "slate")

PLAIN_FIELDS = frozenset(
    {
        "name",
        "description",
        "persona",
        "instructions",
        "greeting",
        "answer_policy",
        "learn_only_policy",
        "cache_answers",
        "remembers",
        "adapts_tone",
        "human_contact",
    }
)


class BotService:
    """Bots of a workspace. Names may repeat, but a name asked for must be clear."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def create(self, workspace_id: str, wanted: BotIn) -> BotView:
        """Make a bot; without an avatar it gets a colour that its neighbours do not have."""
        now = self._clock.now()
        async with self._store.write() as session:
            bots = BotRepository(session, workspace_id)
            taken = len(await bots.page(None, 200))
            avatar = wanted.avatar or Avatar.model_validate({"colour": COLOURS[taken % len(COLOURS)]})
            bot = bots.add(
                Bot(
                    id=new_id("bot"),
                    name=wanted.name,
                    description=wanted.description,
                    avatar_icon=avatar.icon,
                    avatar_colour=avatar.colour,
                    persona="",
                    instructions="",
                    greeting="",
                    suggestions="",
                    answer_policy="marked",
                    learn_only_policy="sealed",
                    cache_answers=True,
                    remembers=True,
                    adapts_tone=True,
                    human_contact="",
                    created_at=now,
                    updated_at=now,
                )
            )
        return _view(bot, {})

    async def get(self, workspace_id: str, bot_id: str) -> BotView:
        """Return a bot.

        Raises:
            NotFound: the workspace has no such bot.
        """
        async with self._store.read() as session:
            bots = BotRepository(session, workspace_id)
            bot = await bots.get(Bot, bot_id)
            if bot is None:
                raise NotFound("There is no such bot. See the list with: parley bots list", code="bot_not_found")
            return await _with_model(bots, bot)

    async def find(self, workspace_id: str, name: str) -> BotView:
        """Return the bot with this id or exactly this name.

        Raises:
            NotFound: there is none.
            Conflict: several bots have this name.
        """
        async with self._store.read() as session:
            bots = BotRepository(session, workspace_id)
            bot = await bots.get(Bot, name)
            named = [bot] if bot else list(await bots.named(name))
            if not named:
                raise NotFound(
                    f"There is no bot called {name}. Make it with: parley bots create {name}", code="bot_not_found"
                )
            if len(named) > 1:
                raise Conflict(f"{len(named)} bots are called {name}. Give the id instead.", code="bot_ambiguous")
            return await _with_model(bots, named[0])

    async def page(self, workspace_id: str, cursor: str | None, limit: int) -> Page[BotView]:
        """Return bots in the order they were made."""
        after = str(decode_cursor(cursor)[0]) if cursor else None
        async with self._store.read() as session:
            bots = BotRepository(session, workspace_id)
            rows = await bots.page(after, limit + 1)
            names = await bots.models([row.model_id for row in rows if row.model_id])
        return page_of([_view(row, names) for row in rows], limit, lambda bot: encode_cursor(bot.id))

    async def change(self, workspace_id: str, bot_id: str, patch: BotPatch) -> BotView:
        """Change what the patch names.

        Raises:
            NotFound: the workspace has no such bot, or no such model.
        """
        async with self._store.write() as session:
            bots = BotRepository(session, workspace_id)
            bot = await bots.get(Bot, bot_id)
            if bot is None:
                raise NotFound("There is no such bot.", code="bot_not_found")
            await self._apply(bots, bot, patch)
            bot.updated_at = self._clock.now()
            await session.flush()
            return await _with_model(bots, bot)

    async def _apply(self, bots: BotRepository, bot: Bot, patch: BotPatch) -> None:
        if patch.avatar is not None:
            bot.avatar_icon, bot.avatar_colour = patch.avatar.icon, patch.avatar.colour
        for name in PLAIN_FIELDS & patch.model_fields_set:
            if (value := getattr(patch, name)) is not None:
                setattr(bot, name, value)
        if patch.suggestions is not None:
            bot.suggestions = "\n".join(patch.suggestions)
        if "model_id" in patch.model_fields_set:
            if patch.model_id is not None and await bots.get(ChatModelRow, patch.model_id) is None:
                raise NotFound("There is no such model. Add one under Settings.", code="model_not_found")
            bot.model_id = patch.model_id

    async def remove(self, workspace_id: str, bot_id: str) -> None:
        """Remove a bot with its conversations; its sources stay in the workspace.

        Raises:
            NotFound: the workspace has no such bot.
        """
        async with self._store.write() as session:
            if not await BotRepository(session, workspace_id).remove(bot_id):
                raise NotFound("There is no such bot.", code="bot_not_found")


def answer_rules(bot: Bot) -> AnswerRules:
    """Return how a bot answers; a policy that this version does not know counts as the stricter one."""
    return AnswerRules(
        persona=bot.persona,
        instructions=bot.instructions,
        answer_policy="marked" if bot.answer_policy == "marked" else "strict",
        learn_only_policy="background" if bot.learn_only_policy == "background" else "sealed",
        cache_answers=bot.cache_answers,
        remembers=bot.remembers,
        adapts_tone=bot.adapts_tone,
        human_contact=bot.human_contact,
    )


async def _with_model(bots: BotRepository, bot: Bot) -> BotView:
    names = await bots.models([bot.model_id]) if bot.model_id else {}
    return _view(bot, names)


def _view(bot: Bot, model_names: dict[str, str]) -> BotView:
    name = model_names.get(bot.model_id or "")
    rules = answer_rules(bot)
    return BotView(
        id=bot.id,
        name=bot.name,
        description=bot.description,
        avatar=Avatar.model_validate({"icon": bot.avatar_icon, "colour": bot.avatar_colour}),
        model=BotModel(id=bot.model_id, name=name) if bot.model_id and name else None,
        persona=bot.persona,
        instructions=bot.instructions,
        greeting=bot.greeting,
        suggestions=bot.suggestions.splitlines(),
        answer_policy=rules.answer_policy,
        learn_only_policy=rules.learn_only_policy,
        cache_answers=bot.cache_answers,
        remembers=bot.remembers,
        adapts_tone=bot.adapts_tone,
        human_contact=bot.human_contact,
        created_at=bot.created_at,
        updated_at=bot.updated_at,
    )
