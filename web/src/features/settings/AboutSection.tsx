import { useMe } from "@/api/queries/bots";
import { Icon } from "@/ui";

export function AboutSection() {
  const { data: me } = useMe();
  return (
    <section className="sec" aria-labelledby="about-title">
      <div className="sec-head">
        <div>
          <h1 id="about-title">About</h1>
          <p>Parley talks to your documents and shows where it says so.</p>
        </div>
      </div>
      <dl className="card facts">
        <div>
          <dt>Version</dt>
          <dd className="num">{me?.version ?? "…"}</dd>
        </div>
        <div>
          <dt>Workspace</dt>
          <dd>{me?.workspace.name ?? "…"}</dd>
        </div>
        <div>
          <dt>Signed in as</dt>
          <dd>{me ? `${me.user.name}, ${me.role}` : "…"}</dd>
        </div>
        <div>
          <dt>Licence</dt>
          <dd>Apache-2.0</dd>
        </div>
      </dl>
      <p className="offline-note">
        <Icon name="lock" />
        <span>
          Documents, chats and indexes lie in one folder on the machine that runs Parley. Nothing is sent anywhere
          unless you connect a model that runs elsewhere.
        </span>
      </p>
    </section>
  );
}
