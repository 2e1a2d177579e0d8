import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

const FOLDERS = ["cmaps", "standard_fonts", "wasm", "iccs"];

/**
 * Puts the data that pdf.js asks for while it reads (character maps, standard fonts, decoders) into the build, so
 * that every PDF can be drawn without a network. The version in the path lets a browser keep them for ever.
 */
export function pdfjsAssets(): Plugin {
  const root = dirname(createRequire(import.meta.url).resolve("pdfjs-dist/package.json"));
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const base = `assets/pdfjs-${version}`;
  return {
    name: "pdfjs-assets",
    generateBundle() {
      for (const folder of FOLDERS) {
        for (const file of readdirSync(join(root, folder))) {
          const source = readFileSync(join(root, folder, file));
          this.emitFile({ type: "asset", fileName: `${base}/${folder}/${file}`, source });
        }
      }
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = request.url?.split("?")[0] ?? "";
        const [folder = "", file = ""] = path.startsWith(`/${base}/`) ? path.slice(base.length + 2).split("/") : [];
        if (!FOLDERS.includes(folder) || !/^[\w.-]+$/u.test(file)) return next();
        response.end(readFileSync(join(root, folder, file)));
      });
    },
  };
}
