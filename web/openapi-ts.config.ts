import { defineConfig } from "@hey-api/openapi-ts";

// openapi.json is what `python tools/export_openapi.py` writes; only types are taken, requests are src/api/http.ts.
export default defineConfig({
  input: "openapi.json",
  output: { path: "src/api/generated", clean: true },
  plugins: ["@hey-api/typescript"],
});
