import { useNavigate } from "@tanstack/react-router";
import { inWords } from "@/api/errors";
import { useBots, useCreateBot } from "@/api/queries/bots";
import { Avatar, FieldError, Icon, Spinner } from "@/ui";
import { draftOf, starters, type Starter } from "./starters";
import "./welcome.css";

/** The first thing that a new owner sees: what this is for, and four ways to begin. */
export function WelcomeScreen() {
  const navigate = useNavigate();
  const { data: bots = [] } = useBots();
  const create = useCreateBot();
  const begin = (starter: Starter) =>
    create.mutate(draftOf(starter, bots), {
      onSuccess: (bot) => void navigate({ to: "/chats/$botId", params: { botId: bot.id } }),
    });
  return (
    <div className="wel-app">
      <div className="list-pane" aria-hidden="true">
        <div className="list-top">
          <div className="row">
            <span className="pane-title">Chats</span>
          </div>
        </div>
        <Ghosts />
      </div>
      <main className="stage scroll" tabIndex={-1}>
        <div className="hero">
          <Idea />
          <div>
            <h1>Talk to your documents. See where it says so.</h1>
            <p className="lead">
              A bot reads what you give it and answers in a chat. Every sentence is checked, and one click opens the
              page it came from.
            </p>
          </div>
          <div className="templates" role="group" aria-label="Ways to begin">
            {starters.map((starter) => (
              <button
                key={starter.title}
                type="button"
                className="tpl"
                disabled={create.isPending}
                onClick={() => begin(starter)}
              >
                <Avatar name={starter.name} look={{ ...starter.look, icon: starter.face ?? starter.look.icon }} />
                <span className="grow">
                  <b>{starter.title}</b>
                  <small>{starter.hint}</small>
                </span>
                {create.isPending && create.variables.avatar === starter.look && <Spinner />}
              </button>
            ))}
          </div>
          {create.error && <FieldError>{inWords(create.error)}</FieldError>}
          <p className="offline">
            <Icon name="offline" />
            <span>Everything here works without an account, a key or a network.</span>
          </p>
        </div>
      </main>
    </div>
  );
}

function Ghosts() {
  const rows = [
    { opacity: 1, first: "62%", second: "84%" },
    { opacity: 0.6, first: "48%", second: "72%" },
    { opacity: 0.3, first: "56%", second: "78%" },
  ];
  return rows.map(({ opacity, first, second }) => (
    <div key={first} className="ghost" style={{ opacity }}>
      <i />
      <span>
        <i style={{ inlineSize: first }} />
        <i style={{ inlineSize: second }} />
      </span>
    </div>
  ));
}

/** A picture of the idea: an answer, and the line it came from. */
function Idea() {
  return (
    <div className="idea" aria-hidden="true">
      <div className="idea-answer">
        Bolts are checked again 24 hours after <span className="nb">grouting.<b>1</b></span>
      </div>
      <div className="idea-sheet">
        <i />
        <i style={{ inlineSize: "80%" }} />
        <span>
          <mark>Each bolt shall be re-checked 24 hours after grouting</mark>
        </span>
        <i style={{ inlineSize: "92%" }} />
        <i style={{ inlineSize: "60%" }} />
      </div>
    </div>
  );
}
