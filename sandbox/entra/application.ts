import { createHash, createPublicKey, randomBytes, randomUUID, X509Certificate } from "node:crypto";
import type { Settings } from "../database.ts";

/** The one application registration that a tenant has here. */
export interface Application {
  clientId: string;
  name: string;
  /** Several are good at a time, as in Entra, so that a secret can be rolled. */
  clientSecrets: string[];
  /** PEM; assertions signed with any of their keys are accepted. */
  certificates: string[];
  /** Exact, besides every `http://localhost:*` and `http://127.0.0.1:*` with the path below. */
  redirectUris: string[];
  /** Loopback redirect URIs are accepted on any port with one of these paths. */
  loopbackPaths: string[];
}

export interface Applications {
  of(tenant: string): Application;
  change(tenant: string, change: Partial<Omit<Application, "clientId">>): Application;
}

/** Made at first sight of the tenant, kept in the settings. */
export function createApplications(settings: Settings): Applications {
  const key = (tenant: string) => `entra.application.${tenant}`;
  const applications: Applications = {
    of(tenant) {
      const stored = settings.get(key(tenant));
      if (stored !== undefined) return JSON.parse(stored) as Application;
      const made: Application = {
        clientId: randomUUID(),
        name: "Everlink",
        clientSecrets: [randomBytes(30).toString("base64url")],
        certificates: [],
        redirectUris: [],
        loopbackPaths: ["/register/callback"],
      };
      settings.set(key(tenant), JSON.stringify(made));
      return made;
    },
    change(tenant, change) {
      // Throws for what is no certificate, before anything is kept.
      certificateKeys(change.certificates ?? []);
      const changed = { ...applications.of(tenant), ...change };
      settings.set(key(tenant), JSON.stringify(changed));
      return changed;
    },
  };
  return applications;
}

/** Entra ignores the port of loopback redirect URIs; `*` as a path accepts each. */
export function redirectAllowed(application: Application, uri: string): boolean {
  if (application.redirectUris.includes(uri)) return true;
  const url = URL.parse(uri);
  if (!url || url.protocol !== "http:" || !["localhost", "127.0.0.1"].includes(url.hostname)) return false;
  return application.loopbackPaths.some((path) => path === "*" || path === url.pathname);
}

/** Public keys of the registered certificates, for `private_key_jwt`. */
export function certificateKeys(certificates: string[]): Record<string, unknown>[] {
  return certificates.map((pem) => {
    const certificate = new X509Certificate(pem);
    const jwk = createPublicKey(certificate.publicKey.export({ type: "spki", format: "pem" })).export({
      format: "jwk",
    }) as Record<string, unknown>;
    const thumbprint = createHash("sha256").update(certificate.raw).digest("base64url");
    return { ...jwk, kid: thumbprint, "x5t#S256": thumbprint, use: "sig" };
  });
}
