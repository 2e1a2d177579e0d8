"""What people do with an answer: rate it, share it inside the workspace."""

from parley.chat.repository import ConversationRepository, TurnRepository
from parley.chat.schemas import RatingIn, RatingView, SharedAnswer, ShareView
from parley.chat.tables import Turn as TurnRow
from parley.chat.tables import TurnRating, TurnShare
from parley.chat.views import ViewReader
from parley.errors import NotFound
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.store.engine import Store
from parley.store.scope import ScopedRepository


class FeedbackRepository(ScopedRepository):
    """Ratings and shares."""

    async def unrate(self, turn_id: str, user_id: str) -> None:
        """Remove a person's rating, if there is one."""
        own = (TurnRating.turn_id == turn_id) & (TurnRating.user_id == user_id)
        await self.session.execute(self.delete(TurnRating).where(own))

    async def share_of(self, turn_id: str, user_id: str) -> TurnShare | None:
        """Return a person's share of an answer."""
        query = self.select(TurnShare).where(TurnShare.turn_id == turn_id, TurnShare.user_id == user_id)
        return (await self.session.execute(query)).scalars().first()

    async def unshare(self, share_id: str) -> bool:
        """Remove a share; False if there is none."""
        statement = self.delete(TurnShare).where(TurnShare.id == share_id).returning(TurnShare.id)
        return (await self.session.execute(statement)).scalar_one_or_none() is not None


class FeedbackService:
    """Rates and shares answers."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def rate(self, workspace_id: str, user_id: str, turn_id: str, wanted: RatingIn) -> RatingView:
        """Set a person's rating of an answer; a second one replaces the first.

        Raises:
            NotFound: the workspace has no such turn.
        """
        now = self._clock.now()
        async with self._store.write() as session:
            feedback = FeedbackRepository(session, workspace_id)
            await _answered(feedback, turn_id)
            await feedback.unrate(turn_id, user_id)
            feedback.add(
                TurnRating(
                    turn_id=turn_id,
                    user_id=user_id,
                    value=wanted.value,
                    reason=wanted.reason,
                    comment=wanted.comment,
                    created_at=now,
                )
            )
        return RatingView(**wanted.model_dump(), user_id=user_id, created_at=now)

    async def unrate(self, workspace_id: str, user_id: str, turn_id: str) -> None:
        """Take a person's rating back; without one nothing happens."""
        async with self._store.write() as session:
            await FeedbackRepository(session, workspace_id).unrate(turn_id, user_id)

    async def share(self, workspace_id: str, user_id: str, turn_id: str) -> ShareView:
        """Return the person's link to an answer; asked again it is the same one.

        Raises:
            NotFound: the workspace has no such turn.
        """
        async with self._store.write() as session:
            feedback = FeedbackRepository(session, workspace_id)
            await _answered(feedback, turn_id)
            row = await feedback.share_of(turn_id, user_id)
            if row is None:
                row = feedback.add(
                    TurnShare(id=new_id("share"), turn_id=turn_id, user_id=user_id, created_at=self._clock.now())
                )
        return ShareView(id=row.id, turn_id=turn_id, created_at=row.created_at)

    async def unshare(self, workspace_id: str, share_id: str) -> None:
        """Make a link lead nowhere.

        Raises:
            NotFound: the workspace has no such share.
        """
        async with self._store.write() as session:
            if not await FeedbackRepository(session, workspace_id).unshare(share_id):
                raise _no_share()

    async def shared(self, workspace_id: str, share_id: str) -> SharedAnswer:
        """Return a shared answer with its question, as it may be shown now.

        Raises:
            NotFound: the link was taken back, or its conversation was removed.
        """
        async with self._store.read() as session:
            feedback = FeedbackRepository(session, workspace_id)
            share = await feedback.get(TurnShare, share_id)
            row = await feedback.get(TurnRow, share.turn_id) if share else None
            if share is None or row is None:
                raise _no_share()
            conversations = ConversationRepository(session, workspace_id)
            question = await conversations.message(row.question_id)
            reader = ViewReader(session, workspace_id)
            asked = await reader.messages([question]) if question else []
            conversation = await conversations.conversation(row.conversation_id)
            return SharedAnswer(
                id=share.id,
                bot_id=conversation.bot_id if conversation else "",
                question=asked[0].text if asked else "",
                turn=await reader.turn(row),
                created_at=share.created_at,
            )


async def _answered(feedback: FeedbackRepository, turn_id: str) -> None:
    status = await TurnRepository(feedback.session, feedback.workspace_id).status(turn_id)
    if status is None:
        raise NotFound("There is no such turn.", code="turn_not_found")


def _no_share() -> NotFound:
    return NotFound("This answer is not shared any more.", code="share_not_found")
