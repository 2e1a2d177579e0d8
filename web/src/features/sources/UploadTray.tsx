import { useState } from "react";
import { Button, Icon, IconButton, Progress, VirtualList } from "@/ui";
import type { UploadItem } from "./uploadQueue";
import { uploads, useUploads } from "./uploadStore";
import { count, countOf, sizeWords, splitPath } from "./words";

/** Files on their way: the sum of them, and each with its own progress and its own error. */
export function UploadTray() {
  const items = useUploads();
  const [open, setOpen] = useState(true);
  const failed = items.filter((item) => item.state === "failed");
  const going = items.some((item) => item.state === "waiting" || item.state === "sending");
  if (items.length === 0 || (!going && failed.length === 0)) return null;
  const bytes = sum(items, (item) => item.size);
  const sent = sum(items, (item) => item.sent);
  return (
    <section className="tray" aria-label="Uploads in progress">
      <div className="tray-head">
        <button type="button" className="tray-title" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name={open ? "down" : "right"} size="sm" />
          <span className="num" role="status">
            {going ? goingWords(items) : `${countOf(failed.length, "file")} could not be sent`}
          </span>
        </button>
        {failed.length > 0 && !going && (
          <Button size="sm" icon="retry" onClick={() => uploads.retry()}>
            Send again
          </Button>
        )}
        <IconButton
          icon="close"
          size="sm"
          label={going ? "Stop sending" : "Close this list"}
          onClick={() => (going ? uploads.cancel() : uploads.clear())}
        />
      </div>
      {going && <Progress thin done={sent} total={bytes} label="Sending files" />}
      {open && (
        <VirtualList
          className="tray-list"
          items={sorted(items)}
          getKey={(item) => String(item.id)}
          estimateSize={40}
          label="Files being sent"
          renderItem={(item) => <TrayRow item={item} />}
        />
      )}
    </section>
  );
}

const sum = (items: readonly UploadItem[], value: (item: UploadItem) => number): number =>
  items.reduce((total, item) => total + value(item), 0);

function goingWords(items: readonly UploadItem[]): string {
  const done = items.filter(isOut).length;
  return `Sending, ${count(done)} of ${countOf(items.length, "file")}`;
}

/** A file whose bytes have all gone out; the server may still have to say that it took them. */
const isOut = (item: UploadItem): boolean => item.state === "sent" || (item.state === "sending" && item.sent >= item.size);

const RANK: Record<UploadItem["state"], number> = { failed: 0, sending: 1, waiting: 2, sent: 3 };
const rank = (item: UploadItem): number => (isOut(item) ? RANK.sent : RANK[item.state]);

const sorted = (items: readonly UploadItem[]): UploadItem[] =>
  [...items].sort((a, b) => rank(a) - rank(b) || a.id - b.id);

function TrayRow({ item }: { item: UploadItem }) {
  return (
    <div className="tray-row" data-state={item.state}>
      <span className="clip grow">{splitPath(item.path).name}</span>
      <span className="num muted">{stateWords(item)}</span>
      {item.state === "sending" && !isOut(item) && <Progress thin done={item.sent} total={item.size} label={`Sending ${item.path}`} />}
      {item.problem && (
        <p className="tray-problem" title={item.problem.code}>
          {item.problem.message}
        </p>
      )}
    </div>
  );
}

function stateWords(item: UploadItem): string {
  if (item.state === "sending") return `${Math.floor((100 * item.sent) / Math.max(1, item.size))} %`;
  return { waiting: sizeWords(item.size), sent: "Sent", failed: "Not sent" }[item.state];
}
