import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { inWords } from "@/api/errors";
import { useBots } from "@/api/queries/bots";
import type { Bot } from "@/api/types";
import { shortWhen } from "@/app/dates";
import { Avatar, Button, EmptyState, IconButton, Progress, SearchField, VirtualList } from "@/ui";
import { BotDialog } from "./BotDialog";
import { useActivity } from "./chats";
import { modKey } from "./keyboard";

/** The bots as contacts: the one that was heard of last stands first. */
export function ChatList({ current }: { current: string | undefined }) {
  const navigate = useNavigate();
  const { data, error, refetch } = useBots();
  const [wanted, setWanted] = useState("");
  const [making, setMaking] = useState(false);
  const bots = useMemo(() => matching(byRecency(data ?? []), wanted), [data, wanted]);

  return (
    <section className="list-pane chat-list" aria-label="Bots">
      <div className="list-top">
        <div className="row">
          <h1 className="pane-title grow">Chats</h1>
          <IconButton icon="plus" label="New bot" onClick={() => setMaking(true)} />
        </div>
        <SearchField
          label="Search bots and messages"
          id="chat-search"
          shortcut={`${modKey} K`}
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
          onKeyDown={(event) => {
            const first = bots[0];
            if (event.key === "Escape") setWanted("");
            if (event.key === "Enter" && first) void navigate({ to: "/chats/$botId", params: { botId: first.id } });
          }}
        />
      </div>
      {error && !data ? (
        <EmptyState
          icon="offline"
          title="The chats could not be loaded"
          action={<Button onClick={() => void refetch()}>Try again</Button>}
        >
          {inWords(error)}
        </EmptyState>
      ) : data?.length === 0 ? (
        <EmptyState
          icon="chat"
          title="No bots yet"
          action={
            <Button variant="primary" icon="plus" onClick={() => setMaking(true)}>
              New bot
            </Button>
          }
        >
          A bot answers from the documents you give it.
        </EmptyState>
      ) : wanted && bots.length === 0 ? (
        <p className="list-none">Nothing is called “{wanted}”.</p>
      ) : (
        <VirtualList
          items={bots}
          getKey={(bot) => bot.id}
          estimateSize={64}
          label="Bot list"
          className="grow"
          renderItem={(bot) => <ChatRow bot={bot} current={bot.id === current} />}
        />
      )}
      <BotDialog
        open={making}
        onClose={() => setMaking(false)}
        onCreated={(bot) => void navigate({ to: "/sources/$botId", params: { botId: bot.id } })}
      />
    </section>
  );
}

function ChatRow({ bot, current }: { bot: Bot; current: boolean }) {
  const activity = useActivity(bot.id);
  const { reading } = bot.activity;
  const at = bot.last_message?.created_at ?? bot.created_at;
  return (
    <Link
      className="chat-row"
      to="/chats/$botId"
      params={{ botId: bot.id }}
      aria-current={current ? "true" : undefined}
    >
      <Avatar name={bot.name} look={bot.avatar} />
      <span className="chat-row-text">
        <span className="l1">
          <span className="name clip" dir="auto">
            {bot.name}
          </span>
          <time className="when num" dateTime={at}>
            {shortWhen(at)}
          </time>
        </span>
        <span className="l2">
          {activity ? <span className="last clip live-text">{activity}</span> : <LastLine bot={bot} />}
        </span>
        {reading && (
          <Progress thin done={reading.done} total={reading.total} label={`Reading the sources of ${bot.name}`} />
        )}
      </span>
    </Link>
  );
}

function LastLine({ bot }: { bot: Bot }) {
  const { reading } = bot.activity;
  if (reading) {
    return (
      <span className="last clip num">
        reading {reading.done.toLocaleString()} of {reading.total.toLocaleString()}
      </span>
    );
  }
  const last = bot.last_message;
  if (last) {
    const mine = last.author_kind !== "bot";
    const words = mine ? `You: ${last.text}` : plain(last.text);
    return (
      <span className="last clip" dir="auto">
        {words || "The answer could not be given"}
      </span>
    );
  }
  return (
    <span className="last clip">{bot.counts.documents ? "Ask the first question" : "Add documents to begin"}</span>
  );
}

/** One line of an answer without its Markdown signs. */
const plain = (text: string) => text.replaceAll(/[*_`#>]+/gu, "").replaceAll(/\s+/gu, " ");

const when = (bot: Bot) => bot.last_message?.created_at ?? bot.created_at;

export const byRecency = (bots: readonly Bot[]): Bot[] => [...bots].sort((a, b) => (when(a) < when(b) ? 1 : -1));

function matching(bots: Bot[], wanted: string): Bot[] {
  const words = wanted.trim().toLocaleLowerCase().split(/\s+/u).filter(Boolean);
  if (!words.length) return bots;
  return bots.filter((bot) => {
    const text = `${bot.name} ${bot.description ?? ""} ${bot.last_message?.text ?? ""}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
}
