import { useState } from "react";
import { inWords } from "@/api/errors";
import { useGoldenSets, useRemoveSet, useRuns, type GoldenSet } from "@/api/queries/evaluation";
import { Button, ConfirmDialog, EmptyState, IconButton, Menu, SelectField, Spinner, toast } from "@/ui";
import { BeginRunDialog } from "./BeginRunDialog";
import { NewSetDialog, type SetOrigin } from "./NewSetDialog";
import { QuestionsDialog } from "./QuestionsDialog";
import { RunsView } from "./RunsView";

/** How good a bot's answers are: golden sets, runs over them, and what changed between two. */
export function EvaluationPane({ botId }: { botId: string }) {
  const sets = useGoldenSets(botId);
  const [chosen, setChosen] = useState<string | null>(null);
  const [making, setMaking] = useState<SetOrigin | null>(null);
  if (sets.isPending) return <Spinner />;
  if (sets.error)
    return (
      <EmptyState icon="alert" title="The golden sets could not be loaded">
        {inWords(sets.error)}
      </EmptyState>
    );
  const set = sets.data.find((known) => known.id === chosen) ?? sets.data[0];
  return (
    <section className="ins-col" aria-label="Evaluation">
      {set ? (
        <Evaluated key={set.id} botId={botId} sets={sets.data} set={set} onChoose={setChosen} onMake={setMaking} />
      ) : (
        <NoSets onMake={setMaking} />
      )}
      <NewSetDialog
        botId={botId}
        origin={making}
        onClose={() => setMaking(null)}
        onMade={(made) => {
          setMaking(null);
          setChosen(made.id);
        }}
      />
    </section>
  );
}

function NoSets({ onMake }: { onMake: (origin: SetOrigin) => void }) {
  return (
    <EmptyState
      icon="flask"
      title="Find out how good the answers are"
      action={
        <div className="row ins-starts">
          <Button variant="primary" icon="upload" onClick={() => onMake("file")}>
            Import questions
          </Button>
          <Button icon="like" onClick={() => onMake("chats")}>
            From rated chats
          </Button>
          <Button icon="doc" onClick={() => onMake("documents")}>
            Draft from documents
          </Button>
        </div>
      }
    >
      A golden set holds questions with what is known of their answers. Every run asks the bot all of them and measures
      what comes back, so that you see what a change of documents, model or prompt has done.
    </EmptyState>
  );
}

type EvaluatedProps = {
  botId: string;
  sets: readonly GoldenSet[];
  set: GoldenSet;
  onChoose: (id: string) => void;
  onMake: (origin: SetOrigin) => void;
};

function Evaluated({ botId, sets, set, onChoose, onMake }: EvaluatedProps) {
  const runs = useRuns(set.id);
  const [open, setOpen] = useState<"run" | "questions" | "remove" | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <div className="ins-lead">
        <div className="row ins-set">
          <SelectField label="Golden set" value={set.id} onChange={(event) => onChoose(event.target.value)}>
            {sets.map((known) => (
              <option key={known.id} value={known.id}>
                {known.name} ({known.questions.toLocaleString()})
              </option>
            ))}
          </SelectField>
          <Menu
            align="start"
            trigger={<IconButton icon="more" label="Golden sets" />}
            items={[
              { label: "Look at the questions", icon: "list", onSelect: () => setOpen("questions") },
              "line",
              { label: "Import questions", icon: "upload", onSelect: () => onMake("file") },
              { label: "From rated chats", icon: "like", onSelect: () => onMake("chats") },
              { label: "Draft from documents", icon: "doc", onSelect: () => onMake("documents") },
              "line",
              { label: "Remove this set", icon: "trash", danger: true, onSelect: () => setOpen("remove") },
            ]}
          />
        </div>
        <Button variant="primary" icon="play" disabled={set.questions === 0} onClick={() => setOpen("run")}>
          Run the evaluation
        </Button>
      </div>
      {runs.isPending ? (
        <Spinner />
      ) : runs.error ? (
        <p className="field-error">{inWords(runs.error)}</p>
      ) : runs.data.length ? (
        <RunsView runs={runs.data} />
      ) : (
        <NoRuns set={set} onRun={() => setOpen("run")} onImport={() => onMake("file")} />
      )}
      <BeginRunDialog open={open === "run"} set={set} onClose={close} />
      <QuestionsDialog open={open === "questions"} set={set} onClose={close} />
      {open === "remove" && <RemoveSet botId={botId} set={set} onClose={close} />}
    </>
  );
}

function NoRuns({ set, onRun, onImport }: { set: GoldenSet; onRun: () => void; onImport: () => void }) {
  if (set.questions === 0)
    return (
      <EmptyState
        icon="list"
        title="This set holds no question"
        action={
          <Button icon="upload" onClick={onImport}>
            Import questions
          </Button>
        }
      >
        Rate some answers as good and make a set from them, import a file, or let questions be drafted from documents.
      </EmptyState>
    );
  return (
    <EmptyState
      icon="play"
      title="Not run yet"
      action={
        <Button variant="primary" icon="play" onClick={onRun}>
          Ask {set.questions.toLocaleString()} {set.questions === 1 ? "question" : "questions"}
        </Button>
      }
    >
      The first run is what later ones are compared with.
    </EmptyState>
  );
}

function RemoveSet({ botId, set, onClose }: { botId: string; set: GoldenSet; onClose: () => void }) {
  const remove = useRemoveSet(botId);
  return (
    <ConfirmDialog
      title={`Remove ${set.name}?`}
      action="Remove"
      icon="trash"
      danger
      busy={remove.isPending}
      onConfirm={() =>
        remove.mutate(set.id, { onSuccess: onClose, onError: (error) => toast(inWords(error), "bad") })
      }
      onClose={onClose}
    >
      {`Its ${set.questions.toLocaleString()} questions and all runs over them are removed with it.`}
    </ConfirmDialog>
  );
}
