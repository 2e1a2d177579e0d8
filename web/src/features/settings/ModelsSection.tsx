import { useState } from "react";
import { inWords } from "@/api/errors";
import { useBots, useUpdateBot } from "@/api/queries/bots";
import { useDeleteModel, useModels, useTestModel } from "@/api/queries/models";
import type { Bot, Model } from "@/api/types";
import { Avatar, Button, ConfirmDialog, EmptyState, Icon, IconButton, Menu, Spinner, toast } from "@/ui";
import { agoWords } from "../sources/words";
import { ModelDialog } from "./ModelDialog";
import { healthOf, isLocal } from "./presets";

type Open = { kind: "add" } | { kind: "edit"; model: Model } | { kind: "remove"; model: Model } | null;

/** The models that can write answers, and which bot uses which. */
export function ModelsSection() {
  const models = useModels();
  const { data: bots = [] } = useBots();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <section className="sec" aria-labelledby="models-title">
      <div className="sec-head">
        <div>
          <h1 id="models-title">Models</h1>
          <p>A model writes answers in full sentences. Each sentence is still checked against your documents.</p>
        </div>
        <Button variant="primary" icon="plus" onClick={() => setOpen({ kind: "add" })}>
          Connect a model
        </Button>
      </div>
      {models.error && !models.data ? (
        <EmptyState icon="alert" title="The models could not be loaded">
          {inWords(models.error)}
        </EmptyState>
      ) : (
        <ul className="order" aria-label="Models">
          {models.data?.map((model) => (
            <ModelRow
              key={model.id}
              model={model}
              bots={bots}
              onEdit={() => setOpen({ kind: "edit", model })}
              onRemove={() => setOpen({ kind: "remove", model })}
            />
          ))}
          <QuotedRow />
        </ul>
      )}
      {bots.length > 0 && <Answerers bots={bots} models={models.data ?? []} />}
      <ModelDialog
        open={open?.kind === "add" || open?.kind === "edit"}
        model={open?.kind === "edit" ? open.model : null}
        bots={bots}
        onClose={close}
      />
      {open?.kind === "remove" && <RemoveModelDialog model={open.model} bots={bots} onClose={close} />}
    </section>
  );
}

type ModelRowProps = { model: Model; bots: readonly Bot[]; onEdit: () => void; onRemove: () => void };

function ModelRow({ model, bots, onEdit, onRemove }: ModelRowProps) {
  const test = useTestModel();
  const health = healthOf(model.last_test, agoWords);
  const using = bots.filter((bot) => bot.model?.id === model.id);
  const refused = health.tone === "bad";
  return (
    <li className="model">
      <span className="kind" aria-hidden="true">
        {isLocal(model.base_url) ? <Icon name="cpu" /> : <b>{[...model.name][0]?.toLocaleUpperCase()}</b>}
      </span>
      <div className="model-words">
        <p className="model-name">
          {model.name} <code>{model.model}</code>
        </p>
        <p className="model-health" data-tone={health.tone} role="status">
          {test.isPending ? <Spinner /> : <i className="dot" />}
          {test.isPending ? "Asking it for an answer" : test.error ? inWords(test.error) : health.words}
        </p>
        <p className="model-at clip" title={model.base_url}>
          {new URL(model.base_url).host}, {keyWords(model)}
          {using.length > 0 && `, used by ${using.map((bot) => bot.name).join(", ")}`}
        </p>
      </div>
      <div className="model-tools">
        {refused && (
          <Button size="sm" onClick={onEdit}>
            Change
          </Button>
        )}
        <Button size="sm" busy={test.isPending} onClick={() => test.mutate(model.id)}>
          Test
        </Button>
        <Menu
          trigger={<IconButton icon="more" size="sm" label={`More for ${model.name}`} />}
          items={[
            { label: "Change", icon: "edit", onSelect: onEdit },
            "line",
            { label: "Remove model", icon: "trash", danger: true, onSelect: onRemove },
          ]}
        />
      </div>
    </li>
  );
}

function keyWords(model: Model): string {
  if (model.key_env) return `key from ${model.key_env}`;
  return model.has_key ? "key stored" : "no key";
}

function QuotedRow() {
  return (
    <li className="model model-fixed">
      <span className="kind">
        <Icon name="quote" />
      </span>
      <div className="model-words">
        <p className="model-name">Quoted answers</p>
        <p className="model-health">Built in. Needs no key and no network, so there is always an answer.</p>
      </div>
    </li>
  );
}

const QUOTED = "";

/** Which model each bot answers with. */
function Answerers({ bots, models }: { bots: readonly Bot[]; models: readonly Model[] }) {
  const update = useUpdateBot();
  return (
    <div className="card card-pad answerers">
      <h2 className="h3">Who answers with what</h2>
      <ul>
        {bots.map((bot) => (
          <li key={bot.id}>
            <Avatar name={bot.name} look={bot.avatar} size="sm" />
            <span className="grow clip">{bot.name}</span>
            <span className="select-wrap">
              <select
                className="field"
                aria-label={`What ${bot.name} answers with`}
                value={bot.model?.id ?? QUOTED}
                onChange={(event) =>
                  update.mutate(
                    { id: bot.id, model_id: event.target.value || null },
                    {
                      onSuccess: (changed) => toast(`${bot.name} now answers with ${changed.model?.name ?? "quotes"}`),
                      onError: (error) => toast(inWords(error), "bad"),
                    },
                  )
                }
              >
                <option value={QUOTED}>Quoted answers</option>
                {models.map((model) => (
                  <option key={model.id} value={model.id}>
                    {model.name}
                  </option>
                ))}
              </select>
              <Icon name="down" />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

type RemoveModelDialogProps = { model: Model; bots: readonly Bot[]; onClose: () => void };

function RemoveModelDialog({ model, bots, onClose }: RemoveModelDialogProps) {
  const remove = useDeleteModel();
  const using = bots.filter((bot) => bot.model?.id === model.id).map((bot) => bot.name);
  return (
    <ConfirmDialog
      danger
      title={`Remove ${model.name}?`}
      action="Remove model"
      icon="trash"
      busy={remove.isPending}
      error={remove.error && inWords(remove.error)}
      onConfirm={() => remove.mutate(model.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>
        {using.length > 0 ? `${using.join(", ")} will answer with quotes again. ` : "No bot uses it. "}
        {model.has_key && "Its stored key is deleted. "}
        Answers that it wrote stay.
      </p>
    </ConfirmDialog>
  );
}
