import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { inWords } from "@/api/errors";
import { useCancelSource, usePauseSource, useRetrySource, useSyncSource, useUpdateSource } from "@/api/queries/sources";
import type { Citation, Document, Source, Visibility } from "@/api/types";
import { Button, Icon, IconButton, Menu, Segmented, toast } from "@/ui";
import { FaqEditor } from "./faq/FaqEditor";
import { FileList } from "./FileList";
import { FilePane } from "./FilePane";
import { LearnOnlyDialog, RemoveDialog, RenameSourceDialog } from "./SourceDialogs";
import { rateWords, secondsLeft } from "./rate";
import { useChosenFile } from "./useChosenFile";
import { useReading, type Reading } from "./useReading";
import { agoWords, changesByItself, count, countOf, durationWords, isBusy, sizeWords, sourceIcon, unitOf } from "./words";

type SourceDetailProps = {
  source: Source;
  botId: string;
  onOpen: (citation: Citation) => void;
  onAddFiles: () => void;
};

/** One source: how far it is, what may be done with it, its files and how they are read. */
export function SourceDetail({ source, botId, onOpen, onAddFiles }: SourceDetailProps) {
  const chosen = useChosenFile(source.id, botId);
  const reading = useReading(source);
  return (
    <section
      className="detail scroll"
      id="detail"
      aria-label={source.name}
      tabIndex={-1}
      data-shows={chosen.fileId ? "file" : "list"}
    >
      <div className="det-in">
        <div className="det-top">
          <Link className="text-btn only-list" to="/sources/$botId" params={{ botId }}>
            <Icon name="left" flip />
            All sources
          </Link>
          <DetailHead source={source} botId={botId} onAddFiles={onAddFiles} />
        </div>
        <Live source={source} reading={reading} />
        <MayBeQuoted source={source} />
        <div className="cols" key={source.id}>
          {source.kind === "faq" ? (
            <FaqEditor
              source={source}
              chosenId={chosen.fileId}
              onChoose={chosen.choose}
              onLeave={chosen.leave}
              onOpen={onOpen}
            />
          ) : (
            <Files source={source} botId={botId} chosen={chosen} onOpen={onOpen} />
          )}
        </div>
      </div>
    </section>
  );
}

type FilesProps = Pick<SourceDetailProps, "source" | "botId" | "onOpen"> & { chosen: ReturnType<typeof useChosenFile> };

/** The list of files and the one that is looked at: the chosen one, else the first that could be read. */
function Files({ source, botId, chosen, onOpen }: FilesProps) {
  const [first, setFirst] = useState<Document>();
  const fileId = chosen.fileId ?? first?.id;
  return (
    <>
      <FileList
        source={source}
        botId={botId}
        selectedId={fileId}
        onFirst={setFirst}
        onSelect={(file) => chosen.choose(file.id)}
        onOpen={onOpen}
      />
      <FilePane
        sourceName={source.name}
        fileId={fileId}
        listed={first?.id === fileId ? first : undefined}
        tab={chosen.tab}
        onTab={chosen.show}
        onBack={chosen.leave}
        onOpen={onOpen}
      />
    </>
  );
}

const KINDS: Record<string, string> = {
  upload: "Uploaded files",
  folder: "Folder",
  files: "Files on this computer",
  website: "Website",
  git: "Git repository",
  video: "Video",
  faq: "Questions and answers",
  text: "Note",
};

function DetailHead({ source, botId, onAddFiles }: Omit<SourceDetailProps, "onOpen">) {
  const [dialog, setDialog] = useState<"rename" | "remove" | null>(null);
  const navigate = useNavigate();
  const close = () => setDialog(null);
  const pause = usePauseSource();
  const pauseItem = {
    label: source.paused ? "Look for changes again" : "Stop looking for changes",
    icon: source.paused ? "play" : "pause",
    onSelect: () =>
      pause.mutate(
        { id: source.id, paused: !source.paused },
        { onError: (error: unknown) => toast(inWords(error), "bad") },
      ),
  } as const;
  const where = source.root ?? KINDS[source.kind] ?? "Source";
  return (
    <div className="det-head">
      <span className="kind">
        <Icon name={sourceIcon(source)} />
      </span>
      <div className="grow det-title">
        <h1>{source.name}</h1>
        <p className="muted">
          <bdi>{where}</bdi>
          {source.counts.bytes > 0 && `, ${sizeWords(source.counts.bytes)}`}
        </p>
      </div>
      <div className="row">
        <Actions source={source} onAddFiles={onAddFiles} />
        <Menu
          trigger={<IconButton icon="more" label="More" />}
          items={[
            { label: "Rename", icon: "edit", onSelect: () => setDialog("rename") },
            ...(changesByItself(source) ? [pauseItem] : []),
            "line",
            { label: "Remove source", icon: "trash", danger: true, onSelect: () => setDialog("remove") },
          ]}
        />
      </div>
      <RenameSourceDialog source={source} open={dialog === "rename"} onClose={close} />
      <RemoveDialog
        source={source}
        open={dialog === "remove"}
        onClose={close}
        onRemoved={() => void navigate({ to: "/sources/$botId", params: { botId }, replace: true })}
      />
    </div>
  );
}

