import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { inWords } from "@/api/errors";
import { useUpdateBot } from "@/api/queries/bots";
import { useAddModel, useTestModel, useUpdateModel } from "@/api/queries/models";
import { keys } from "@/api/keys";
import type { Bot, Model, ModelDraft } from "@/api/types";
import { Button, Dialog, FieldError, Segmented, TextField, toast } from "@/ui";
import { addressProblem, isLocal, isVariableName, presets, type Preset } from "./presets";

type ModelDialogProps = { open: boolean; model: Model | null; bots: readonly Bot[]; onClose: () => void };

/** Connects a model, or changes one, and calls it once to see that it answers. */
export function ModelDialog({ open, model, bots, onClose }: ModelDialogProps) {
  return (
    <Dialog open={open} title={model ? `Change ${model.name}` : "Connect a model"} size="wide" onClose={onClose}>
      <ModelForm model={model} bots={bots} onClose={onClose} />
    </Dialog>
  );
}

type KeyFrom = "typed" | "variable" | "none";

type Entry = { name: string; baseUrl: string; model: string; keyFrom: KeyFrom; key: string; keyEnv: string };

const first = presets[0] as Preset;

const entryOf = (preset: Preset): Entry => ({
  name: preset.name,
  baseUrl: preset.baseUrl,
  model: "",
  keyFrom: preset.needsKey ? "typed" : "none",
  key: "",
  keyEnv: preset.keyEnv,
});

const entryFrom = (model: Model): Entry => ({
  name: model.name,
  baseUrl: model.base_url,
  model: model.model,
  keyFrom: model.key_env ? "variable" : model.has_key ? "typed" : "none",
  key: "",
  keyEnv: model.key_env ?? "",
});

type ModelFormProps = Omit<ModelDialogProps, "open">;

function ModelForm({ model, bots, onClose }: ModelFormProps) {
  const [preset, setPreset] = useState(first);
  const [entry, setEntry] = useState<Entry>(() => (model ? entryFrom(model) : entryOf(first)));
  const unused = !model || bots.every((bot) => bot.model?.id !== model.id);
  const quoting = unused ? bots.filter((bot) => !bot.model) : [];
  const [useIt, setUseIt] = useState(true);
  const [tried, setTried] = useState(false);
  const save = useSave(model, useIt ? quoting : []);
  const set = (change: Partial<Entry>) => setEntry((known) => ({ ...known, ...change }));
  const problems = problemsOf(entry, model);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.values(problems).every((problem) => !problem)) save.run(draftOf(entry, model), onClose);
  };
  return (
    <form className="stack model-form" onSubmit={submit} noValidate>
      {!model && (
        <div>
          <Segmented
            label="Provider"
            options={presets.map(({ id, label }) => ({ value: id, label }))}
            value={preset.id}
            onChange={(id) => {
              const next = presets.find((known) => known.id === id) ?? first;
              setPreset(next);
              setEntry({ ...entryOf(next), key: entry.key });
            }}
          />
          <p className="hint field-note">{preset.hint}</p>
        </div>
      )}
      <div className="pair">
        <TextField
          label="Model"
          placeholder={preset.modelExample}
          spellCheck={false}
          autoFocus
          value={entry.model}
          hint="As the provider writes it."
          error={tried ? problems.model : null}
          onChange={(event) => set({ model: event.target.value })}
        />
        <TextField
          label="Name"
          placeholder="How you call it"
          value={entry.name}
          hint="Shown under its answers."
          error={tried ? problems.name : null}
          onChange={(event) => set({ name: event.target.value })}
        />
      </div>
      <TextField
        label="Address"
        type="url"
        placeholder="https://models.example/v1"
        spellCheck={false}
        value={entry.baseUrl}
        error={tried ? problems.baseUrl : null}
        hint={isLocal(entry.baseUrl) ? "On this machine: questions and passages do not leave it." : "Questions and the passages found for them are sent there."}
        onChange={(event) => set({ baseUrl: event.target.value })}
      />
      <KeyFields entry={entry} stored={Boolean(model?.has_key)} problem={tried ? problems.key : null} set={set} />
      {quoting.length > 0 && (
        <label className="tick">
          <input type="checkbox" checked={useIt} onChange={(event) => setUseIt(event.target.checked)} />
          <span>
            Answer with it once it has answered the test
            <small>{quoting.map((bot) => bot.name).join(", ")}</small>
          </span>
        </label>
      )}
      {save.error && <FieldError>{save.error}</FieldError>}
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={save.busy}>
          {model ? "Save and test" : "Connect and test"}
        </Button>
      </div>
    </form>
  );
}

