import {
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from "react";
import { Icon } from "./icons";

type Ids = { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean };
type FieldProps = { label: string; hint?: ReactNode; error?: string | null; children: (ids: Ids) => ReactNode };

/** A label, a control and what is said about it. The control takes the ids that tie them together. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const described = Boolean(hint || error);
  return (
    <div>
      <label className="label" htmlFor={id}>
        {label}
      </label>
      {children({ id, "aria-describedby": described ? noteId : undefined, "aria-invalid": error ? true : undefined })}
      <div id={noteId}>
        {error ? (
          <FieldError>{error}</FieldError>
        ) : (
          hint && <p className="hint field-note">{hint}</p>
        )}
      </div>
    </div>
  );
}

/** Why something was not accepted, read out as it appears. */
export function FieldError({ children }: { children: ReactNode }) {
  return (
    <p className="field-error" role="alert">
      <Icon name="alert" size="sm" />
      {children}
    </p>
  );
}

type TextFieldProps = InputHTMLAttributes<HTMLInputElement> & {
  label: string;
  hint?: ReactNode;
  error?: string | null;
};

export function TextField({ label, hint, error, ...input }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => <input className="field" autoComplete="off" {...input} {...ids} />}
    </Field>
  );
}

type TextAreaFieldProps = TextareaHTMLAttributes<HTMLTextAreaElement> & {
  label: string;
  hint?: ReactNode;
  error?: string | null;
};

export function TextAreaField({ label, hint, error, ...area }: TextAreaFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => <textarea className="field" rows={3} dir="auto" {...area} {...ids} />}
    </Field>
  );
}

type SelectFieldProps = SelectHTMLAttributes<HTMLSelectElement> & { label: string; hint?: ReactNode };

export function SelectField({ label, hint, children, ...select }: SelectFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <span className="select-wrap">
          <select className="field" {...select} {...ids}>
            {children}
          </select>
          <Icon name="down" />
        </span>
      )}
    </Field>
  );
}

type SearchFieldProps = InputHTMLAttributes<HTMLInputElement> & { label: string; shortcut?: string };

export function SearchField({ label, shortcut, ...input }: SearchFieldProps) {
  return (
    <label className="search">
      <span className="sr">{label}</span>
      <Icon name="search" />
      <input type="search" placeholder="Search" autoComplete="off" {...input} />
      {shortcut && (
        <kbd className="hide-phone" aria-hidden="true">
          {shortcut}
        </kbd>
      )}
    </label>
  );
}
