import { Outlet } from "@tanstack/react-router";
import { Suspense } from "react";
import { ApiError } from "@/api/errors";
import { useWorkspaceEvents } from "@/api/events";
import { useMe } from "@/api/queries/bots";
import { Rail } from "./Rail";
import { LoadingScreen, SignedOut } from "./RouteStates";
import "./shell.css";

export function AppFrame() {
  const me = useMe();
  const signedOut = me.error instanceof ApiError && me.error.status === 401;
  useWorkspaceEvents(me.isSuccess);
  if (signedOut) return <SignedOut />;
  return (
    <div className="app">
      <Rail me={me.data} />
      <Suspense fallback={<LoadingScreen />}>
        <Outlet />
      </Suspense>
    </div>
  );
}
