import { defineConfig } from "vite";

// Everything is served by the desk itself, under `default-src 'self'`: no inlined assets, no inline scripts.
export default defineConfig({
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  server: { proxy: { "/api": { target: process.env["DESK"] ?? "http://127.0.0.1:8080", ws: true } } },
});
