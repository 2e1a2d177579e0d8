import { Link } from "@tanstack/react-router";
import { useCitingAnswers } from "@/api/queries/trust";
import type { Source } from "@/api/types";
import { shortWhen } from "@/app/dates";
import { Icon, Spinner } from "@/ui";
import "./trace.css";

/** Which stored answers cite a source, before it becomes learn-only and their sentences are blanked. */
export function CitingAnswers({ source }: { source: Source }) {
  const { data, isPending, error } = useCitingAnswers(source.id);
  if (isPending)
    return (
      <p className="row hint" role="status">
        <Spinner /> Looking for answers that cite it
      </p>
    );
  // Not knowing must not look like there being none.
  if (error) return <p className="hint">Which answers cite it could not be found out.</p>;
  if (data.total === 0) return <p className="hint">No stored answer cites it.</p>;
  const more = data.total - data.items.length;
  const botId = source.bots.length === 1 ? source.bots[0] : undefined;
  return (
    <div className="citing">
      <p>
        <b className="num">
          {data.total.toLocaleString()} stored {data.total === 1 ? "answer cites" : "answers cite"} it.
        </b>{" "}
        The sentences that do are blanked in {data.total === 1 ? "it" : "them"} for good.
      </p>
      <ul>
        {data.items.map((answer) => (
          <li key={answer.message_id}>
            <Icon name="chat" size="sm" />
            {botId ? (
              <Link className="clip" to="/chats/$botId" params={{ botId }} search={{ conversation: answer.conversation_id }}>
                {answer.title || "Conversation"}
              </Link>
            ) : (
              <span className="clip">{answer.title || "Conversation"}</span>
            )}
            <small className="num">
              {answer.citations} {answer.citations === 1 ? "citation" : "citations"}, {shortWhen(answer.created_at)}
            </small>
          </li>
        ))}
      </ul>
      {more > 0 && <p className="hint num">and {more.toLocaleString()} more</p>}
    </div>
  );
}