function Actions({ source, onAddFiles }: Pick<SourceDetailProps, "source" | "onAddFiles">) {
  const cancel = useCancelSource();
  const sync = useSyncSource();
  const complain = { onError: (error: unknown) => toast(inWords(error), "bad") };
  if (isBusy(source)) {
    return (
      <Button icon="stop" busy={cancel.isPending} onClick={() => cancel.mutate(source.id, complain)}>
        Stop reading
      </Button>
    );
  }
  if (source.kind === "upload") {
    return (
      <Button icon="upload" onClick={onAddFiles}>
        Add files
      </Button>
    );
  }
  if (!changesByItself(source)) return null;
  return (
    <Button icon="refresh" busy={sync.isPending} onClick={() => sync.mutate(source.id, complain)}>
      Check now
    </Button>
  );
}

function Live({ source, reading }: { source: Source; reading: Reading | null }) {
  const retry = useRetrySource();
  const { counts } = source;
  const total = reading?.total ?? counts.documents;
  const done = reading?.done ?? counts.documents - counts.pending;
  const failed = Math.max(reading?.failed ?? 0, counts.failed);
  const again = counts.failed > 0 || source.status === "failed" || source.status === "cancelled";
  return (
    <div className="live">
      <div className="row live-head">
        <span className="h3 num" role="status">
          {headline(source, done, total)}
        </span>
        <span className="muted num live-pace">{reading ? paceWords(reading) : endWords(source)}</span>
      </div>
      <LiveBar done={done} failed={failed} total={total} />
      <div className="figures num">
        <span>
          <b>{count(counts.ready)}</b> ready to answer from
        </span>
        {counts.chunks > 0 && (
          <span>
            <b>{count(counts.chunks)}</b> {counts.chunks === 1 ? "passage" : "passages"}
          </span>
        )}
        {counts.unchanged > 0 && (
          <span>
            <b>{count(counts.unchanged)}</b> unchanged, not read again
          </span>
        )}
        {failed > 0 && (
          <span>
            <b>{count(failed)}</b> {failed === 1 ? "needs" : "need"} you
          </span>
        )}
        <span className="grow" />
        {reading && counts.ready > 0 && <span>You can ask now. Answers use what has been read so far.</span>}
        {!reading && again && (
          <Button
            size="sm"
            icon="retry"
            busy={retry.isPending}
            onClick={() => retry.mutate(source.id, { onError: (error) => toast(inWords(error), "bad") })}
          >
            {source.status === "cancelled" ? "Read the rest" : "Try failed files again"}
          </Button>
        )}
      </div>
      {source.error && <p className="field-error">{source.error.message}</p>}
    </div>
  );
}

function headline(source: Source, done: number, total: number): string {
  if (source.status === "scanning") return total > 0 ? `Looking for files, ${count(total)} so far` : "Looking for files";
  const { ready, failed } = source.counts;
  const all = countOf(total, unitOf(source));
  if (done === total && failed > 0 && !isBusy(source)) return `${count(ready)} of ${all} read`;
  if (done === total) return `${all} read`;
  return `${count(done)} of ${all} read`;
}

function paceWords(reading: Reading): string {
  const seconds = secondsLeft(reading.rate, reading.total - reading.done);
  if (!reading.rate) return "";
  return `${rateWords(reading.rate)}${seconds ? `, about ${durationWords(seconds)} left` : ""}`;
}

const endWords = (source: Source): string => (source.finished_at ? `Last read ${agoWords(source.finished_at)}` : "");

function LiveBar({ done, failed, total }: { done: number; failed: number; total: number }) {
  const whole = Math.max(1, total);
  const bad = Math.min(failed, done);
  return (
    <div
      className="bar live-bar"
      role="progressbar"
      aria-label="Files read"
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
      aria-valuetext={`${count(done)} of ${count(total)}${bad ? `, ${count(bad)} failed` : ""}`}
    >
      <i style={{ inlineSize: `${(100 * (done - bad)) / whole}%` }} />
      {bad > 0 && <i className="bad" style={{ inlineSize: `max(4px, ${(100 * bad) / whole}%)` }} />}
    </div>
  );
}

const VISIBILITIES = [
  { value: "citable", label: "Citable" },
  { value: "learn_only", label: "Learn only" },
] as const;

function MayBeQuoted({ source }: { source: Source }) {
  const update = useUpdateSource();
  const [asking, setAsking] = useState(false);
  const apply = (visibility: Visibility) =>
    update.mutate({ id: source.id, visibility }, { onError: (error) => toast(inWords(error), "bad") });
  return (
    <div className="opts">
      <div className="opt">
        <div>
          <h2>May be quoted</h2>
          <p>Learn only: informs answers, is never named or quoted.</p>
        </div>
        <Segmented
          label="May be quoted"
          options={VISIBILITIES}
          value={update.isPending ? (update.variables.visibility ?? source.visibility) : source.visibility}
          onChange={(visibility) => {
            if (visibility === source.visibility) return;
            if (visibility === "learn_only") setAsking(true);
            else apply(visibility);
          }}
        />
      </div>
      <LearnOnlyDialog
        source={source}
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          apply("learn_only");
        }}
      />
    </div>
  );
}
