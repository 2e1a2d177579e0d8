import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { inWords } from "@/api/errors";
import { sharedQuery, type SharedAnswer } from "@/api/queries/feedback";
import { fullDate } from "@/app/dates";
import { useTitle } from "@/app/title";
import { Prose } from "@/features/chat/answer/Prose";
import { referencesOf } from "@/features/chat/answer/references";
import { storedAnswer } from "@/features/chat/thread";
import { EmptyState, Spinner } from "@/ui";
import "@/features/chat/chat.css";
import "@/features/chat/answer/answer.css";
import "./shared.css";

/** One answer that somebody shared, with its question and the passages that it cites. */
export function SharedScreen({ shareId }: { shareId: string }) {
  const shared = useQuery(sharedQuery(shareId));
  useTitle(shared.data?.question);
  if (shared.isPending)
    return (
      <main className="shared">
        <Spinner />
      </main>
    );
  if (shared.error)
    return (
      <main className="shared">
        <EmptyState icon="link" title="This answer is not here">
          {inWords(shared.error)}
        </EmptyState>
      </main>
    );
  return <Shown shared={shared.data} />;
}

function Shown({ shared }: { shared: SharedAnswer }) {
  const { turn } = shared;
  const answer = useMemo(() => ({ ...storedAnswer({ answer: turn, text: turn.answer }) }), [turn]);
  const references = useMemo(() => referencesOf(answer), [answer]);
  const jump = (index: number) => document.getElementById(`passage-${index}`)?.scrollIntoView({ block: "center" });
  return (
    <main className="shared scroll">
      <h1 className="h2" dir="auto">
        {shared.question}
      </h1>
      <p className="muted num">{fullDate(turn.created_at)}</p>
      <div className="bubble">
        <Prose answer={answer} references={references} pressed={null} onOpen={jump} />
      </div>
      <ol className="shared-passages">
        {references.map((reference, index) => (
          <li key={reference.citation.n} id={`passage-${index}`}>
            <blockquote dir="auto">{reference.citation.quote}</blockquote>
            <small className="muted">
              {reference.citation.document.title}
              {reference.citation.page ? `, page ${reference.citation.page}` : ""}
            </small>
          </li>
        ))}
      </ol>
      <Link
        className="btn"
        to="/chats/$botId"
        params={{ botId: shared.bot_id }}
        search={{ conversation: turn.conversation_id }}
      >
        Open the conversation
      </Link>
    </main>
  );
}
