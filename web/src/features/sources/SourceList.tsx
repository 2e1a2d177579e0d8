import { Link, useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { inWords } from "@/api/errors";
import { useBot, useBots } from "@/api/queries/bots";
import type { Bot, Document, Source } from "@/api/types";
import { Avatar, Button, EmptyState, Icon, Menu, SearchField } from "@/ui";
import { RemovedSources } from "./RemovedSources";
import { SourceRow } from "./SourceRow";
import { UploadTray } from "./UploadTray";
import { useFiles } from "./useFiles";
import { count, countOf, fileState, sizeWords, splitPath } from "./words";

type SourceListProps = {
  botId: string;
  sources: readonly Source[] | undefined;
  error: unknown;
  currentId: string | undefined;
  onAdd: () => void;
  onOpenFile: (file: Document) => void;
};

/** The pane with all sources of a bot, and a search over them and their files. */
export function SourceList({ botId, sources, error, currentId, onAdd, onOpenFile }: SourceListProps) {
  const [words, setWords] = useState("");
  const wanted = useDeferredValue(words.trim());
  const shown = sources?.filter((source) => matches(source, wanted));
  return (
    <section className="src-list" aria-label="Sources">
      <BotHead botId={botId} sources={sources} />
      <div className="list-top">
        <div className="row src-tools">
          <span className="grow">
            <SearchField
              label="Find a source or file"
              placeholder="Find a source or file"
              value={words}
              onChange={(event) => setWords(event.target.value)}
            />
          </span>
          <Button variant="primary" icon="plus" onClick={onAdd}>
            Add
          </Button>
        </div>
      </div>
      <div className="scroll grow src-rows" tabIndex={0} role="region" aria-label="Source list">
        {error && !sources ? (
          <EmptyState icon="alert" title="The sources could not be loaded">
            {inWords(error)}
          </EmptyState>
        ) : (
          <ul>
            {shown?.map((source) => (
              <li key={source.id}>
                <SourceRow source={source} botId={botId} current={source.id === currentId} />
              </li>
            ))}
          </ul>
        )}
        {!wanted && <RemovedSources botId={botId} />}
        {wanted && <FoundFiles botId={botId} words={wanted} noSource={shown?.length === 0} onOpen={onOpenFile} />}
      </div>
      <UploadTray />
      <div className="src-foot">
        <button type="button" className="drop" onClick={onAdd}>
          <Icon name="upload" />
          <span>
            <b>Drop files or a folder here</b>
            PDF, Word, Excel, e-mail, code and more
          </span>
        </button>
      </div>
    </section>
  );
}

const matches = (source: Source, words: string): boolean =>
  `${source.name} ${source.root ?? ""}`.toLocaleLowerCase().includes(words.toLocaleLowerCase());

function BotHead({ botId, sources = [] }: { botId: string; sources: readonly Source[] | undefined }) {
  const { data: bot } = useBot(botId);
  const { data: bots = [] } = useBots();
  return (
    <header className="pane-head">
      <BotSwitch bot={bot} bots={bots} holds={holdWords(sources)} />
      {bot && (
        <Link className="btn btn-sm" to="/chats/$botId" params={{ botId }}>
          <Icon name="chat" />
          Chat
        </Link>
      )}
    </header>
  );
}

/** What all sources hold together: documents, passages, storage. */
function holdWords(sources: readonly Source[]): string {
  const sum = (field: "documents" | "chunks" | "bytes") => sources.reduce((total, { counts }) => total + counts[field], 0);
  const parts = [countOf(sum("documents"), "document"), countOf(sum("chunks"), "passage"), sizeWords(sum("bytes"))];
  return sources.length > 0 ? parts.join(", ") : "";
}

function BotSwitch({ bot, bots, holds }: { bot: Bot | undefined; bots: readonly Bot[]; holds: string }) {
  const navigate = useNavigate();
  const face = (
    <>
      {bot && <Avatar name={bot.name} look={bot.avatar} size="md" />}
      <span className="grow">
        <h1 className="who-name clip">{bot?.name ?? "Sources"}</h1>
        <span className="who-sub num clip" title={holds}>
          {holds}
        </span>
      </span>
    </>
  );
  if (bots.length < 2) return <div className="who">{face}</div>;
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className="who bot-switch">
          {face}
          <span className="sr">Choose another bot</span>
          <Icon name="down" size="sm" />
        </button>
      }
      items={bots.map((other) => ({
        label: other.name,
        icon: other.id === bot?.id ? "check" : "library",
        onSelect: () => void navigate({ to: "/sources/$botId", params: { botId: other.id } }),
      }))}
    />
  );
}

type FoundFilesProps = { botId: string; words: string; noSource: boolean; onOpen: (file: Document) => void };

function FoundFiles({ botId, words, noSource, onOpen }: FoundFilesProps) {
  const { files, isPending, hasNextPage } = useFiles(botId, { q: words });
  if (isPending) return null;
  if (files.length === 0) return noSource ? <p className="src-none muted">Nothing here is called “{words}”.</p> : null;
  return (
    <>
      <h2 className="list-cap">
        Files, {hasNextPage ? `the first ${count(files.length)}` : count(files.length)}
      </h2>
      <ul>
        {files.map((file) => {
          const { name, folder } = splitPath(file.path);
          const state = fileState(file);
          return (
            <li key={file.id}>
              <button type="button" className="src-row src-found" onClick={() => onOpen(file)}>
                <Icon name={state.icon} />
                <span className="src-words">
                  <span className="clip doc-name">{name}</span>
                  <span className="src-status clip">{folder || state.words}</span>
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
