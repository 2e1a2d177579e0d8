import { memo, useState } from "react";
import { useSource } from "@/api/queries/sources";
import type { Attachment, Source } from "@/api/types";
import { clockTime, fullDate } from "@/app/dates";
import { Icon } from "@/ui";
import type { QuestionRow, Tick } from "./thread";
import { FailedFiles } from "./UploadList";

type QuestionBubbleProps = { row: QuestionRow; onSendAgain: (id: string) => void; onDiscard: (id: string) => void };

export const QuestionBubble = memo(function QuestionBubble({ row, onSendAgain, onDiscard }: QuestionBubbleProps) {
  const { outgoingId } = row;
  const [fresh] = useState(outgoingId !== null);
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
  const keys: (keyof QuestionRow)[] = ["text", "at", "attachments", "tick", "failure", "outgoingId"];
  return before.onSendAgain === after.onSendAgain && keys.every((key) => before.row[key] === after.row[key]);
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
