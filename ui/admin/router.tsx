import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link } from "@tanstack/react-router";
import { HomePage } from "./associates/page.tsx";
import { parseSearch } from "./associates/view.ts";
import { buttonClass } from "./kit/button.tsx";
import { FailureNotice, Notice } from "./kit/notice.tsx";
import { Shell } from "./shell/shell.tsx";
import { words } from "./words/index.ts";

const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: () => (
    <Notice
      title={words.notFound.title}
      action={
        <Link to="/" className={buttonClass("primary")}>
          {words.notFound.go}
        </Link>
      }
    >
      {words.notFound.text}
    </Notice>
  ),
  errorComponent: ({ error }) => (
    <FailureNotice
      title={words.problem.unknownTitle}
      error={error}
      onRetry={() => window.location.reload()}
    />
  ),
});

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  validateSearch: parseSearch,
  component: HomePage,
});

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings/page.tsx"), "SettingsPage"),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([homeRoute, settingsRoute]),
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
