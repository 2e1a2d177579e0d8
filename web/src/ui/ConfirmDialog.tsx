import type { ReactNode } from "react";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { FieldError } from "./Field";
import type { IconName } from "./icons";

type ConfirmDialogProps = {
  open?: boolean;
  /** What is asked, with the name of the thing. */
  title: string;
  /** What happens when it is done. */
  children: ReactNode;
  /** The button that does it, as a verb. */
  action: string;
  icon?: IconName;
  /** Something is lost by it: the button is red. Focus starts on the one that keeps it, as on every first control. */
  danger?: boolean;
  keep?: string;
  busy?: boolean;
  disabled?: boolean;
  error?: string | null;
  onConfirm: () => void;
  onClose: () => void;
};

/** Asks before something is done, and says why it could not be. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { open = true, title, children, action, icon, danger = false, keep, busy, disabled, error } = props;
  return (
    <Dialog open={open} title={title} onClose={props.onClose}>
      {typeof children === "string" ? <p>{children}</p> : children}
      {error && <FieldError>{error}</FieldError>}
      <div className="dialog-actions">
        <Button onClick={props.onClose}>
          {keep ?? (danger ? "Keep it" : "Cancel")}
        </Button>
        <Button
          variant={danger ? "danger-fill" : "primary"}
          icon={icon}
          busy={busy}
          disabled={disabled}
          onClick={props.onConfirm}
        >
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
