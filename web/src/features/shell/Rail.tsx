import { Link, useRouterState } from "@tanstack/react-router";
import type { Me } from "@/api/types";
import { Avatar, Icon, type IconName } from "@/ui";

const places: { to: "/chats" | "/sources" | "/insight" | "/settings"; label: string; icon: IconName }[] = [
  { to: "/chats", label: "Chats", icon: "chat" },
  { to: "/sources", label: "Sources", icon: "library" },
  { to: "/insight", label: "Insight", icon: "chart" },
  { to: "/settings", label: "Settings", icon: "settings" },
];

/** The way around: a column at the edge, on a phone a bar at the foot (hidden inside a chat). */
export function Rail({ me }: { me: Me | undefined }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const inside = /^\/(?:chats\/[^/]+|sources\/[^/]+\/[^/]+)/u.test(path);
  return (
    <nav className="rail" aria-label="Main" data-inside={inside || undefined}>
      <Link className="rail-logo" to="/" aria-label="Parley, home">
        <Icon name="logo" className="i-logo" />
      </Link>
      <ul>
        {places.map((place) => (
          <li key={place.to}>
            <Link to={place.to} aria-current={path.startsWith(place.to) ? "page" : undefined}>
              <Icon name={place.icon} />
              <span>{place.label}</span>
            </Link>
          </li>
        ))}
      </ul>
      {me && (
        <span className="rail-me" title={`${me.user.name}, ${me.workspace.name}`}>
          <Avatar name={me.user.name} person size="sm" />
          <span className="sr">Signed in as {me.user.name}</span>
        </span>
      )}
    </nav>
  );
}
