/* Runs before the first paint, so that a chosen theme never flashes. See src/app/theme.ts. */
(() => {
  try {
    const theme = localStorage.getItem("parley-theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    /* Storage may be closed to us; the system's theme is used then. */
  }
})();
