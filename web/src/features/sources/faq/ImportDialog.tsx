import { useRef } from "react";
import { inWords } from "@/api/errors";
import { useImportFaq } from "@/api/queries/faq";
import type { FaqImport } from "@/api/types";
import { Button, Dialog, FieldError, Icon } from "@/ui";
import { countOf } from "../words";

type ImportDialogProps = { sourceId: string; open: boolean; onClose: () => void };

/** Takes questions and answers from a CSV file, and tells which rows could not be taken and why. */
export function ImportDialog({ open, onClose, sourceId }: ImportDialogProps) {
  return (
    <Dialog open={open} title="Import from CSV" onClose={onClose}>
      <Import sourceId={sourceId} onClose={onClose} />
    </Dialog>
  );
}

function Import({ sourceId, onClose }: Omit<ImportDialogProps, "open">) {
  const input = useRef<HTMLInputElement>(null);
  const take = useImportFaq(sourceId);
  return (
    <div className="stack">
      <p>
        The first line names the columns: <code>question</code> and <code>answer</code>, and if you like{" "}
        <code>category</code> and <code>tags</code> (separated by semicolons). A question that is there already gets the
        new answer.
      </p>
      {take.error && <FieldError>{inWords(take.error)}</FieldError>}
      {take.data && <Result result={take.data} />}
      <input
        ref={input}
        type="file"
        hidden
        accept=".csv,.tsv,text/csv"
        aria-label="CSV file"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          // The same file, mended, can be chosen again.
          event.currentTarget.value = "";
          if (file) take.mutate(file);
        }}
      />
      <div className="dialog-actions">
        <Button onClick={onClose}>{take.data ? "Done" : "Cancel"}</Button>
        <Button variant="primary" icon="upload" busy={take.isPending} onClick={() => input.current?.click()}>
          {take.data ? "Choose another file" : "Choose a file"}
        </Button>
      </div>
    </div>
  );
}

function Result({ result }: { result: FaqImport }) {
  const { added, changed, unchanged, problems } = result;
  return (
    <div role="status">
      <p className="faq-taken">
        <Icon name="check" size="sm" />
        {countOf(added, "question")} added, {changed} changed, {unchanged} as before.
      </p>
      {problems.length > 0 && (
        <>
          <p className="field-error">
            <Icon name="alert" size="sm" />
            {countOf(problems.length, "row")} could not be taken:
          </p>
          <ul className="faq-problems scroll" tabIndex={0} aria-label="Rows that could not be taken">
            {problems.map((problem) => (
              <li key={problem.row}>
                <b className="num">Row {problem.row}</b> {problem.message}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
