import { Link, useNavigate } from "@tanstack/react-router";
import { lazy, useEffect } from "react";
import { useBots } from "@/api/queries/bots";
import { rememberBot } from "@/app/lastBot";
import { useTitle } from "@/app/title";
import { Avatar, Icon, type IconName } from "@/ui";
import { GapsPane } from "./GapsPane";
import "./insight.css";

const EvaluationPane = lazy(async () => ({ default: (await import("./EvaluationPane")).EvaluationPane }));

export type InsightView = "gaps" | "evaluation";
type InsightScreenProps = { botId: string; view: InsightView };

const tabs: { view: InsightView; label: string; icon: IconName }[] = [
  { view: "gaps", label: "Gaps", icon: "search" },
  { view: "evaluation", label: "Evaluation", icon: "flask" },
];

/** What a bot could not answer, and how good its answers are. */
export function InsightScreen({ botId, view }: InsightScreenProps) {
  useEffect(() => rememberBot(botId), [botId]);
  useTitle("Insight");
  return (
    <div className="ins-app">
      <header className="pane-head ins-head">
        <h1 className="pane-title">Insight</h1>
        <nav aria-label="Insight" className="ins-tabs">
          {tabs.map((tab) => (
            <Link
              key={tab.view}
              to="/insight/$botId/$view"
              params={{ botId, view: tab.view }}
              aria-current={tab.view === view ? "page" : undefined}
            >
              <Icon name={tab.icon} size="sm" />
              {tab.label}
            </Link>
          ))}
        </nav>
        <BotChoice botId={botId} view={view} />
      </header>
      <main className="ins-main scroll" tabIndex={-1} aria-label={tabs.find((tab) => tab.view === view)?.label}>
        {view === "gaps" ? <GapsPane key={botId} botId={botId} /> : <EvaluationPane key={botId} botId={botId} />}
      </main>
    </div>
  );
}

function BotChoice({ botId, view }: InsightScreenProps) {
  const { data: bots } = useBots();
  const navigate = useNavigate();
  const bot = bots?.find((known) => known.id === botId);
  return (
    <div className="ins-bot">
      {bot && <Avatar name={bot.name} look={bot.avatar} size="sm" />}
      <span className="select-wrap">
        <select
          className="field"
          aria-label="Bot"
          value={botId}
          onChange={(event) =>
            void navigate({ to: "/insight/$botId/$view", params: { botId: event.target.value, view } })
          }
        >
          {bots?.map((known) => (
            <option key={known.id} value={known.id}>
              {known.name}
            </option>
          ))}
        </select>
        <Icon name="down" />
      </span>
    </div>
  );
}
