import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { ApiError, inWords } from "@/api/errors";
import { useBot, useBots } from "@/api/queries/bots";
import type { Bot } from "@/api/types";
import { rememberBot } from "@/app/lastBot";
import { EmptyState, Spinner, toast } from "@/ui";
import { answerWithCitations } from "./answer/copyAnswer";
import type { Reference } from "./answer/references";
import { byRecency, ChatList } from "./ChatList";
import { useChat, type Chat } from "./chats";
import { copyText } from "./clipboard";
import { Conversation } from "./Conversation";
import { useShortcuts } from "./keyboard";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { threadRows } from "./thread";
import "./chat.css";
import "./answer/answer.css";

const DocumentPanel = lazy(async () => ({
  default: (await import("@/features/document/DocumentPanel")).DocumentPanel,
}));

type ChatsScreenProps = { botId?: string; conversationId?: string };

export function ChatsScreen({ botId, conversationId }: ChatsScreenProps) {
  return botId ? (
    <OpenChat key={`${botId}/${conversationId ?? ""}`} botId={botId} conversationId={conversationId ?? null} />
  ) : (
    <div className="chats" data-view="list">
      <ChatList current={undefined} />
      <NoChat />
    </div>
  );
}

function NoChat() {
  return (
    <main className="convo">
      <EmptyState icon="chat" title="Choose a chat">
        Your bots stand on the left. Each answers from the documents you gave it.
      </EmptyState>
    </main>
  );
}

type OpenPanel = { answerKey: string; references: readonly Reference[]; index: number };
/** The document that is open beside each chat, kept while another chat is looked at. */
const panels = new Map<string, OpenPanel>();

function OpenChat({ botId, conversationId }: { botId: string; conversationId: string | null }) {
  const bot = useBot(botId);
  const chat = useChat(botId, conversationId);
  const [panel, setPanelState] = useState<OpenPanel | null>(() => panels.get(chat.key) ?? null);
  const [help, setHelp] = useState(false);

  const setPanel = useCallback(
    (next: OpenPanel | null) => {
      if (next) panels.set(chat.key, next);
      else panels.delete(chat.key);
      setPanelState(next);
    },
    [chat.key],
  );
  const open = useCallback(
    (answerKey: string, references: readonly Reference[], index: number) => setPanel({ answerKey, references, index }),
    [setPanel],
  );
  const close = useCallback(() => setPanel(null), [setPanel]);

  useEffect(() => rememberBot(botId), [botId]);
  useChatKeys({ botId, chat, panelOpen: panel !== null, help: () => setHelp(true) });

  return (
    <div className="chats" data-view="chat" data-panel={panel ? "open" : "closed"}>
      <ChatList current={botId} />
      {bot.data ? (
        <Conversation bot={bot.data} chat={chat} openKey={panel} onOpen={open} />
      ) : (
        <main className="convo">{bot.error ? <GoneBot error={bot.error} /> : <span className="thread-wait"><Spinner /></span>}</main>
      )}
      {panel && (
        <Suspense fallback={<aside className="docpane docpane-wait" aria-busy="true"><Spinner /></aside>}>
          <Panel panel={panel} onIndex={(index) => setPanel({ ...panel, index })} onClose={close} />
        </Suspense>
      )}
      <ShortcutsDialog open={help} onClose={() => setHelp(false)} />
    </div>
  );
}

function GoneBot({ error }: { error: Error }) {
  const gone = error instanceof ApiError && error.status === 404;
  return <EmptyState icon={gone ? "search" : "offline"} title={gone ? "This bot does not exist any more" : "The chat could not be opened"}>{gone ? undefined : inWords(error)}</EmptyState>;
}

function Panel({ panel, onIndex, onClose }: { panel: OpenPanel; onIndex: (index: number) => void; onClose: () => void }) {
  const citations = panel.references.map((reference) => reference.citation);
  const reference = panel.references[panel.index];
  const sentence = reference?.text ? { text: reference.text, verdict: reference.verdict } : null;
  return <DocumentPanel citations={citations} index={panel.index} sentence={sentence} onIndex={onIndex} onClose={onClose} />;
}

type ChatKeys = { botId: string; chat: Chat; panelOpen: boolean; help: () => void };

/** The open document has keys of its own (Escape, brackets) and comes first. */
function useChatKeys({ botId, chat, panelOpen, help }: ChatKeys) {
  const navigate = useNavigate();
  const { data: bots } = useBots();
  const newestAnswer = () => threadRows(chat.store.getState()).findLast((row) => row.kind === "answer")?.versions.at(-1);
  useShortcuts({
    findChat: () => document.getElementById("chat-search")?.focus(),
    nextChat: (step) => {
      const next = neighbour(byRecency(bots ?? []), botId, step);
      if (next) void navigate({ to: "/chats/$botId", params: { botId: next.id } });
    },
    escape: () => {
      if (panelOpen || !chat.store.activeTurn()) return false;
      void chat.store.stop().catch((error: unknown) => toast(inWords(error), "bad"));
      return true;
    },
    copyAnswer: () => {
      const version = newestAnswer();
      if (version) void copyText(answerWithCitations(version.answer)).then((done) => done && toast("Copied"));
    },
    askAgain: () => {
      const version = newestAnswer();
      if (version?.turnId && !chat.store.activeTurn()) {
        void chat.store.regenerate(version.turnId).catch((error: unknown) => toast(inWords(error), "bad"));
      }
    },
    help,
  });
}

function neighbour(bots: readonly Bot[], id: string, step: number): Bot | undefined {
  const at = bots.findIndex((bot) => bot.id === id);
  return bots[Math.min(bots.length - 1, Math.max(0, at + step))];
}
