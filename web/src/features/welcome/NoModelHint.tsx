import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Icon, IconButton } from "@/ui";
import "./welcome.css";

const KEY = "parley-no-model-hint";

function wasClosed(): boolean {
  try {
    return localStorage.getItem(KEY) === "closed";
  } catch {
    return false;
  }
}

/** Said under a quoted answer, until it is closed: a model would write the answer in full sentences. */
export function NoModelHint() {
  const [closed, setClosed] = useState(wasClosed);
  if (closed) return null;
  const close = () => {
    setClosed(true);
    try {
      localStorage.setItem(KEY, "closed");
    } catch {
      // Storage may be closed to us; the hint then comes back with the page.
    }
  };
  return (
    <aside className="connect" aria-label="Connect a model">
      <span className="kind">
        <Icon name="cpu" />
      </span>
      <div>
        <b>Want answers in full sentences?</b>
        <p>Connect a model. Quotes, checks and search stay as they are.</p>
      </div>
      <Link className="btn" to="/settings" hash="models">
        Connect a model
      </Link>
      <IconButton icon="close" size="sm" label="Close this hint" onClick={close} />
    </aside>
  );
}
