import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
  type KeyObject,
} from "node:crypto";
import type { JWK } from "oidc-provider";
import type { Settings } from "../database.ts";

/** The key that signs all tokens of the sandbox, and the one that signs its sign-in cookies. */
export interface SigningKeys {
  jwk: JWK;
  publicJwk: Record<string, unknown>;
  publicKey: KeyObject;
  kid: string;
  cookieKey: string;
}

const setting = "entra.keys";

/** Made once, then kept: tokens stay good over a restart. */
export function loadKeys(settings: Settings): SigningKeys {
  let stored = settings.get(setting);
  if (stored === undefined) {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    stored = JSON.stringify({
      pem: privateKey.export({ type: "pkcs8", format: "pem" }),
      kid: randomUUID(),
      cookieKey: randomBytes(32).toString("base64url"),
    });
    settings.set(setting, stored);
  }
  const { pem, kid, cookieKey } = JSON.parse(stored) as { pem: string; kid: string; cookieKey: string };
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  return {
    jwk: { ...(privateKey.export({ format: "jwk" }) as JWK), kid, use: "sig", alg: "RS256" },
    publicJwk: { ...publicKey.export({ format: "jwk" }), kid, use: "sig", alg: "RS256", x5t: kid },
    publicKey,
    kid,
    cookieKey,
  };
}
