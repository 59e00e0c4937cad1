import { buildConsole } from "./launcher/console-build.ts";
import { buildWorker } from "./launcher/worker-build.ts";
import { ProvisionError } from "./provision/cache.ts";

/** `npm run build`: makes ahead what `npm start` would make, for an image or a host that only runs it. */
try {
  await buildConsole(console.log);
  console.log(`Worker: ${await buildWorker(console.log)}`);
} catch (error) {
  if (!(error instanceof ProvisionError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
