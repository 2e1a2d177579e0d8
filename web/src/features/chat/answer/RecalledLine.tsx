import { Link } from "@tanstack/react-router";
import type { Answer } from "@/api/types";
import { shortDay } from "@/app/dates";
import { Icon } from "@/ui";

/** Where an answer rests on what its reader said earlier: each with the day, leading to that chat. */
export function RecalledLine({ recalled }: { recalled: NonNullable<Answer["recalled"]> }) {
  const cited = recalled.filter((said) => said.n !== null);
  if (cited.length === 0) return null;
  return (
    <ul className="recalled" aria-label="From what you said earlier">
      {cited.map((said) => (
        <li key={said.n}>
          <Link
            to="/chats/$botId"
            params={{ botId: said.bot_id }}
            search={{ conversation: said.conversation_id }}
            title={said.quote}
          >
            <Icon name="quote" size="sm" />
            <span className="num">You, {shortDay(said.said_at)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
