import { SelectField, TextField } from "@/ui";
import { DAYS, type ScheduleChoice, type ScheduleKind } from "./schedule";

const KINDS: { value: ScheduleKind; label: string }[] = [
  { value: "never", label: "Only when asked" },
  { value: "hourly", label: "Every hour" },
  { value: "daily", label: "Every day" },
  { value: "weekly", label: "Every week" },
  { value: "cron", label: "By a cron line" },
];

type ScheduleFieldsProps = { value: ScheduleChoice; error?: string | null; onChange: (value: ScheduleChoice) => void };

/** When a source is looked at again, in plain choices or as a cron line. */
export function ScheduleFields({ value, error, onChange }: ScheduleFieldsProps) {
  const change = (part: Partial<ScheduleChoice>) => onChange({ ...value, ...part });
  const timed = value.kind === "daily" || value.kind === "weekly";
  return (
    <>
      <div className="field-pair">
        <SelectField
          label="Look for changes"
          value={value.kind}
          onChange={(event) => change({ kind: event.target.value as ScheduleKind })}
        >
          {KINDS.map(({ value: kind, label }) => (
            <option key={kind} value={kind}>
              {label}
            </option>
          ))}
        </SelectField>
        {value.kind === "weekly" && (
          <SelectField label="On" value={value.day} onChange={(event) => change({ day: event.target.value })}>
            {DAYS.map((name, day) => (
              <option key={name} value={day}>
                {name}
              </option>
            ))}
          </SelectField>
        )}
        {timed && (
          <TextField
            label="At"
            type="time"
            required
            value={value.time}
            onChange={(event) => change({ time: event.target.value })}
          />
        )}
      </div>
      {value.kind === "cron" && (
        <TextField
          label="Cron line"
          spellCheck={false}
          placeholder="0 3 * * 1-5"
          hint="Minute, hour, day of the month, month, day of the week. @daily and the like are understood."
          maxLength={100}
          value={value.line}
          error={error}
          onChange={(event) => change({ line: event.target.value })}
        />
      )}
    </>
  );
}
