import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { inWords } from "@/api/errors";
import { memoryKey, memoryQuery, switchMemory, type Memory, type MemoryPart } from "@/api/queries/memory";
import { Button, EmptyState, Icon, IconButton, Segmented, Switch, toast } from "@/ui";
import { EditMemoryDialog, ForgetDialog } from "./MemoryDialogs";
import { expiry, kindOf, lastUse, sourceOf, sureness } from "./words";
import "./memory.css";

const PARTS: { value: MemoryPart; label: string }[] = [
  { value: "facts", label: "Facts" },
  { value: "entities", label: "Names" },
];

/** What Parley remembers of the person who looks: each with the message it came from, to correct or to forget. */
export function MemorySection() {
  const [part, setPart] = useState<MemoryPart>("facts");
  const list = useInfiniteQuery(memoryQuery(part));
  const [editing, setEditing] = useState<Memory | null>(null);
  const [forgetting, setForgetting] = useState<Memory | "everything" | null>(null);
  const pages = list.data?.pages ?? [];
  const items = pages.flatMap((page) => page.items);
  const enabled = pages[0]?.enabled ?? true;
  return (
    <section className="sec" aria-labelledby="memory-title">
      <div className="sec-head">
        <div>
          <h1 id="memory-title">Memory</h1>
          <p>What Parley remembers of you, from your own words. Only you see it, and only your answers use it.</p>
        </div>
        {items.length > 0 && (
          <Button variant="danger" icon="trash" onClick={() => setForgetting("everything")}>
            Forget everything
          </Button>
        )}
      </div>
      {list.data && <MemorySwitchLine enabled={enabled} />}
      {list.error && !list.data && (
        <EmptyState icon="alert" title="Your memory could not be loaded">
          {inWords(list.error)}
        </EmptyState>
      )}
      {list.data && (
        <div className="stack">
          <div className="memory-part">
            <Segmented label="What to show" options={PARTS} value={part} onChange={setPart} />
          </div>
          {items.length === 0 ? (
            <Nothing part={part} enabled={enabled} />
          ) : (
            <ul className="order" aria-label={part === "facts" ? "Facts about you" : "Names you mentioned"}>
              {items.map((memory) => (
                <MemoryRow key={memory.id} memory={memory} onEdit={setEditing} onForget={setForgetting} />
              ))}
            </ul>
          )}
          {list.hasNextPage && (
            <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              Show older ones
            </Button>
          )}
        </div>
      )}
      {editing && <EditMemoryDialog memory={editing} onClose={() => setEditing(null)} />}
      {forgetting && <ForgetDialog what={forgetting} onClose={() => setForgetting(null)} />}
    </section>
  );
}

function MemorySwitchLine({ enabled }: { enabled: boolean }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: switchMemory,
    onSuccess: () => client.invalidateQueries({ queryKey: memoryKey }),
    onError: (error) => toast(inWords(error), "bad"),
  });
  const shown = change.isPending ? change.variables : enabled;
  return (
    <div className="card set-line memory-switch">
      <Switch label="Remember what I tell" checked={shown} onChange={(next) => change.mutate(next)} />
      <p className="hint">
        {shown
          ? "Facts from your messages are kept and used in your answers. A bot can be told not to remember in its rules."
          : "Nothing you write is remembered, and nothing below is used, until you switch this on again."}
      </p>
    </div>
  );
}

type RowProps = { memory: Memory; onEdit: (memory: Memory) => void; onForget: (memory: Memory) => void };

function MemoryRow({ memory, onEdit, onForget }: RowProps) {
  const { label, icon } = kindOf(memory);
  return (
    <li className="model memory">
      <span className="kind" title={label}>
        <Icon name={icon} />
      </span>
      <div className="model-words">
        <p className="memory-text" dir="auto">
          {memory.text}
        </p>
        <p className="memory-facts">
          <span>{label}</span>
          <span className="num">{sureness(memory)}</span>
          <span className="num">{expiry(memory)}</span>
          <span className="num">{lastUse(memory)}</span>
        </p>
        <Link
          className="link memory-source"
          to="/chats/$botId"
          params={{ botId: memory.bot_id }}
          search={{ conversation: memory.conversation_id }}
        >
          {sourceOf(memory)}
        </Link>
      </div>
      <div className="model-tools">
        {memory.kind !== "entity" && (
          <IconButton icon="edit" label={`Correct “${memory.text}”`} onClick={() => onEdit(memory)} />
        )}
        <IconButton icon="trash" label={`Forget “${memory.text}”`} onClick={() => onForget(memory)} />
      </div>
    </li>
  );
}

function Nothing({ part, enabled }: { part: MemoryPart; enabled: boolean }) {
  if (!enabled) {
    return (
      <div className="card">
        <EmptyState icon="eyeoff" title="Memory is off">
          Switch it on and tell a bot something about you, such as where you live or what you prefer.
        </EmptyState>
      </div>
    );
  }
  return (
    <div className="card">
      <EmptyState icon="quote" title={part === "facts" ? "Nothing is remembered yet" : "No names yet"}>
        Tell a bot something about you, such as “I prefer window seats”, and ask later what you said.
      </EmptyState>
    </div>
  );
}
