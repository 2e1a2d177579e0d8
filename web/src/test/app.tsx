import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { cleanup, configure, render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactElement } from "react";
import { afterEach, vi } from "vitest";
import { TooltipProvider } from "@/ui";

// A slow machine needs longer than the usual second; a condition that holds is met at once all the same.
configure({ asyncUtilTimeout: 8000 });
vi.setConfig({ testTimeout: 30_000 });

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

/** What a stand-in for the server answers: JSON, or a problem with its status. */
export type Reply = { status?: number; body?: unknown };
export type Call = { method: string; path: string; query: URLSearchParams; body: unknown };
type Answer = (call: Call) => Reply;

/**
 * Answers the app's requests in place of a server; `routes` are keyed by "METHOD /path" under /api/v1.
 *
 * Returns the list of calls, which grows as they come.
 */
export function serve(routes: Record<string, Answer | unknown>): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", async (address: string, init: RequestInit = {}) => {
    const url = new URL(address, "http://parley.test");
    const path = url.pathname.replace("/api/v1", "");
    const method = init.method ?? "GET";
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    const call = { method, path, query: url.searchParams, body };
    calls.push(call);
    const route = routes[`${method} ${path}`];
    if (route === undefined) return reply({ status: 404, body: { code: "not_found", detail: "This does not exist." } });
    return reply(typeof route === "function" ? (route as Answer)(call) : { body: route });
  });
  return calls;
}

function reply({ status = 200, body }: Reply): Response {
  if (status === 204) return new Response(null, { status });
  return new Response(JSON.stringify(body ?? null), { status, headers: { "content-type": "application/json" } });
}

/** Renders a piece of the app with what it takes for granted around it: router, queries, tooltips. */
export function renderApp(element: ReactElement, at = "/") {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false }, mutations: { retry: false } } });
  const root = createRootRoute({ component: () => element, notFoundComponent: () => element });
  const router = createRouter({ routeTree: root, history: createMemoryHistory({ initialEntries: [at] }) });
  const view = render(
    <QueryClientProvider client={client}>
      <TooltipProvider>
        <RouterProvider router={router as never} />
      </TooltipProvider>
    </QueryClientProvider>,
  );
  return { ...view, router, user: userEvent.setup() };
}

/** What jsdom leaves out because it lays nothing out. */
export function stubLayout() {
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  Element.prototype.scrollTo = function scrollTo(this: Element, options?: ScrollToOptions | number) {
    if (typeof options === "object") this.scrollTop = options.top ?? 0;
  } as Element["scrollTo"];
}

/** Gives every element a size, so that virtual lists draw their first rows. */
export function stubSize(pixels = 600) {
  for (const side of ["clientHeight", "clientWidth"]) {
    Object.defineProperty(Element.prototype, side, { configurable: true, value: pixels });
  }
}
