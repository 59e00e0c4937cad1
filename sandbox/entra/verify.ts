import { verify as verifySignature } from "node:crypto";
import type { SandboxContext, TokenVerifier } from "../context.ts";
import type { Accounts } from "./accounts.ts";
import type { SigningKeys } from "./keys.ts";

interface AccessClaims {
  aud: string;
  tid: string;
  oid: string;
  exp: number;
  scp: string;
  sandbox_generation: number;
}

/** Checks bearer tokens as Exchange and Graph would. */
export function createVerifier(
  context: SandboxContext,
  accounts: Accounts,
  keys: SigningKeys,
): TokenVerifier {
  /** Tokens whose signature was found good; a signature never turns bad. */
  const known = new Map<string, AccessClaims>();

  function claimsOf(token: string): AccessClaims | string {
    const seen = known.get(token);
    if (seen) return seen;
    const [header, payload, signature, ...rest] = token.split(".");
    if (!header || !payload || !signature || rest.length > 0) return "the token is not a JWT";
    try {
      const { alg, kid } = JSON.parse(Buffer.from(header, "base64url").toString()) as Record<string, unknown>;
      if (alg !== "RS256" || kid !== keys.kid) return "the token was not signed by this authority";
      const good = verifySignature(
        "sha256",
        Buffer.from(`${header}.${payload}`),
        keys.publicKey,
        Buffer.from(signature, "base64url"),
      );
      if (!good) return "the token's signature is not valid";
      const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as AccessClaims;
      if (known.size > 5000) known.clear();
      known.set(token, claims);
      return claims;
    } catch {
      return "the token cannot be read";
    }
  }

  const bearer = (authorization: string | undefined): string | undefined =>
    /^bearer\s+(\S+)$/i.exec(authorization ?? "")?.[1];

  return {
    verify(authorization, audience) {
      const token = bearer(authorization);
      if (token === undefined) return { refused: "there is no bearer token" };
      const claims = claimsOf(token);
      if (typeof claims === "string") return { refused: claims };
      if (claims.aud !== audience) return { refused: `the token is for ${claims.aud}, not for ${audience}` };
      if (claims.exp * 1000 <= context.clock.now().getTime()) return { refused: "the token has expired" };
      const person = context.directory.byObjectId(claims.oid);
      if (!person || person.tenant !== claims.tid) return { refused: "the token's user does not exist" };
      if (!person.capabilities.enabled) return { refused: "the token's user is disabled" };
      if (accounts.get(person.objectId).accessGeneration !== claims.sandbox_generation) {
        return { refused: "the token was revoked" };
      }
      return { person, scopes: claims.scp.split(" ") };
    },
  };
}
