export function SettingsScreen() {
  return <main aria-label="Settings" />;
}
