import { createRootRoute, createRoute, createRouter, redirect, useParams, useSearch } from "@tanstack/react-router";
import { lazy } from "react";
import { botsQuery } from "@/api/queries/bots";
import { AppFrame } from "@/features/shell/AppFrame";
import { LoadingScreen, NotFoundScreen, RouteError } from "@/features/shell/RouteStates";
import { lastBotId } from "./lastBot";
import { queryClient } from "./query";

const ChatsScreen = lazy(async () => ({ default: (await import("@/features/chat/ChatsScreen")).ChatsScreen }));
const SourcesScreen = lazy(async () => ({ default: (await import("@/features/sources/SourcesScreen")).SourcesScreen }));
const WelcomeScreen = lazy(async () => ({ default: (await import("@/features/welcome/WelcomeScreen")).WelcomeScreen }));
const SettingsScreen = lazy(async () => ({
  default: (await import("@/features/settings/SettingsScreen")).SettingsScreen,
}));

const rootRoute = createRootRoute({
  component: AppFrame,
  notFoundComponent: NotFoundScreen,
  errorComponent: RouteError,
});

/** Where a person who opens Parley belongs: the chat they were last in, or the welcome when there is no bot yet. */
async function goHome(): Promise<never> {
  const bots = await queryClient.ensureQueryData(botsQuery);
  if (bots.length === 0) throw redirect({ to: "/welcome", replace: true });
  const last = lastBotId();
  const bot = bots.find((known) => known.id === last) ?? bots[0];
  if (!bot || isNarrow()) throw redirect({ to: "/chats", replace: true });
  throw redirect({ to: "/chats/$botId", params: { botId: bot.id }, replace: true });
}

const isNarrow = () => window.matchMedia("(max-width: 58em)").matches;

const homeRoute = createRoute({ getParentRoute: () => rootRoute, path: "/", loader: goHome });
const welcomeRoute = createRoute({ getParentRoute: () => rootRoute, path: "/welcome", component: WelcomeScreen });
const chatsRoute = createRoute({ getParentRoute: () => rootRoute, path: "/chats", component: Chats });
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
  component: Sources,
});
const settingsRoute = createRoute({ getParentRoute: () => rootRoute, path: "/settings", component: SettingsScreen });

function Chats() {
  const { botId } = useParams({ strict: false });
  const { conversation } = useSearch({ strict: false });
  return <ChatsScreen botId={botId} conversationId={conversation} />;
}

async function goToSources(): Promise<never> {
  const bots = await queryClient.ensureQueryData(botsQuery);
  const last = lastBotId();
  const bot = bots.find((known) => known.id === last) ?? bots[0];
  if (!bot) throw redirect({ to: "/welcome", replace: true });
  throw redirect({ to: "/sources/$botId", params: { botId: bot.id }, replace: true });
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
