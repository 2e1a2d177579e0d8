import { Link } from "@tanstack/react-router";
import { Icon } from "@/ui";
import "./welcome.css";

/** Said under a quoted answer: a model would write the answer in full sentences. */
export function NoModelHint() {
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
    </aside>
  );
}
