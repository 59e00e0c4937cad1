import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "../core/errors/failure.ts";
import { open, seal } from "./sealed.ts";

/**
 * The root keys: one line each, `name base64-of-32-bytes`, the last one in use, earlier ones kept for reading.
 * The file lies outside of the data folder and its backups in production: without it a dump opens nothing.
 */
export interface RootKeys {
  /** Name of the key that wraps from now on. */
  readonly current: string;
  wrap(context: string, key: Buffer): Buffer;
  /** @throws Failure `vault.unreadable` when the key that wrapped it is not in the file */
  unwrap(context: string, wrapped: Buffer): Buffer;
}

/**
 * @param create make the file when it is missing (sandbox only)
 * @throws Error with one sentence for the operator when the file is missing or damaged
 */
export function readRootKeys(file: string, { create }: { create: boolean }): RootKeys {
  if (create) createOnce(file);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`The root key file ${file} cannot be read: create it with \`everlink key create\`.`, {
      cause: error,
    });
  }
  return parseRootKeys(text, file);
}

/** One new line of a root key file. */
export function newRootKeyLine(): string {
  return `k${randomBytes(4).toString("hex")} ${randomBytes(32).toString("base64")}\n`;
}

export function parseRootKeys(text: string, file: string): RootKeys {
  const keys = new Map<string, Buffer>();
  let current = "";
  for (const line of text.split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [name, encoded, ...rest] = line.trim().split(/\s+/);
    const key = Buffer.from(encoded ?? "", "base64");
    if (!name || !/^[a-z0-9-]{1,32}$/.test(name) || key.length !== 32 || rest.length > 0 || keys.has(name)) {
      throw new Error(`The root key file ${file} is damaged: each line is \`name base64-of-32-bytes\`.`);
    }
    keys.set(name, key);
    current = name;
  }
  const inUse = keys.get(current);
  if (!inUse) throw new Error(`The root key file ${file} holds no key.`);
  return {
    current,
    wrap(context, key) {
      return Buffer.concat([Buffer.from([current.length]), Buffer.from(current), seal(inUse, context, key)]);
    },
    unwrap(context, wrapped) {
      const length = wrapped[0] ?? 0;
      const key = keys.get(wrapped.subarray(1, 1 + length).toString());
      if (!key) throw new Failure("vault.unreadable");
      return open(key, context, wrapped.subarray(1 + length));
    },
  };
}

/** Two processes starting together make one file: `wx` lets the first win. */
function createOnce(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  try {
    const handle = openSync(file, "wx", 0o600);
    try {
      writeSync(handle, newRootKeyLine());
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
