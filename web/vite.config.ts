/// <reference types="vitest/config" />
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const SERVER = "http://127.0.0.1:8008";
const OUT = process.env.TEAHOUSE_WEB_FILES ?? "../teahouse/web_dist";
// What small files gain is less than the bytes of the header that says so.
const PACKED_BYTES_MIN = 1024;
// 11 takes half a minute for the crypto alone and saves 3 % more.
const BROTLI_QUALITY = 9;

/** Tells the service worker which files belong to this build. */
function listFilesForWorker(): Plugin {
  return {
    name: "teahouse-list-files",
    apply: "build",
    generateBundle(_options, bundle) {
      const worker = bundle["sw.js"];
      if (worker?.type !== "chunk") throw new Error("the service worker was not built");
      const files = Object.keys(bundle).filter((name) => name.startsWith("assets/"));
      worker.code = worker.code.replace(
        "__FILES__",
        JSON.stringify(files.sort().map((name) => `/${name}`)),
      );
    },
  };
}

/** Leaves a compressed form beside each file, so that the server need not compress. */
function packFiles(): Plugin {
  return {
    name: "teahouse-pack-files",
    apply: "build",
    async closeBundle() {
      const names = await readdir(OUT, { recursive: true });
      await Promise.all(names.map((name) => pack(join(OUT, name))));
    },
  };
}

async function pack(file: string): Promise<void> {
  if (!/\.(css|html|js|svg|wasm|webmanifest)$/.test(file)) return;
  const content = await readFile(file);
  if (content.length < PACKED_BYTES_MIN) return;
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
  await writeFile(`${file}.br`, await promisify(brotliCompress)(content, { params }));
  await writeFile(`${file}.gz`, await promisify(gzip)(content));
}

/** Leaves of the emoji's data what the picker shows: half of it is codes and tones of skin. */
function slimEmoji(): Plugin {
  return {
    name: "teahouse-slim-emoji",
    enforce: "pre",
    transform(code, id) {
      if (!/emojibase-data\/\w+\/compact\.json$/.test(id)) return undefined;
      const all = JSON.parse(code) as Record<string, unknown>[];
      return JSON.stringify(all.map(({ unicode, label, tags, group }) => ({ unicode, label, tags, group })));
    },
  };
}

export default defineConfig({
  plugins: [react(), slimEmoji(), listFilesForWorker(), packFiles()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: { app: "index.html", sw: "sw/worker.ts" },
      output: {
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
  server: { proxy: { "/_matrix": SERVER, "/api": SERVER, "/.well-known": SERVER } },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"] },
});
