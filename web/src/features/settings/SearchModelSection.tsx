import { useState } from "react";
import { inWords } from "@/api/errors";
import {
  useActivateGeneration,
  useCancelGeneration,
  useDeleteEmbedder,
  useEmbedders,
  useEstimate,
  useGenerations,
  useStartGeneration,
  useTestEmbedder,
} from "@/api/queries/embedders";
import type { Embedder, Generation } from "@/api/types";
import { Button, ConfirmDialog, EmptyState, FieldError, Icon, IconButton, Menu, Progress, Spinner, toast } from "@/ui";
import { agoWords } from "../sources/words";
import { ConnectEmbedderDialog } from "./ConnectEmbedderDialog";
import { costWords, estimateWords, kindWords, nameOf, standingOf, type Standing } from "./estimates";
import { healthOf } from "./presets";

/** What search goes by: current, what it is being changed to, and what else there is. */
export function SearchModelSection() {
  const embedders = useEmbedders();
  const generations = useGenerations();
  const [connecting, setConnecting] = useState(false);
  const [wanted, setWanted] = useState<Embedder | null>(null);
  const error = embedders.error ?? generations.error;
  const known = embedders.data ?? [];
  const standing = standingOf(generations.data ?? []);
  return (
    <section className="sec" aria-labelledby="search-model-title">
      <div className="sec-head">
        <div>
          <h1 id="search-model-title">Search model</h1>
          <p>Finds passages that mean what you ask, beside those that say it. Changing it never interrupts search.</p>
        </div>
        <Button variant="primary" icon="plus" onClick={() => setConnecting(true)}>
          Connect an embedder
        </Button>
      </div>
      {error && generations.data === undefined ? (
        <EmptyState icon="alert" title="The search models could not be loaded">
          {inWords(error)}
        </EmptyState>
      ) : (
        <>
          {standing.active && <Current standing={standing} embedders={known} />}
          <ul className="order" aria-label="Embedders">
            {known.map((embedder) => (
              <EmbedderRow
                key={embedder.id}
                embedder={embedder}
                current={embedder.id === standing.active?.embedder}
                busy={standing.building !== null}
                onChoose={() => setWanted(embedder)}
              />
            ))}
          </ul>
        </>
      )}
      <ConnectEmbedderDialog open={connecting} onClose={() => setConnecting(false)} />
      {wanted && <ChangeDialog embedder={wanted} onClose={() => setWanted(null)} />}
    </section>
  );
}

function Current({ standing, embedders }: { standing: Standing; embedders: readonly Embedder[] }) {
  const { active, building, before, failed } = standing;
  const back = useActivateGeneration();
  if (!active) return null;
  return (
    <div className="card card-pad search-now">
      <div className="search-now-head">
        <div>
          <h2 className="h3">Search goes by {nameOf(active, embedders)}</h2>
          <p className="hint">
            {active.total} passages, {active.dim} dimensions
            {active.tokens > 0 && `, ${active.tokens.toLocaleString("en")} tokens so far, ${costWords(active.cost_usd)}`}
          </p>
        </div>
        {before && !building && (
          <Button
            size="sm"
            busy={back.isPending}
            onClick={() => back.mutate(before.id, { onError: (problem) => toast(inWords(problem), "bad") })}
          >
            Go back to {nameOf(before, embedders)}
          </Button>
        )}
      </div>
      {building && <Building generation={building} name={nameOf(building, embedders)} />}
      {failed && !building && <Failed generation={failed} name={nameOf(failed, embedders)} />}
    </div>
  );
}

function Building({ generation, name }: { generation: Generation; name: string }) {
  const cancel = useCancelGeneration();
  return (
    <div className="search-change">
      <div className="search-change-words">
        <p role="status">
          <Spinner /> Changing to {name}: {generation.done} of {generation.total} passages
        </p>
        <Button
          size="sm"
          busy={cancel.isPending}
          onClick={() => cancel.mutate(generation.id, { onError: (problem) => toast(inWords(problem), "bad") })}
        >
          Cancel
        </Button>
      </div>
      <Progress done={generation.done} total={generation.total} label={`Changing to ${name}`} />
      {generation.error && (
        <p className="hint" role="alert">
          Waiting: {generation.error.message}
        </p>
      )}
    </div>
  );
}