type KeyFieldsProps = { entry: Entry; stored: boolean; problem: string | null; set: (change: Partial<Entry>) => void };

function KeyFields({ entry, stored, problem, set }: KeyFieldsProps) {
  return (
    <div className="stack">
      <Segmented
        label="Where the key comes from"
        options={[
          { value: "typed", label: "Key" },
          { value: "variable", label: "Environment variable" },
          { value: "none", label: "No key" },
        ]}
        value={entry.keyFrom}
        onChange={(keyFrom) => set({ keyFrom })}
      />
      {entry.keyFrom === "typed" && (
        <TextField
          label="Key"
          type="password"
          autoComplete="new-password"
          spellCheck={false}
          placeholder={stored ? "Stored. Leave empty to keep it" : "Paste it here"}
          hint="Kept encrypted on this machine and never shown again."
          error={problem}
          value={entry.key}
          onChange={(event) => set({ key: event.target.value })}
        />
      )}
      {entry.keyFrom === "variable" && (
        <TextField
          label="Environment variable"
          spellCheck={false}
          placeholder="OPENAI_API_KEY"
          hint="Read where Parley runs, each time the model is called."
          error={problem}
          value={entry.keyEnv}
          onChange={(event) => set({ keyEnv: event.target.value })}
        />
      )}
    </div>
  );
}

type Problems = Record<"name" | "baseUrl" | "model" | "key", string | null>;

function problemsOf(entry: Entry, model: Model | null): Problems {
  return {
    name: entry.name.trim() ? null : "Give it a name.",
    baseUrl: addressProblem(entry.baseUrl),
    model: entry.model.trim() ? null : "Write which model to call.",
    key: keyProblem(entry, model),
  };
}

function keyProblem(entry: Entry, model: Model | null): string | null {
  if (entry.keyFrom === "variable")
    return isVariableName(entry.keyEnv.trim()) ? null : "Write the variable's name, such as OPENAI_API_KEY.";
  if (entry.keyFrom === "none" || entry.key.trim()) return null;
  // A key belongs to an address: with another one the stored key is not sent.
  const kept = model?.has_key && model.base_url === entry.baseUrl.trim();
  return kept ? null : "Paste the key, or choose that there is none.";
}

function draftOf(entry: Entry, model: Model | null): ModelDraft {
  const draft: ModelDraft = {
    name: entry.name.trim(),
    kind: "openai",
    base_url: entry.baseUrl.trim(),
    model: entry.model.trim(),
    key_env: entry.keyFrom === "variable" ? entry.keyEnv.trim() : null,
  };
  const keeps = model?.has_key && entry.keyFrom === "typed" && !entry.key.trim();
  return keeps ? draft : { ...draft, key: entry.keyFrom === "typed" ? entry.key.trim() : null };
}

/** Saves, calls the model once, and hands it to the bots that should use it; how the call went, the list shows. */
function useSave(model: Model | null, bots: readonly Bot[]) {
  const client = useQueryClient();
  const add = useAddModel();
  const update = useUpdateModel();
  const updateBot = useUpdateBot();
  const test = useTestModel();
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const run = async (draft: ModelDraft, onSaved: () => void) => {
    setBusy(true);
    setProblem(null);
    try {
      const { kind: _kind, ...change } = draft;
      const saved = model ? await update.mutateAsync({ id: model.id, ...change }) : await add.mutateAsync(draft);
      const result = await test.mutateAsync(saved.id).catch(() => null);
      // A model that does not answer would take the place of quotes that do.
      if (result?.ok) for (const bot of bots) await updateBot.mutateAsync({ id: bot.id, model_id: saved.id });
      void client.invalidateQueries({ queryKey: keys.models });
      if (result?.ok) toast(`${saved.name} answers`);
      onSaved();
    } catch (error) {
      setProblem(inWords(error));
    } finally {
      setBusy(false);
    }
  };
  return { run, busy, error: problem };
}
