import { useState, type FormEvent } from "react";
import { inWords } from "@/api/errors";
import { usePauseSource, useUpdateSource } from "@/api/queries/sources";
import type { Source } from "@/api/types";
import { Button, Dialog, FieldError, Icon, Switch, toast } from "@/ui";
import { momentWords } from "../../document/versions/words";
import { agoWords, aheadWords } from "../words";
import { isComplete, readSchedule, scheduleWords, writeSchedule } from "./schedule";
import { ScheduleFields } from "./ScheduleFields";
import { lookWords, upkeepWords } from "./words";

const complain = { onError: (error: unknown) => toast(inWords(error), "bad") };

/** How a source is kept current: watched, looked at on a schedule, or left alone; and how the last look ended. */
export function Upkeep({ source }: { source: Source }) {
  const [changing, setChanging] = useState(false);
  const update = useUpdateSource();
  const pause = usePauseSource();
  const { last_sync: last, next_sync_at: next, watch, paused } = source;
  return (
    <div className="opt">
      <div className="opt-words">
        <h2>Kept current</h2>
        <p>{upkeepWords(source)}</p>
        {next && !paused && (
          <p className="num">
            Next look {aheadWords(next)}, {momentWords(next)}
          </p>
        )}
        {last && (
          <p className="num" data-tone={last.result === "ok" ? undefined : "warn"}>
            Last look {agoWords(last.at)}: {lookWords(last)}
          </p>
        )}
        {source.note && <p>{source.note}</p>}
      </div>
      <div className="opt-tools">
        {watch && (
          <Switch
            label="Watch"
            checked={watch.mode !== "off"}
            disabled={update.isPending}
            onChange={(on) => update.mutate({ id: source.id, watch: on ? "auto" : "off" }, complain)}
          />
        )}
        <Button size="sm" icon="clock" onClick={() => setChanging(true)}>
          Schedule
        </Button>
        <Button
          size="sm"
          icon={paused ? "play" : "pause"}
          busy={pause.isPending}
          onClick={() => pause.mutate({ id: source.id, paused: !paused }, complain)}
        >
          {paused ? "Resume" : "Pause"}
        </Button>
      </div>
      <Dialog open={changing} title={`When to look at ${source.name} again`} onClose={() => setChanging(false)}>
        <ScheduleForm source={source} onClose={() => setChanging(false)} />
      </Dialog>
    </div>
  );
}

function ScheduleForm({ source, onClose }: { source: Source; onClose: () => void }) {
  const [choice, setChoice] = useState(() => readSchedule(source.schedule));
  const update = useUpdateSource();
  const error = update.error && inWords(update.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    update.mutate(
      { id: source.id, schedule: writeSchedule(choice) },
      {
        onSuccess: ({ schedule, next_sync_at: next }) => {
          onClose();
          toast(next ? `${scheduleWords(schedule)}, next ${momentWords(next)}` : "Looked at only when asked");
        },
      },
    );
  };
  return (
    <form className="stack" onSubmit={submit}>
      <ScheduleFields value={choice} error={error} onChange={setChoice} />
      {error && choice.kind !== "cron" && <FieldError>{error}</FieldError>}
      <p className="hint">
        <Icon name="clock" size="sm" /> Times are those of the machine that Parley runs on. Only what has changed is read.
      </p>
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={update.isPending} disabled={!isComplete(choice)}>
          Save
        </Button>
      </div>
    </form>
  );
}
