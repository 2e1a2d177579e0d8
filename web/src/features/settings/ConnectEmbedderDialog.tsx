import { useState, type FormEvent } from "react";
import { inWords } from "@/api/errors";
import { useConnectEmbedder, useTestEmbedder } from "@/api/queries/embedders";
import type { EmbedderDraft } from "@/api/types";
import { Button, Dialog, FieldError, SelectField, TextField } from "@/ui";
import { addressProblem } from "./presets";

type Kind = EmbedderDraft["kind"];
type Provider = { kind: Kind; label: string; example: string; address: string | null; key: boolean };

/** `address`: what to begin with, null where the provider's own is known to the server. */
const providers: readonly [Provider, ...Provider[]] = [
  { kind: "openai", label: "OpenAI", example: "text-embedding-3-small", address: null, key: true },
  { kind: "gemini", label: "Gemini", example: "gemini-embedding-001", address: null, key: true },
  { kind: "mistral", label: "Mistral", example: "mistral-embed", address: null, key: true },
  { kind: "voyage", label: "Voyage", example: "voyage-3.5", address: null, key: true },
  { kind: "cohere", label: "Cohere", example: "embed-v4.0", address: null, key: true },
  {
    kind: "compatible",
    label: "Ollama, vLLM or another server like OpenAI's",
    example: "nomic-embed-text",
    address: "http://127.0.0.1:11434/v1",
    key: true,
  },
  {
    kind: "sentence-transformers",
    label: "sentence-transformers, installed where Parley runs",
    example: "intfloat/multilingual-e5-base",
    address: null,
    key: false,
  },
];

type Entry = { name: string; model: string; baseUrl: string; key: string };

const entryOf = (provider: Provider): Entry => ({
  name: provider.label.split(/[ ,]/u)[0] ?? "",
  model: "",
  baseUrl: provider.address ?? "",
  key: "",
});

/** Connects an embedder and calls it once to see that it answers. */
export function ConnectEmbedderDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} title="Connect an embedder" size="wide" onClose={onClose}>
      <ConnectForm onClose={onClose} />
    </Dialog>
  );
}

function ConnectForm({ onClose }: { onClose: () => void }) {
  const [provider, setProvider] = useState(providers[0]);
  const [entry, setEntry] = useState(() => entryOf(providers[0]));
  const [tried, setTried] = useState(false);
  const connect = useConnectEmbedder();
  const test = useTestEmbedder();
  const set = (change: Partial<Entry>) => setEntry((known) => ({ ...known, ...change }));
  const problems = problemsOf(provider, entry);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.values(problems).some(Boolean)) return;
    connect.mutate(draftOf(provider, entry), {
      onSuccess: (made) => {
        onClose();
        test.mutate(made.id);
      },
    });
  };
  return (
    <form className="stack model-form" onSubmit={submit} noValidate>
      <SelectField
        label="Provider"
        value={provider.kind}
        onChange={(event) => {
          const next = providers.find((known) => known.kind === event.target.value) ?? providers[0];
          setProvider(next);
          setEntry({ ...entryOf(next), key: entry.key });
        }}
      >
        {providers.map(({ kind, label }) => (
          <option key={kind} value={kind}>
            {label}
          </option>
        ))}
      </SelectField>
      <div className="pair">
        <TextField
          label="Model"
          placeholder={provider.example}
          spellCheck={false}
          value={entry.model}
          hint="As the provider writes it."
          error={tried ? problems.model : null}
          onChange={(event) => set({ model: event.target.value })}
        />
        <TextField
          label="Name"
          value={entry.name}
          hint="How you call it."
          error={tried ? problems.name : null}
          onChange={(event) => set({ name: event.target.value })}
        />
      </div>
      {provider.address !== null && (
        <TextField
          label="Address"
          type="url"
          spellCheck={false}
          value={entry.baseUrl}
          error={tried ? problems.baseUrl : null}
          onChange={(event) => set({ baseUrl: event.target.value })}
        />
      )}
      {provider.key && (
        <TextField
          label="Key"
          type="password"
          autoComplete="new-password"
          spellCheck={false}
          placeholder={provider.address === null ? "Paste it here" : "Leave empty if it needs none"}
          hint="Kept encrypted on this machine and never shown again."
          error={tried ? problems.key : null}
          value={entry.key}
          onChange={(event) => set({ key: event.target.value })}
        />
      )}
      {connect.error && <FieldError>{inWords(connect.error)}</FieldError>}
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={connect.isPending}>
          Connect and test
        </Button>
      </div>
    </form>
  );
}

type Problems = Record<"name" | "model" | "baseUrl" | "key", string | null>;

function problemsOf(provider: Provider, entry: Entry): Problems {
  const keyNeeded = provider.key && provider.address === null;
  return {
    name: entry.name.trim() ? null : "Give it a name.",
    model: entry.model.trim() ? null : "Write which model to call.",
    baseUrl: provider.address === null ? null : addressProblem(entry.baseUrl),
    key: keyNeeded && !entry.key.trim() ? "Paste the key." : null,
  };
}

function draftOf(provider: Provider, entry: Entry): EmbedderDraft {
  return {
    name: entry.name.trim(),
    kind: provider.kind,
    model: entry.model.trim(),
    base_url: provider.address === null ? null : entry.baseUrl.trim(),
    key: provider.key && entry.key.trim() ? entry.key.trim() : null,
    key_env: null,
  };
}
