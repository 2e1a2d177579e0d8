import { useState, type FormEvent } from "react";
import { inWords } from "@/api/errors";
import { useCreateBot, useUpdateBot } from "@/api/queries/bots";
import type { AvatarLook, Bot } from "@/api/types";
import { Avatar, avatarColours, avatarIcons, Button, Dialog, Icon, TextField } from "@/ui";

type BotDialogProps = { open: boolean; bot?: Bot; onClose: () => void; onCreated?: (bot: Bot) => void };

/** Makes a bot, or changes the name and look of one. */
export function BotDialog({ open, bot, onClose, onCreated }: BotDialogProps) {
  return (
    <Dialog open={open} title={bot ? "Name and look" : "New bot"} onClose={onClose}>
      <BotForm bot={bot} onClose={onClose} onCreated={onCreated} />
    </Dialog>
  );
}

function BotForm({ bot, onClose, onCreated }: Omit<BotDialogProps, "open">) {
  const [name, setName] = useState(bot?.name ?? "");
  const [look, setLook] = useState<AvatarLook>(bot?.avatar ?? { icon: "book", colour: "ink" });
  const create = useCreateBot();
  const update = useUpdateBot();
  const { isPending, error } = bot ? update : create;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const draft = { name: name.trim(), avatar: look };
    if (!draft.name) return;
    if (bot) update.mutate({ id: bot.id, ...draft }, { onSuccess: onClose });
    else
      create.mutate(draft, {
        onSuccess: (made) => {
          onClose();
          onCreated?.(made);
        },
      });
  };

  return (
    <form className="stack" onSubmit={submit}>
      <div className="bot-form-top">
        <Avatar name={name || "?"} look={look} size="lg" />
        <div className="grow">
          <TextField
            label="Name"
            placeholder="Project files"
            required
            maxLength={200}
            value={name}
            error={error ? inWords(error) : null}
            hint={bot ? undefined : "What it knows comes next: a folder or some files."}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
      </div>
      <LookPicker look={look} onChange={setLook} />
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="primary" type="submit" busy={isPending} disabled={!name.trim()}>
          {bot ? "Save" : "Make bot"}
        </Button>
      </div>
    </form>
  );
}

function LookPicker({ look, onChange }: { look: AvatarLook; onChange: (look: AvatarLook) => void }) {
  return (
    <>
      <div className="pick" role="group" aria-label="Colour">
        {avatarColours.map((colour) => (
          <button
            key={colour}
            type="button"
            className={`pick-colour av-${colour}`}
            aria-label={colour}
            aria-pressed={colour === look.colour}
            onClick={() => onChange({ ...look, colour })}
          >
            {colour === look.colour && <Icon name="check" size="sm" />}
          </button>
        ))}
      </div>
      <div className="pick" role="group" aria-label="Picture">
        {avatarIcons.map((icon) => (
          <button
            key={icon}
            type="button"
            className="icon-btn"
            aria-label={icon}
            aria-pressed={icon === look.icon}
            onClick={() => onChange({ ...look, icon })}
          >
            <Icon name={icon} />
          </button>
        ))}
      </div>
    </>
  );
}
