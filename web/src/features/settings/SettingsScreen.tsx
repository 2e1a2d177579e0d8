import { Link, useLocation } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { Icon, type IconName } from "@/ui";
import { MemorySection } from "../memory/MemorySection";
import { AboutSection } from "./AboutSection";
import { AppearanceSection } from "./AppearanceSection";
import { KeysSection } from "./KeysSection";
import { ModelsSection } from "./ModelsSection";
import { SearchModelSection } from "./SearchModelSection";
import "./settings.css";

type Section = { hash: string; label: string; icon: IconName; of: "Workspace" | "You"; screen: ComponentType };

const sections: readonly [Section, ...Section[]] = [
  { hash: "models", label: "Models", icon: "cpu", of: "Workspace", screen: ModelsSection },
  { hash: "search", label: "Search model", icon: "search", of: "Workspace", screen: SearchModelSection },
  { hash: "keys", label: "API keys", icon: "key", of: "Workspace", screen: KeysSection },
  { hash: "about", label: "About", icon: "shield", of: "Workspace", screen: AboutSection },
  { hash: "memory", label: "Memory", icon: "quote", of: "You", screen: MemorySection },
  { hash: "appearance", label: "Appearance", icon: "moon", of: "You", screen: AppearanceSection },
];

export function SettingsScreen() {
  const hash = useLocation({ select: (location) => location.hash });
  const shown = sections.find((section) => section.hash === hash) ?? sections[0];
  const Screen = shown.screen;
  return (
    <div className="set-app">
      <nav className="set-nav scroll" aria-label="Settings">
        <p className="pane-title">Settings</p>
        {(["Workspace", "You"] as const).map((group) => (
          <div key={group} className="set-group">
            <h2>{group}</h2>
            {sections
              .filter((section) => section.of === group)
              .map((section) => (
                <Link
                  key={section.hash}
                  to="/settings"
                  hash={section.hash}
                  activeOptions={{ includeHash: true }}
                  aria-current={section === shown ? "page" : undefined}
                >
                  <Icon name={section.icon} />
                  {section.label}
                </Link>
              ))}
          </div>
        ))}
      </nav>
      <main className="set-main scroll" tabIndex={-1}>
        <Screen />
      </main>
    </div>
  );
}
