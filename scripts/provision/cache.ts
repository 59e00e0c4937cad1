import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Where built and downloaded servers are kept, by version, for all checkouts of this account. */
export function cacheDir(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment.EVERLINK_CACHE_DIR;
  const dir = named
    ? resolve(named)
    : join(environment.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "everlink");
  mkdirSync(dir, { recursive: true });
  return dir;
}

/** The first of `names` found on PATH, or undefined. */
export function onPath(name: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  for (const dir of (environment.PATH ?? "").split(":")) {
    const file = join(dir, name);
    if (dir !== "" && existsSync(file)) return file;
  }
  return undefined;
}

/** A set-up step that could not be done; the message says what to do and nothing else needs to be printed. */
export class ProvisionError extends Error {
  override readonly name = "ProvisionError";
}

export type Progress = (message: string) => void;
