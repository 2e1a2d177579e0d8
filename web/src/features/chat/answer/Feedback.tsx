import { useState } from "react";
import { inWords } from "@/api/errors";
import { rateAnswer, shareAnswer, unrateAnswer, type Rating, type RatingDraft } from "@/api/queries/feedback";
import { Button, Dialog, IconButton, SelectField, TextAreaField, toast } from "@/ui";
import { copyText } from "../clipboard";

const reasons = [
  ["wrong", "It is wrong"],
  ["incomplete", "Something is missing"],
  ["wrong_source", "It cites the wrong place"],
  ["not_found", "It is in my documents, and was not found"],
  ["unclear", "It is hard to understand"],
  ["other", "Something else"],
] as const;

type FeedbackProps = { turnId: string; rating: Rating | null };

/** Thumbs, and a link to the answer for others of the workspace. A thumb pressed again takes the rating back. */
export function Feedback({ turnId, rating }: FeedbackProps) {
  const [given, setGiven] = useState<Rating | RatingDraft | null>(rating);
  const [asking, setAsking] = useState(false);
  const rate = (draft: RatingDraft | null) => {
    const before = given;
    setGiven(draft);
    const done = draft ? rateAnswer(turnId, draft) : unrateAnswer(turnId);
    done.catch((error: unknown) => {
      setGiven(before);
      toast(inWords(error), "bad");
    });
  };
  const press = (value: "up" | "down") => {
    if (given?.value === value) return rate(null);
    rate({ value, reason: null, comment: "" });
    setAsking(value === "down");
  };
  const share = async () => {
    try {
      const { id } = await shareAnswer(turnId);
      const copied = await copyText(`${location.origin}/shared/${id}`);
      toast(copied ? "Link copied. Members of this workspace can open it." : `/shared/${id}`);
    } catch (error) {
      toast(inWords(error), "bad");
    }
  };
  return (
    <>
      <IconButton
        icon="like"
        label="Good answer"
        size="sm"
        aria-pressed={given?.value === "up"}
        onClick={() => press("up")}
      />
      <IconButton
        icon="dislike"
        label="Bad answer"
        size="sm"
        aria-pressed={given?.value === "down"}
        onClick={() => press("down")}
      />
      <IconButton icon="link" label="Copy a link to this answer" size="sm" onClick={() => void share()} />
      <Dialog open={asking} title="What is wrong with it?" onClose={() => setAsking(false)}>
        <ReasonForm
          onSend={(draft) => {
            rate(draft);
            setAsking(false);
          }}
        />
      </Dialog>
    </>
  );
}

function ReasonForm({ onSend }: { onSend: (draft: RatingDraft) => void }) {
  const [reason, setReason] = useState<string>("wrong");
  const [comment, setComment] = useState("");
  const chosen = reasons.find(([value]) => value === reason)?.[0] ?? "other";
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onSend({ value: "down", reason: chosen, comment });
      }}
    >
      <SelectField label="Reason" value={reason} onChange={(event) => setReason(event.target.value)}>
        {reasons.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </SelectField>
      <TextAreaField
        label="What should it say? (optional)"
        maxLength={2000}
        value={comment}
        onChange={(event) => setComment(event.target.value)}
      />
      <div className="dialog-actions">
        <Button variant="primary" type="submit">
          Send
        </Button>
      </div>
    </form>
  );
}
