export function WelcomeScreen() {
  return <main aria-label="Welcome" />;
}
