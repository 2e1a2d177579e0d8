import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import { ApiError, inWords } from "@/api/errors";
import { Button, EmptyState, Icon, Spinner } from "@/ui";

export function LoadingScreen() {
  return (
    <main className="screen-wait" aria-busy="true">
      <Spinner />
      <span className="sr">Loading</span>
    </main>
  );
}

export function NotFoundScreen() {
  return (
    <main>
      <EmptyState
        icon="search"
        title="There is nothing at this address"
        action={
          <Link className="btn" to="/">
            Go to chats
          </Link>
        }
      />
    </main>
  );
}

export function RouteError({ error }: ErrorComponentProps) {
  if (error instanceof ApiError && error.status === 401) return <SignedOut />;
  return (
    <main>
      <EmptyState
        icon={error instanceof ApiError && error.offline ? "offline" : "alert"}
        title="This page could not be shown"
        action={
          <Button icon="retry" onClick={() => window.location.reload()}>
            Try again
          </Button>
        }
      >
        {inWords(error)}
      </EmptyState>
    </main>
  );
}

export function SignedOut() {
  return (
    <main className="screen-alone">
      <Icon name="logo" className="i-logo" />
      <EmptyState icon="key" title="You are signed out">
        Open the sign-in link that Parley printed when it started. For a new one, run <code>parley link</code> on the
        computer where it runs.
      </EmptyState>
    </main>
  );
}
