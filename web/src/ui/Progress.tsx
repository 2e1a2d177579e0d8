type ProgressProps = { done: number; total: number; label: string; thin?: boolean };

/** A bar of `done` out of `total`; the words belong beside it. */
export function Progress({ done, total, label, thin }: ProgressProps) {
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  return (
    <span
      className={thin ? "bar bar-thin" : "bar"}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={Math.min(done, total)}
    >
      <i style={{ inlineSize: `${share * 100}%` }} />
    </span>
  );
}
