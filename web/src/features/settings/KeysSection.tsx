import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { inWords } from "@/api/errors";
import { get, post, remove } from "@/api/http";
import type { Page } from "@/api/types";
import { Button, ConfirmDialog, Dialog, EmptyState, Icon, TextField, toast } from "@/ui";
import { agoWords } from "../sources/words";

type ApiKey = { id: string; name: string; hint: string; created_at: string; last_used_at: string | null };
type NewKey = ApiKey & { key: string };

const queryKey = ["keys"];

function useKeys() {
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => (await get<Page<ApiKey>>("/keys", { limit: 100 }, signal)).items,
  });
}

function useKeyMutation<Input, Output>(mutationFn: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({ mutationFn, onSuccess: () => client.invalidateQueries({ queryKey }) });
}

/** Keys with which programs use the API. */
export function KeysSection() {
  const list = useKeys();
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  return (
    <section className="sec" aria-labelledby="keys-title">
      <div className="sec-head">
        <div>
          <h1 id="keys-title">API keys</h1>
          <p>
            Programs use them to add sources, search and ask. What they can call is described at{" "}
            <a className="link" href="/api/docs" target="_blank" rel="noreferrer">
              /api/docs
            </a>
            .
          </p>
        </div>
        <Button variant="primary" icon="plus" onClick={() => setMaking(true)}>
          Create a key
        </Button>
      </div>
      {list.error && !list.data && <EmptyState icon="alert" title="The keys could not be loaded">{inWords(list.error)}</EmptyState>}
      {list.data?.length === 0 && (
        <div className="card">
          <EmptyState icon="key" title="No keys yet">
            The command line and this page need none. Create one for a program of your own.
          </EmptyState>
        </div>
      )}
      {list.data && list.data.length > 0 && (
        <ul className="order" aria-label="API keys">
          {list.data.map((key) => (
            <li key={key.id} className="model">
              <span className="kind">
                <Icon name="key" />
              </span>
              <div className="model-words">
                <p className="model-name">
                  {key.name} <code>…{key.hint}</code>
                </p>
                <p className="model-health">
                  Created {agoWords(key.created_at)}, {key.last_used_at ? `last used ${agoWords(key.last_used_at)}` : "never used"}
                </p>
              </div>
              <div className="model-tools">
                <Button size="sm" variant="danger" onClick={() => setRevoking(key)} aria-label={`Revoke ${key.name}`}>
                  Revoke
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
      <Dialog open={making} title="Create an API key" onClose={() => setMaking(false)}>
        <CreateKey onClose={() => setMaking(false)} />
      </Dialog>
      {revoking && <RevokeDialog apiKey={revoking} onClose={() => setRevoking(null)} />}
    </section>
  );
}

function CreateKey({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const create = useKeyMutation((wanted: string) => post<NewKey>("/keys", { name: wanted }));
  if (create.data) return <ShownOnce made={create.data} onClose={onClose} />;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate(name.trim());
      }}
    >
      <TextField
        label="Name"
        placeholder="Nightly import"
        hint="What it is for, so that you know later which one to revoke."
        required
        autoFocus
        maxLength={200}
        value={name}
        error={create.error ? inWords(create.error) : null}
        onChange={(event) => setName(event.target.value)}
      />
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={create.isPending} disabled={!name.trim()}>
          Create
        </Button>
      </div>
    </form>
  );
}

function ShownOnce({ made, onClose }: { made: NewKey; onClose: () => void }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(made.key);
      setCopied(true);
    } catch {
      toast("The browser did not allow copying. Select the key and copy it yourself.", "bad");
    }
  };
  return (
    <div className="stack">
      <p>This is the only time it is shown. Copy it to where it is needed now.</p>
      <p className="secret">
        <code>{made.key}</code>
      </p>
      <p className="sr" role="status">
        {copied ? "Copied" : ""}
      </p>
      <div className="dialog-actions">
        <Button icon={copied ? "check" : "copy"} autoFocus onClick={() => void copy()}>
          {copied ? "Copied" : "Copy"}
        </Button>
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  );
}

function RevokeDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const revoke = useKeyMutation((id: string) => remove(`/keys/${id}`));
  return (
    <ConfirmDialog
      danger
      title={`Revoke ${apiKey.name}?`}
      action="Revoke key"
      busy={revoke.isPending}
      error={revoke.error && inWords(revoke.error)}
      onConfirm={() => revoke.mutate(apiKey.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      Programs that use it are refused at once. This cannot be undone.
    </ConfirmDialog>
  );
}
