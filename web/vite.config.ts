import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { pdfjsAssets } from "./pdfjs-assets.ts";

const backend = process.env.PARLEY_URL ?? "http://127.0.0.1:7272";

/** The viewer of the API's description, served at /api/docs: it must not come from another host. */
function apiDocs(): Plugin {
  const resolve = createRequire(import.meta.url).resolve;
  return {
    name: "api-docs",
    apply: "build",
    generateBundle() {
      for (const name of ["swagger-ui.css", "swagger-ui-bundle.js"]) {
        const source = readFileSync(resolve(`swagger-ui-dist/${name}`));
        this.emitFile({ type: "asset", fileName: `api-docs/${name}`, source });
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), apiDocs(), pdfjsAssets()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../src/parley/webapp",
    emptyOutDir: true,
    target: "es2022",
    // A data: URL would need a looser Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  server: { proxy: { "/api": { target: backend, ws: true }, "/sign-in": backend } },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"], setupFiles: ["src/test/setup.ts"] },
});
