import { useDeferredValue, useMemo, useState } from "react";
import { inWords } from "@/api/errors";
import { faqCsvUrl, useFaq, useFaqCategories } from "@/api/queries/faq";
import type { Citation, FaqCategory, FaqEntry, Source } from "@/api/types";
import { Button, ConfirmDialog, EmptyState, Icon, IconButton, Menu, SearchField, Spinner, VirtualList } from "@/ui";
import { count } from "../words";
import { EntryPane } from "./EntryPane";
import { ImportDialog } from "./ImportDialog";
import "./faq.css";

type FaqEditorProps = {
  source: Source;
  /** The entry that is edited, "new" for one that is being written, nothing on a narrow screen's list. */
  chosenId: string | undefined;
  onChoose: (id: string) => void;
  onLeave: () => void;
  onOpen: (citation: Citation) => void;
};

export const NEW_ENTRY = "new";

/** The questions and answers of a source: a list with a search, and the one that is written or changed. */
export function FaqEditor({ source, chosenId, onChoose, onLeave, onOpen }: FaqEditorProps) {
  const [edited, setEdited] = useState(false);
  const [next, setNext] = useState<(() => void) | null>(null);
  const [chosen, setChosen] = useState<FaqEntry>();
  const entry = chosen?.id === chosenId ? chosen : undefined;
  /** Does it at once, or asks first where something typed would be lost. */
  const guarded = (go: () => void) => {
    if (edited) setNext(() => go);
    else go();
  };
  return (
    <>
      <EntryList
        source={source}
        chosenId={chosenId}
        onNew={() => guarded(() => onChoose(NEW_ENTRY))}
        onChoose={(found) =>
          guarded(() => {
            setChosen(found);
            onChoose(found.id);
          })
        }
      />
      <section className="file-pane" aria-label="Question and answer">
        <button type="button" className="text-btn only-stacked" onClick={() => guarded(onLeave)}>
          <Icon name="left" flip />
          All questions
        </button>
        <h1 className="sr only-stacked">{source.name}</h1>
        {chosenId ? (
          <EntryPane
            key={chosenId}
            source={source}
            entryId={chosenId === NEW_ENTRY ? null : chosenId}
            listed={entry}
            onEdited={setEdited}
            onSaved={(saved) => {
              setChosen(saved);
              setEdited(false);
              onChoose(saved.id);
            }}
            onGone={onLeave}
            onOpen={onOpen}
          />
        ) : (
          <p className="hint">Choose a question to change it, or add one.</p>
        )}
      </section>
      {next && (
        <ConfirmDialog
          danger
          title="Leave without saving?"
          action="Leave"
          keep="Go on writing"
          onConfirm={() => {
            setEdited(false);
            setNext(null);
            next();
          }}
          onClose={() => setNext(null)}
        >
          What you changed in this entry is lost.
        </ConfirmDialog>
      )}
    </>
  );
}

type EntryListProps = {
  source: Source;
  chosenId: string | undefined;
  onNew: () => void;
  onChoose: (entry: FaqEntry) => void;
};

function EntryList({ source, chosenId, onNew, onChoose }: EntryListProps) {
  const [words, setWords] = useState("");
  const [category, setCategory] = useState("");
  const text = useDeferredValue(words.trim());
  const query = useFaq(source.id, { text, category });
  const { data: categories = [] } = useFaqCategories(source.id);
  const entries = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const named = categories.filter(({ name }) => name !== "");
  return (
    <section className="files" aria-labelledby="faq-title">
      <div className="sub-head">
        <h2 className="h3" id="faq-title">
          Questions
        </h2>
        <FaqTools source={source} onNew={onNew} />
      </div>
      <div className="faq-find">
        <SearchField
          label="Find a question or an answer"
          placeholder="Find a question"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        {named.length > 0 && <CategorySelect categories={named} value={category} onChange={setCategory} />}
      </div>
      {entries.length > 0 ? (
        <VirtualList
          className="files-list"
          items={entries}
          getKey={(entry) => entry.id}
          estimateSize={72}
          label="Question list"
          onEndReached={query.hasNextPage && !query.isFetchingNextPage ? query.fetchNextPage : undefined}
          renderItem={(entry) => <EntryRow entry={entry} current={entry.id === chosenId} onChoose={onChoose} />}
        />
      ) : (
        <div className="files-none">
          {query.isPending ? (
            <Spinner />
          ) : (
            <NoEntries error={query.error} text={text} narrowed={category !== ""} onNew={onNew} />
          )}
        </div>
      )}
    </section>
  );
}

function FaqTools({ source, onNew }: { source: Source; onNew: () => void }) {
  const [importing, setImporting] = useState(false);
  return (
    <div className="row">
      <Button size="sm" variant="primary" icon="plus" onClick={onNew}>
        Add a question
      </Button>
      <Menu
        trigger={<IconButton icon="more" size="sm" label="Import and export" />}
        items={[
          { label: "Import from CSV", icon: "upload", onSelect: () => setImporting(true) },
          { label: "Export as CSV", icon: "download", onSelect: () => location.assign(faqCsvUrl(source.id)) },
        ]}
      />
      <ImportDialog sourceId={source.id} open={importing} onClose={() => setImporting(false)} />
    </div>
  );
}

type CategorySelectProps = { categories: readonly FaqCategory[]; value: string; onChange: (name: string) => void };

function CategorySelect({ categories, value, onChange }: CategorySelectProps) {
  return (
    <span className="select-wrap">
      <select className="field" aria-label="Show category" value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">All categories</option>
        {categories.map(({ name, entries }) => (
          <option key={name} value={name}>
            {name} ({count(entries)})
          </option>
        ))}
      </select>
      <Icon name="down" />
    </span>
  );
}

type NoEntriesProps = { error: unknown; text: string; narrowed: boolean; onNew: () => void };

function NoEntries({ error, text, narrowed, onNew }: NoEntriesProps) {
  if (error) return <EmptyState icon="alert" title="The questions could not be loaded">{inWords(error)}</EmptyState>;
  if (text) return <p className="muted">No question or answer here holds “{text}”.</p>;
  if (narrowed) return <p className="muted">No question is of this category.</p>;
  return (
    <EmptyState
      icon="faq"
      title="No questions yet"
      action={
        <Button icon="plus" onClick={onNew}>
          Add the first one
        </Button>
      }
    >
      Write down what people ask again and again. A question that is asked in these or other words is answered by its
      entry first.
    </EmptyState>
  );
}

type EntryRowProps = { entry: FaqEntry; current: boolean; onChoose: (entry: FaqEntry) => void };

function EntryRow({ entry, current, onChoose }: EntryRowProps) {
  return (
    <div className="file-row faq-row" aria-current={current ? "true" : undefined}>
      <Icon name="faq" />
      <button type="button" className="file-main" onClick={() => onChoose(entry)}>
        <span className="doc-name faq-question" dir="auto">
          {entry.question}
        </span>
      </button>
      {entry.category && <span className="pill">{entry.category}</span>}
      <p className="clip" dir="auto">
        {entry.answer.replaceAll(/\s+/gu, " ")}
      </p>
    </div>
  );
}