function Failed({ generation, name }: { generation: Generation; name: string }) {
  const again = useActivateGeneration();
  return (
    <div className="search-change search-change-words">
      <FieldError>
        Changing to {name} failed: {generation.error?.message}
      </FieldError>
      <Button
        size="sm"
        busy={again.isPending}
        onClick={() => again.mutate(generation.id, { onError: (problem) => toast(inWords(problem), "bad") })}
      >
        Try again
      </Button>
    </div>
  );
}

type EmbedderRowProps = { embedder: Embedder; current: boolean; busy: boolean; onChoose: () => void };

function EmbedderRow({ embedder, current, busy, onChoose }: EmbedderRowProps) {
  const test = useTestEmbedder();
  const remove = useDeleteEmbedder();
  const connected = embedder.kind !== "static" && embedder.kind !== "local";
  const health = healthOf(embedder.last_test, agoWords);
  const name = embedder.kind === "static" ? "Built-in vectors" : embedder.name;
  return (
    <li className={connected ? "model" : "model model-fixed"}>
      <span className="kind" aria-hidden="true">
        <Icon name={connected ? "globe" : "cpu"} />
      </span>
      <div className="model-words">
        <p className="model-name">
          {name} {embedder.model && <code>{embedder.model}</code>}
        </p>
        {connected ? (
          <p className="model-health" data-tone={health.tone} role="status">
            {test.isPending ? <Spinner /> : <i className="dot" />}
            {test.isPending ? "Asking it for a vector" : test.error ? inWords(test.error) : health.words}
          </p>
        ) : (
          <p className="model-health">{kindWords(embedder.kind)}</p>
        )}
        {connected && (
          <p className="model-at clip">
            {kindWords(embedder.kind)}
            {embedder.dim ? `, ${embedder.dim} dimensions` : ""}
            {embedder.usd_per_million_tokens === null ? "" : `, $${embedder.usd_per_million_tokens} a million tokens`}
          </p>
        )}
      </div>
      <div className="model-tools">
        {current ? (
          <span className="hint">In use</span>
        ) : (
          <Button size="sm" disabled={busy} onClick={onChoose} aria-label={`Search by ${name}`}>
            Search by it
          </Button>
        )}
        {connected && (
          <Menu
            trigger={<IconButton icon="more" size="sm" label={`More for ${name}`} />}
            items={[
              { label: "Test", icon: "refresh", onSelect: () => test.mutate(embedder.id) },
              "line",
              {
                label: "Remove",
                icon: "trash",
                danger: true,
                onSelect: () => remove.mutate(embedder.id, { onError: (problem) => toast(inWords(problem), "bad") }),
              },
            ]}
          />
        )}
      </div>
    </li>
  );
}

/** Tells what a change takes, and begins it. */
function ChangeDialog({ embedder, onClose }: { embedder: Embedder; onClose: () => void }) {
  const estimate = useEstimate(embedder.id);
  const start = useStartGeneration();
  const name = embedder.kind === "static" ? "the built-in vectors" : embedder.name;
  const elsewhere = embedder.base_url !== null;
  const problem = estimate.error ?? start.error;
  return (
    <ConfirmDialog
      title={`Search by ${name}?`}
      action="Change"
      busy={start.isPending}
      disabled={!estimate.data}
      error={problem && inWords(problem)}
      onConfirm={() => start.mutate(embedder.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      {estimate.isPending && (
        <p role="status">
          <Spinner /> Working out what it takes
        </p>
      )}
      {estimate.data && <p>{estimateWords(estimate.data)}</p>}
      <p className="hint">
        Search goes on as it is until everything is there, and you can go back.
        {elsewhere && " Every passage of this workspace is sent to that address, and every question from then on."}
      </p>
    </ConfirmDialog>
  );
}
