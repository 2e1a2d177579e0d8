import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { inWords } from "@/api/errors";
import { changeMemory, forgetEverything, forgetMemory, memoryKey, type Memory } from "@/api/queries/memory";
import { Button, Dialog, FieldError, TextAreaField, TextField } from "@/ui";

function useMemoryMutation<Input>(mutationFn: (input: Input) => Promise<unknown>, onClose: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries({ queryKey: memoryKey });
    },
  });
}

type EditProps = { memory: Memory; onClose: () => void };

/** Corrects the words of a memory, and says when it expires. */
export function EditMemoryDialog({ memory, onClose }: EditProps) {
  const [text, setText] = useState(memory.text);
  const [until, setUntil] = useState(memory.expires_at?.slice(0, 10) ?? "");
  const save = useMemoryMutation(
    () => changeMemory(memory.id, { text: text.trim(), expires_at: until ? `${until}T23:59:59Z` : null }),
    onClose,
  );
  return (
    <Dialog open title="Correct what is remembered" onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(undefined);
        }}
      >
        <TextAreaField
          label="What is remembered"
          hint="Answers use these words from now on; earlier ones that quoted the old words are blanked."
          required
          autoFocus
          maxLength={1000}
          value={text}
          error={save.error ? inWords(save.error) : null}
          onChange={(event) => setText(event.target.value)}
        />
        <TextField
          label="Expires on"
          type="date"
          hint="Empty: never."
          value={until}
          onChange={(event) => setUntil(event.target.value)}
        />
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={save.isPending} disabled={!text.trim()}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

type ForgetProps = { what: Memory | "everything"; onClose: () => void };

/** Asks before something is forgotten: it cannot be undone. */
export function ForgetDialog({ what, onClose }: ForgetProps) {
  const [words, setWords] = useState(false);
  const all = what === "everything";
  const forget = useMemoryMutation(() => (all ? forgetEverything(words) : forgetMemory(what.id, words)), onClose);
  return (
    <Dialog open title={all ? "Forget everything?" : "Forget this?"} onClose={onClose}>
      <div className="stack">
        {!all && (
          <blockquote className="memory-quote" dir="auto">
            {what.text}
          </blockquote>
        )}
        <p>
          {all
            ? "All that is remembered of you goes, and nothing that you have said so far is recalled any more."
            : "It is not recalled any more, and answers that quoted it are blanked there."}{" "}
          This cannot be undone.
        </p>
        <label className="tick">
          <input type="checkbox" checked={words} onChange={(event) => setWords(event.target.checked)} />
          <span>
            Also blank the words in the chat
            <small>Your message keeps its place; the words that were remembered become blocks.</small>
          </span>
        </label>
        {forget.error && <FieldError>{inWords(forget.error)}</FieldError>}
        <div className="dialog-actions">
          <Button autoFocus onClick={onClose}>
            Keep
          </Button>
          <Button variant="danger-fill" busy={forget.isPending} onClick={() => forget.mutate(undefined)}>
            {all ? "Forget everything" : "Forget"}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
