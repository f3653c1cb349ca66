// Makes client.js, ElevenLabs' own client as one plain script. See README.md.
import { readFile } from "node:fs/promises";
import { build } from "esbuild";

const replaced = (filter, change) => ({
  name: String(filter),
  setup: ({ onLoad }) => onLoad({ filter }, async ({ path }) => ({
    contents: change(await readFile(path, "utf8")),
  })),
});

await build({
  stdin: {
    contents: 'export { Conversation } from "@elevenlabs/client";',
    resolveDir: process.cwd(),
  },
  outfile: process.argv[2],
  bundle: true,
  minify: true,
  platform: "browser",
  format: "iife",
  globalName: "ElevenLabs",
  legalComments: "none",
  banner: { js: "/*! @elevenlabs/client 1.25.0, MIT, see LICENSE; made by build.mjs */" },
  plugins: [
    // A signed address is a websocket: WebRTC, nine tenths of the size, is never reached.
    replaced(/livekit-client[\\/].*\.m?js$/, () => [
      "Room", "RoomEvent", "Track", "ConnectionState", "createLocalAudioTrack",
    ].map((name) => `export const ${name} = {};`).join("\n")),
    // The output asks for this file at a CDN, whatever path the input was given.
    replaced(/addLibsamplerateModule\.js$/, () => (
      "export const addLibsamplerateModule = (context, path) =>"
      + " context.audioWorklet.addModule(path || globalThis.libsampleratePath);"
    )),
  ],
});
