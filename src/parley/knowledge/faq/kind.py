"""What is special about adding a FAQ."""

from parley.errors import InvalidInput
from parley.knowledge.remote.config import FaqConfig
from parley.knowledge.remote.service import CheckOut, Description


class FaqKind:
    """Questions and answers; each list is a source of its own."""

    def describe(self, config: FaqConfig) -> Description:
        """Return a name; there is no place."""
        return Description(root=None, name="Questions and answers")

    async def check(self, config: FaqConfig, token: str | None) -> CheckOut:
        """Refuse: it lies nowhere else."""
        raise InvalidInput("Questions are written here; there is nothing to look at.", code="no_check")
