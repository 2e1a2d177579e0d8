import { useState } from "react";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { TextField } from "./Field";

type RenameDialogProps = {
  open: boolean;
  title: string;
  /** What the name is called: "Name", "Title". */
  label: string;
  value: string;
  maxLength: number;
  busy?: boolean;
  error?: string | null;
  onRename: (value: string) => void;
  onClose: () => void;
};

/** Asks for another name. */
export function RenameDialog({ open, title, onClose, ...form }: RenameDialogProps) {
  return (
    <Dialog open={open} title={title} onClose={onClose}>
      <RenameForm onClose={onClose} {...form} />
    </Dialog>
  );
}

type RenameFormProps = Omit<RenameDialogProps, "open" | "title">;

function RenameForm({ label, value, maxLength, busy, error, onRename, onClose }: RenameFormProps) {
  const [name, setName] = useState(value);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onRename(name.trim());
      }}
    >
      <TextField
        label={label}
        value={name}
        autoFocus
        required
        maxLength={maxLength}
        error={error}
        onChange={(event) => setName(event.target.value)}
      />
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={busy} disabled={!name.trim()}>
          Rename
        </Button>
      </div>
    </form>
  );
}
