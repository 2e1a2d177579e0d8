import { setTheme, useTheme, type Theme } from "@/app/theme";
import { Segmented } from "@/ui";

const THEMES: { value: Theme; label: string }[] = [
  { value: "system", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

export function AppearanceSection() {
  const theme = useTheme();
  return (
    <section className="sec" aria-labelledby="look-title">
      <div className="sec-head">
        <div>
          <h1 id="look-title">Appearance</h1>
          <p>How Parley looks in this browser.</p>
        </div>
      </div>
      <div className="card set-line">
        <div>
          <h2 className="h3">Theme</h2>
          <p className="hint">Documents stay paper in the dark, only dimmed.</p>
        </div>
        <Segmented label="Theme" options={THEMES} value={theme} onChange={setTheme} />
      </div>
    </section>
  );
}
