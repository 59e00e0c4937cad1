import { createSign, createVerify, generateKeyPairSync, createPublicKey, randomBytes } from "node:crypto";
import type { Office } from "./office.ts";
import { TENANT } from "./office.ts";

/** The application that a vendor registered, and its system user token for the tenant. */
export interface Application {
  clientId: string;
  /** Client secret, called application token in `SO-AppToken`. */
  clientSecret: string;
  systemUserToken: string;
  privateKeyPem: string;
  publicKeyPem: string;
}

interface SigningKey {
  kid: string;
  privateKeyPem: string;
  publicKeyPem: string;
}

/** Keys and secrets: made once, then kept in the database. */
export class Credentials {
  readonly #office: Office;
  readonly application: Application;
  readonly #signing: SigningKey;

  constructor(office: Office) {
    this.#office = office;
    this.application = this.#kept("application", () => {
      const keys = makeKeys();
      return {
        clientId: randomBytes(16).toString("hex"),
        clientSecret: randomBytes(16).toString("hex"),
        systemUserToken: `Everlink-${randomBytes(8).toString("hex").slice(0, 10)}`,
        ...keys,
      };
    });
    this.#signing = this.#kept("signing", () => ({ kid: randomBytes(8).toString("hex"), ...makeKeys() }));
  }

  /** What a client is configured with. */
  connection(): Record<string, unknown> {
    const { publicKeyPem, ...application } = this.application;
    return {
      loginUrl: `${this.#office.context.origin()}/login`,
      tenant: TENANT,
      baseUrl: this.#office.baseUrl,
      ...application,
      publicKey: publicKeyPem,
    };
  }

  keySet(): Record<string, unknown> {
    const jwk = createPublicKey(this.#signing.publicKeyPem).export({ format: "jwk" });
    return { keys: [{ ...jwk, kid: this.#signing.kid, use: "sig", alg: "RS256" }] };
  }

  signJwt(claims: Record<string, unknown>): string {
    const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
    const signed = `${encode({ typ: "JWT", alg: "RS256", kid: this.#signing.kid })}.${encode(claims)}`;
    return `${signed}.${createSign("SHA256").update(signed).sign(this.#signing.privateKeyPem, "base64url")}`;
  }

  /**
   * Checks `systemToken.YYYYMMDDHHmm.base64(RSA-SHA256)`.
   * @returns the reason of a refusal, with the error codes of authentication/online/error-codes.md
   */
  refuseSignedToken(signedToken: string): string | undefined {
    const match = /^(.+)\.(\d{12})\.([A-Za-z0-9+/=]+)$/.exec(signedToken);
    if (!match) return "The SignedSystemToken is malformed";
    const [, token = "", stamp = "", signature = ""] = match;
    if (token !== this.application.systemUserToken) return "Unknown system user token";
    const at = Date.parse(stamp.replace(/(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)/, "$1-$2-$3T$4:$5:00Z"));
    const tolerance = this.#office.switches.signedTokenToleranceMinutes * 60_000;
    if (Number.isNaN(at) || Math.abs(this.#office.now() - at) > tolerance) return "InvalidTimestamp (6)";
    const genuine = createVerify("SHA256")
      .update(`${token}.${stamp}`)
      .verify(this.application.publicKeyPem, signature, "base64");
    return genuine ? undefined : "InvalidSignature (7)";
  }

  #kept<T>(name: string, make: () => T): T {
    const { sql } = this.#office;
    const kept = sql.setting(name);
    if (kept) return JSON.parse(kept) as T;
    const made = make();
    this.#office.write(() => sql.saveSetting(name, JSON.stringify(made)));
    return made;
  }
}

function makeKeys(): { privateKeyPem: string; publicKeyPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return { privateKeyPem: privateKey, publicKeyPem: publicKey };
}
