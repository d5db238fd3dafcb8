import { defineConfig } from "rolldown";

// Node takes some 0.7 ms to load a file: a restore that is waited for starts from some forty files, not from 170.
// Dependencies stay packages of their own. The two programs find each other by `../cli/main.js` and
// `../daemon/main.js`, bundled or not.
export default defineConfig(
  ["cli", "daemon"].map((program) => ({
    input: `dist/src/${program}/main.js`,
    platform: "node",
    external: /^[^./]/,
    output: {
      dir: `dist/bin/${program}`,
      cleanDir: true,
      format: "esm",
      chunkFileNames: "[name].js",
      comments: false,
    },
  })),
);
