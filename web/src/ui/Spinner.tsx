/** Decorative: say in words beside it what is awaited. */
export function Spinner() {
  return <span className="spinner" aria-hidden="true" />;
}
