import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { Config } from "./config.ts";

/**
 * Lets this process trust the sandbox's certificate authority, for fetch, MSAL and axios alike. In production it
 * does nothing: there the sandbox's authority is never trusted (design §6).
 *
 * @returns whether there was an authority to trust
 */
export function trustSandbox(config: Pick<Config, "mode" | "dataDir">): boolean {
  const file = join(config.dataDir, "tls", "ca.pem");
  if (config.mode !== "sandbox" || !existsSync(file)) return false;
  setDefaultCACertificates([...getCACertificates("default"), readFileSync(file, "utf8")]);
  return true;
}
