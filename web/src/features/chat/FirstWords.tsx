import { useDocuments } from "@/api/queries/documents";
import type { Bot } from "@/api/types";
import { Avatar } from "@/ui";
import { EmptyBot } from "../welcome/EmptyBot";

const OFFERED = 3;

/** What stands in a chat before its first message: what to do next. */
export function FirstWords({ bot, onAsk }: { bot: Bot; onAsk: (text: string) => void }) {
  const { documents, ready, pending } = bot.counts;
  if (documents === 0) return <EmptyBot bot={bot} />;
  return (
    <div className="first scroll">
      <Avatar name={bot.name} look={bot.avatar} size="lg" />
      <h2 className="h2">{bot.name}</h2>
      <p>{bot.greeting || greeting(ready, pending)}</p>
      {bot.suggestions.length > 0 ? (
        <Suggestions questions={bot.suggestions} onAsk={onAsk} />
      ) : (
        ready > 0 && <Offers botId={bot.id} onAsk={onAsk} />
      )}
    </div>
  );
}

function greeting(ready: number, pending: number): string {
  const read = `${ready.toLocaleString()} ${ready === 1 ? "document" : "documents"}`;
  if (pending && !ready) return "I'm reading your documents. You can ask as soon as the first one is done.";
  const rest = pending ? `, and I'm reading ${pending.toLocaleString()} more` : "";
  return `I've read ${read}${rest}. Ask me something, and I'll show you where it says so.`;
}

/** A way in for someone who does not know what to ask: what a few of the documents are about. */
function Offers({ botId, onAsk }: { botId: string; onAsk: (text: string) => void }) {
  const documents = useDocuments(botId, { status: "ready" });
  const titles = [...new Set(documents.data?.pages[0]?.items.map((document) => document.title) ?? [])];
  const short = titles.filter((title) => title.length <= 60).slice(0, OFFERED);
  return <Suggestions questions={short.map((title) => `What is “${title}” about?`)} onAsk={onAsk} />;
}

function Suggestions({ questions, onAsk }: { questions: readonly string[]; onAsk: (text: string) => void }) {
  if (!questions.length) return null;
  return (
    <div className="suggest" role="group" aria-label="Suggested questions">
      {questions.map((question) => (
        <button key={question} type="button" className="chip" onClick={() => onAsk(question)}>
          {question}
        </button>
      ))}
    </div>
  );
}
