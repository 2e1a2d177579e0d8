import { createRootRoute, createRoute, createRouter, redirect, useParams, useSearch } from "@tanstack/react-router";
import { lazy } from "react";
import { botsQuery } from "@/api/queries/bots";
import type { Bot } from "@/api/types";
import { AppFrame } from "@/features/shell/AppFrame";
import { LoadingScreen, NotFoundScreen, RouteError } from "@/features/shell/RouteStates";
import { readSourceSearch } from "@/features/sources/useChosenFile";
import { lastBotId } from "./lastBot";
import { queryClient } from "./query";

const loadChats = async () => ({ default: (await import("@/features/chat/ChatsScreen")).ChatsScreen });
// The usual way in: its code need not wait until the bots are known.
if (/^\/(?:$|chats)/u.test(window.location.pathname)) void loadChats();
const ChatsScreen = lazy(loadChats);
const SourcesScreen = lazy(async () => ({ default: (await import("@/features/sources/SourcesScreen")).SourcesScreen }));
const WelcomeScreen = lazy(async () => ({ default: (await import("@/features/welcome/WelcomeScreen")).WelcomeScreen }));
const SharedScreen = lazy(async () => ({ default: (await import("@/features/shared/SharedScreen")).SharedScreen }));
const InsightScreen = lazy(async () => ({ default: (await import("@/features/insight/InsightScreen")).InsightScreen }));
const SettingsScreen = lazy(async () => ({
  default: (await import("@/features/settings/SettingsScreen")).SettingsScreen,
}));

const rootRoute = createRootRoute({
  component: AppFrame,
  notFoundComponent: NotFoundScreen,
  errorComponent: RouteError,
});

/** The bot that was open last; none: the welcome comes first. */
async function lastBot(): Promise<Bot> {
  const bots = await queryClient.ensureQueryData(botsQuery);
  const last = lastBotId();
  const bot = bots.find((known) => known.id === last) ?? bots[0];
  if (!bot) throw redirect({ to: "/welcome", replace: true });
  return bot;
}

async function goHome(): Promise<never> {
  await lastBot();
  throw redirect({ to: "/chats", replace: true });
}

/** Where list and chat stand side by side, one chat is always open. */
async function goToChat(): Promise<void> {
  const { id: botId } = await lastBot();
  if (!isNarrow()) throw redirect({ to: "/chats/$botId", params: { botId }, replace: true });
}

async function goToSources(): Promise<never> {
  const { id: botId } = await lastBot();
  throw redirect({ to: "/sources/$botId", params: { botId }, replace: true });
}

async function goToInsight(): Promise<never> {
  const { id: botId } = await lastBot();
  throw redirect({ to: "/insight/$botId/$view", params: { botId, view: "gaps" }, replace: true });
}

const isNarrow = () => window.matchMedia("(max-width: 58em)").matches;

const homeRoute = createRoute({ getParentRoute: () => rootRoute, path: "/", loader: goHome });
const welcomeRoute = createRoute({ getParentRoute: () => rootRoute, path: "/welcome", component: WelcomeScreen });
const chatsRoute = createRoute({ getParentRoute: () => rootRoute, path: "/chats", loader: goToChat, component: Chats });
const chatRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/chats/$botId",
  // Absent: the conversation that was written to last; "new": one that its first message will begin.
  validateSearch: (search: Record<string, unknown>): { conversation?: string } =>
    typeof search.conversation === "string" ? { conversation: search.conversation } : {},
  component: Chats,
});
const sourcesHomeRoute = createRoute({ getParentRoute: () => rootRoute, path: "/sources", loader: goToSources });
const sourcesRoute = createRoute({ getParentRoute: () => rootRoute, path: "/sources/$botId", component: Sources });
const sourceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sources/$botId/$sourceId",
  validateSearch: readSourceSearch,
  component: Sources,
});
const insightHomeRoute = createRoute({ getParentRoute: () => rootRoute, path: "/insight", loader: goToInsight });
const insightRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/insight/$botId/$view",
  component: Insight,
});
const sharedRoute = createRoute({ getParentRoute: () => rootRoute, path: "/shared/$shareId", component: Shared });
const settingsRoute = createRoute({ getParentRoute: () => rootRoute, path: "/settings", component: SettingsScreen });

function Chats() {
  const { botId } = useParams({ strict: false });
  const { conversation } = useSearch({ strict: false });
  return <ChatsScreen botId={botId} conversationId={conversation} />;
}

function Insight() {
  const { botId = "", view } = useParams({ strict: false });
  return <InsightScreen botId={botId} view={view === "evaluation" ? view : "gaps"} />;
}

function Shared() {
  const { shareId = "" } = useParams({ strict: false });
  return <SharedScreen shareId={shareId} />;
}

function Sources() {
  const { botId = "", sourceId } = useParams({ strict: false });
  return <SourcesScreen botId={botId} sourceId={sourceId} />;
}

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    homeRoute,
    welcomeRoute,
    chatsRoute,
    chatRoute,
    sourcesHomeRoute,
    sourcesRoute,
    sourceRoute,
    insightHomeRoute,
    insightRoute,
    sharedRoute,
    settingsRoute,
  ]),
  defaultPendingComponent: LoadingScreen,
  defaultErrorComponent: RouteError,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
