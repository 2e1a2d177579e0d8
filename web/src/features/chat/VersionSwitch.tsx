import { IconButton } from "@/ui";

type VersionSwitchProps = { at: number; count: number; choose: (at: number) => void };

/** ‹ 2 of 3 ›: which version of a question or an answer is shown. */
export function VersionSwitch({ at, count, choose }: VersionSwitchProps) {
  return (
    <span className="versions">
      <IconButton
        icon="left"
        label="Earlier version"
        size="sm"
        flip
        disabled={at === 0}
        onClick={() => choose(at - 1)}
      />
      <span aria-live="polite">
        {at + 1} of {count}
      </span>
      <IconButton
        icon="right"
        label="Later version"
        size="sm"
        flip
        disabled={at === count - 1}
        onClick={() => choose(at + 1)}
      />
    </span>
  );
}
