import { createHmac, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { codeFrom, CODE_LENGTH } from "../core/invitation/code.ts";

/** A string that does not print: not in a template, a log, JSON or an error. `reveal()` at the last moment only. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [inspect.custom](): string {
    return "[secret]";
  }
}

/** What a secret that comes from outside is good for; the same value under another kind is another secret. */
export type SecretKind = "link" | "code" | "state" | "browser" | "console-link" | "session" | "token";

/** Makes secrets and the hashes by which the database finds them. */
export interface Secrets {
  /** 256 random bits, base64url; a kind's prefix lets secret scanners and people tell what it is. */
  mint(kind: Exclude<SecretKind, "code">): Secret;
  mintCode(): Secret;
  /** HMAC-SHA256 under the installation's lookup key: a dump without the root key cannot be searched through. */
  hash(kind: SecretKind, value: string): Buffer;
}

const prefixes: Partial<Record<SecretKind, string>> = {
  token: "evl_",
  session: "evs_",
  "console-link": "evc_",
};

export function createSecrets(lookupKey: Buffer): Secrets {
  return {
    mint: (kind) => new Secret(`${prefixes[kind] ?? ""}${randomBytes(32).toString("base64url")}`),
    mintCode: () => new Secret(codeFrom(randomBytes(CODE_LENGTH))),
    hash: (kind, value) => createHmac("sha256", lookupKey).update(`${kind}\0${value}`).digest(),
  };
}
