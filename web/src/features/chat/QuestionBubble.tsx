import { memo, useState, type KeyboardEvent } from "react";
import { inWords } from "@/api/errors";
import { useSource } from "@/api/queries/sources";
import type { Attachment, Source } from "@/api/types";
import { clockTime, fullDate } from "@/app/dates";
import { Button, Icon, IconButton, toast } from "@/ui";
import { VersionSwitch } from "./VersionSwitch";
import type { QuestionRow, Tick } from "./thread";
import { FailedFiles } from "./UploadList";

export type QuestionActions = {
  onSendAgain: (id: string) => void;
  onDiscard: (id: string) => void;
  /** Asks another text in the place of a question; resolves when it has been taken. */
  onEdit: (messageId: string, text: string) => Promise<void>;
  onChoose: (messageId: string) => void;
};
type QuestionBubbleProps = QuestionActions & { row: QuestionRow };

export const QuestionBubble = memo(function QuestionBubble(props: QuestionBubbleProps) {
  const { row, onSendAgain, onDiscard, onEdit, onChoose } = props;
  const { outgoingId, messageId } = row;
  const [fresh] = useState(outgoingId !== null);
  const [editing, setEditing] = useState(false);
  if (editing && messageId)
    return <EditQuestion text={row.text} onSave={(text) => onEdit(messageId, text)} onClose={() => setEditing(false)} />;
  return (
    <div className={fresh ? "msg msg-mine msg-new" : "msg msg-mine"}>
      <div className="bubble">
        {row.attachments.map((attachment) => (
          <AttachedFile key={attachment.source_id} attachment={attachment} />
        ))}
        <span className="question" dir="auto">
          {row.text}
        </span>
        <span className="stamp num">
          <time dateTime={row.at} title={fullDate(row.at)}>
            {clockTime(row.at)}
          </time>{" "}
          <TickMark tick={row.tick} />
        </span>
      </div>
      {messageId && <QuestionActs row={row} onEdit={() => setEditing(true)} onChoose={onChoose} />}
      {row.tick === "failed" && (
        <p className="fail-line" role="alert">
          <Icon name="alert" size="sm" />
          <span>
            Not sent: {row.failure ?? "Parley refused it."}{" "}
            {outgoingId && (
              <>
                <button type="button" onClick={() => onSendAgain(outgoingId)}>
                  Send again
                </button>{" "}
                <button type="button" onClick={() => onDiscard(outgoingId)}>
                  Remove
                </button>
              </>
            )}
          </span>
        </p>
      )}
    </div>
  );
}, sameQuestion);

/** Rows are made anew whenever anything in the conversation changes; what they hold mostly is not. */
function sameQuestion(before: QuestionBubbleProps, after: QuestionBubbleProps): boolean {
  const keys: (keyof QuestionRow)[] = ["text", "at", "attachments", "tick", "failure", "outgoingId", "messageId"];
  const siblings = before.row.siblings.join() === after.row.siblings.join();
  const actions = before.onSendAgain === after.onSendAgain && before.onEdit === after.onEdit;
  return actions && siblings && keys.every((key) => before.row[key] === after.row[key]);
}

type ActsProps = { row: QuestionRow; onEdit: () => void; onChoose: QuestionActions["onChoose"] };

function QuestionActs({ row, onEdit, onChoose }: ActsProps) {
  const at = row.siblings.indexOf(row.messageId ?? "");
  const step = (by: number) => {
    const next = row.siblings[at + by];
    if (next) onChoose(next);
  };
  return (
    <div className={row.siblings.length > 1 ? "acts acts-mine" : "acts acts-mine acts-float"}>
      {row.siblings.length > 1 && <VersionSwitch at={at} count={row.siblings.length} choose={(to) => step(to - at)} />}
      {row.attachments.length === 0 && (
        <IconButton icon="edit" label="Edit the question" size="sm" className="act-edit" onClick={onEdit} />
      )}
    </div>
  );
}

type EditProps = { text: string; onSave: (text: string) => Promise<void>; onClose: () => void };

/** The question as a field. Enter asks it, Shift+Enter begins a line, Escape leaves it as it was. */
function EditQuestion({ text, onSave, onClose }: EditProps) {
  const [draft, setDraft] = useState(text);
  const [busy, setBusy] = useState(false);
  const changed = draft.trim() !== "" && draft.trim() !== text;
  const save = () => {
    if (!changed || busy) return;
    setBusy(true);
    onSave(draft.trim())
      .then(onClose)
      .catch((error: unknown) => toast(inWords(error), "bad"))
      .finally(() => setBusy(false));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    } else if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      save();
    }
  };
  return (
    <form
      className="msg msg-mine edit-question"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <textarea
        className="field"
        aria-label="Question"
        rows={3}
        maxLength={20_000}
        dir="auto"
        autoFocus
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="row edit-acts">
        <Button size="sm" onClick={onClose}>
          Cancel
        </Button>
        <Button size="sm" variant="primary" type="submit" busy={busy} disabled={!changed}>
          Ask
        </Button>
      </div>
    </form>
  );
}

const tickWords: Record<Tick, string> = {
  sending: "sending",
  waiting: "waiting for the connection",
  sent: "sent, waiting for the bot",
  thinking: "the bot is thinking",
  answered: "answered",
  failed: "not sent",
};

function TickMark({ tick }: { tick: Tick }) {
  return (
    <span className={tick === "answered" ? "tick tick-done" : "tick"} data-tick={tick}>
      {tick === "thinking" ? (
        <span className="dots dots-sm" aria-hidden="true">
          <i />
          <i />
          <i />
        </span>
      ) : (
        <Icon name={tickIcons[tick]} />
      )}
      <span className="sr">{tickWords[tick]}</span>
    </span>
  );
}

const tickIcons = { sending: "clock", waiting: "clock", sent: "check", answered: "checks", failed: "alert" } as const;

function readingWords({ status, counts }: Source): string {
  const { documents, ready, failed } = counts;
  if (status === "reading" || status === "scanning") return `reading ${ready + failed} of ${documents}`;
  if (ready === documents) return documents === 1 ? "read" : `${documents} documents, read`;
  return documents === 1 ? "could not be read" : `${ready} of ${documents} documents read`;
}

function AttachedFile({ attachment }: { attachment: Attachment }) {
  const source = useSource(attachment.source_id).data;
  const counts = source?.counts;
  const reading = source && (source.status === "reading" || source.status === "scanning");
  const words = source ? readingWords(source) : attachment.status;
  return (
    <div className="file-in">
      <span className="file-kind">
        <Icon name="doc" />
      </span>
      <span className="grow">
        <span className="file-name">{attachment.name}</span>
        <small className="num">{words}</small>
        {!reading && counts && counts.failed > 0 && (
          <FailedFiles botId={source.bots[0] ?? ""} sourceId={attachment.source_id} />
        )}
      </span>
    </div>
  );
}
