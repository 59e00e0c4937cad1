import {
  ConfidentialClientApplication,
  type AuthenticationResult,
  type ICachePlugin,
} from "@azure/msal-node";
import { Failure } from "../core/errors/failure.ts";
import type { ConnectionId, OrganizationId, UserId } from "../core/ids.ts";
import type { Kind } from "../core/items/observed.ts";
import {
  microsoftConnection,
  microsoftSecrets,
  type MicrosoftConnection,
  type MicrosoftSecrets,
} from "./connections.ts";
import { kindsOf } from "./systems.ts";
import { EntraNetwork } from "./entra-network.ts";
import { Secret } from "./secret.ts";
import type { Vault, VaultDependencies } from "./vault.ts";

/** Scopes of the sign-in itself (design §5); MSAL adds `openid profile offline_access`. */
const signInScopes = ["User.Read", "MailboxSettings.Read"];
const kindScopes: Record<Kind, string> = {
  appointment: "Calendars.ReadWrite",
  task: "Tasks.ReadWrite",
  contact: "Contacts.ReadWrite",
};
/** For mailboxes behind Graph: what the kinds need that Everlink can sync there, and no more. */
const mailboxScopes = kindsOf.graph.map((kind) => kindScopes[kind]);
/** Exchange Online's EWS for delegated access; it cannot be asked for together with Graph's (AADSTS700022). */
const ewsScopes = ["https://outlook.office365.com/EWS.AccessAsUser.All"];

export type Resource = "ews" | "graph";

export interface MicrosoftApplication {
  connectionId: ConnectionId;
  configuration: MicrosoftConnection;
  secrets: MicrosoftSecrets;
}

/** The same as it is stored. */
export interface StoredApplication {
  connectionId: ConnectionId;
  configuration: unknown;
  secrets: Record<string, Secret>;
}

/** @throws ZodError when the connection was saved by another version or by hand */
export function microsoftApplication(stored: StoredApplication): MicrosoftApplication {
  const opened = Object.entries(stored.secrets).map(([name, secret]) => [name, secret.reveal()]);
  return {
    connectionId: stored.connectionId,
    configuration: microsoftConnection.parse(stored.configuration),
    secrets: microsoftSecrets.parse(Object.fromEntries(opened)),
  };
}

/** Who a user's mailbox is, and through which application; `db/registrations.ts` implements it. */
export interface EntraAccounts {
  /** The pinned identity of a user. */
  account(
    organizationId: OrganizationId,
    userId: UserId,
  ): Promise<{ tenantId: string; objectId: string; connectionId: ConnectionId } | undefined>;
  application(organizationId: OrganizationId, connectionId: ConnectionId): Promise<StoredApplication>;
}

export interface AuthorizeRequest {
  redirectUri: string;
  state: string;
  nonce: string;
  codeChallenge: string;
  loginHint: string;
}

/** What a redeemed code gives; `cache` is to be stored only after the identity was checked. */
export interface Redeemed {
  tenantId: string;
  objectId: string;
  /** For Graph, in memory for the check that follows. */
  graphToken: Secret;
  cache: Secret;
}

export interface EntraDependencies {
  vault: Vault;
  accounts: EntraAccounts;
  inOrganization: VaultDependencies["inOrganization"];
}

export type Entra = ReturnType<typeof createEntra>;

/**
 * Sign-in and tokens. A new MSAL client for every call: its instances remember failures for a minute, and its
 * cache must be the vault's of this moment.
 */
export function createEntra({ vault, accounts, inOrganization }: EntraDependencies) {
  return {
    /** The address to send the person to. Contacts Entra for its endpoints. */
    async authorizeUrl(
      application: MicrosoftApplication,
      request: AuthorizeRequest,
      signal: AbortSignal,
    ): Promise<string> {
      const network = new EntraNetwork(signal);
      return await judged(network, () =>
        clientOf(application, network).getAuthCodeUrl({
          ...scopesToAsk(application.configuration.backend),
          redirectUri: request.redirectUri,
          state: request.state,
          nonce: request.nonce,
          codeChallenge: request.codeChallenge,
          codeChallengeMethod: "S256",
          prompt: "select_account",
          responseMode: "query",
          ...(request.loginHint ? { loginHint: request.loginHint } : {}),
        }),
      );
    },

    /**
     * Redeems an authorization code for Graph; for a mailbox behind EWS it gets that token from the same grant, to
     * see that it was allowed too. Stores nothing.
     *
     * @throws Failure of the error table
     */
    async redeem(
      application: MicrosoftApplication,
      request: { code: string; redirectUri: string; codeVerifier: Secret; nonce: string; state: string },
      signal: AbortSignal,
    ): Promise<Redeemed> {
      const memory = memoryCache();
      const network = new EntraNetwork(signal);
      const client = clientOf(application, network, memory.plugin);
      const graph = checked(
        await judged(network, () =>
          client.acquireTokenByCode(
            {
              code: request.code,
              scopes: scopesToAsk(application.configuration.backend).scopes,
              redirectUri: request.redirectUri,
              codeVerifier: request.codeVerifier.reveal(),
              nonce: request.nonce,
              state: request.state,
            },
            { code: request.code, state: request.state },
          ),
        ),
      );
      const { tenantId, objectId } = identityOf(graph, application);
      const account = graph.account;
      if (!account) throw new Failure("remote.malformed");
      if (application.configuration.backend === "ews") {
        const silent = new EntraNetwork(signal);
        checked(
          await judged(silent, () =>
            clientOf(application, silent, memory.plugin).acquireTokenSilent({ account, scopes: ewsScopes }),
          ),
        );
      }
      return {
        tenantId,
        objectId,
        graphToken: new Secret(graph.accessToken),
        cache: new Secret(memory.content() ?? ""),
      };
    },

    /**
     * A token for one of the user's resources: from the vault's cache when it is good, refreshed under a lease
     * otherwise; what Microsoft sends back is stored by compare-and-set before it is used.
     *
     * @throws Failure `entra.…` by what Microsoft answered, `vault.…` by what the vault cannot do
     */
    async accessToken(
      request: { organizationId: OrganizationId; userId: UserId; resource: Resource; force?: boolean },
      signal: AbortSignal,
    ): Promise<string> {
      const { organizationId, userId } = request;
      const account = await accounts.account(organizationId, userId);
      if (!account) throw new Failure("entra.grant-invalid", { detail: { reason: "no-account" } });
      const application = microsoftApplication(
        await accounts.application(organizationId, account.connectionId),
      );
      const silent = { application, account, ...request };
      if (!request.force) {
        const cached = await fromCache(silent, signal);
        if (cached !== undefined) return cached;
      }
      return await vault.withLease({ organizationId, userId }, signal, () => refresh(silent, signal));
    },

    /** Forgets the user's tokens. Entra has no revocation per application: the receipt of an erasure says so. */
    async revoke(organizationId: OrganizationId, userId: UserId): Promise<void> {
      await inOrganization(organizationId, (tx) => vault.remove(tx, cachePlace(organizationId, userId)));
    },
  };

  interface Silent {
    application: MicrosoftApplication;
    account: { tenantId: string; objectId: string };
    organizationId: OrganizationId;
    userId: UserId;
    resource: Resource;
    force?: boolean;
  }

  async function stored({ organizationId, userId }: Silent) {
    const entry = await inOrganization(organizationId, (tx) =>
      vault.read(tx, cachePlace(organizationId, userId)),
    );
    if (!entry) throw new Failure("entra.grant-invalid", { detail: { reason: "no-token" } });
    return entry;
  }

  async function fromCache(request: Silent, signal: AbortSignal): Promise<string | undefined> {
    const memory = memoryCache((await stored(request)).value);
    try {
      return checked(await acquire(request, memory, new EntraNetwork(signal, { offline: true }))).accessToken;
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }

  async function refresh(request: Silent, signal: AbortSignal): Promise<string> {
    // Read again under the lease: another process may just have refreshed.
    const entry = await stored(request);
    const memory = memoryCache(entry.value);
    const network = new EntraNetwork(signal);
    const result = checked(await judged(network, () => acquire(request, memory, network)));
    const content = memory.changed();
    if (content !== undefined) {
      await inOrganization(request.organizationId, (tx) =>
        vault.write(
          tx,
          cachePlace(request.organizationId, request.userId),
          new Secret(content),
          entry.version,
        ),
      );
    }
    return result.accessToken;
  }

  async function acquire(request: Silent, memory: MemoryCache, network: EntraNetwork) {
    const client = clientOf(request.application, network, memory.plugin);
    const homeAccountId = `${request.account.objectId}.${request.account.tenantId}`.toLowerCase();
    const account = (await client.getTokenCache().getAllAccounts()).find(
      (candidate) => candidate.homeAccountId.toLowerCase() === homeAccountId,
    );
    if (!account) throw new Failure("entra.grant-invalid", { detail: { reason: "no-cached-account" } });
    return await client.acquireTokenSilent({
      account,
      scopes: request.resource === "ews" ? ewsScopes : mailboxScopes,
      forceRefresh: request.force ?? false,
    });
  }
}

/** What one sign-in asks for; one request cannot mix resources, so EWS's scope is only consented to (AADSTS700022). */
function scopesToAsk(backend: Resource): { scopes: string[]; extraScopesToConsent?: string[] } {
  return backend === "ews"
    ? { scopes: signInScopes, extraScopesToConsent: ewsScopes }
    : { scopes: [...signInScopes, ...mailboxScopes] };
}

/** Where a user's MSAL cache lies in the vault. */
export function cachePlace(organizationId: OrganizationId, userId: UserId) {
  return { organizationId, userId, purpose: "msal", id: "cache" } as const;
}

function clientOf(
  { configuration, secrets }: MicrosoftApplication,
  network: EntraNetwork,
  cachePlugin?: ICachePlugin,
): ConfidentialClientApplication {
  const authority = `${configuration.authorityHost.replace(/\/+$/, "")}/${configuration.tenantId}`;
  return new ConfidentialClientApplication({
    auth: {
      clientId: configuration.clientId,
      authority,
      knownAuthorities: [new URL(configuration.authorityHost).host],
      ...(secrets.certificateKeyPem && secrets.certificateThumbprintSha256
        ? {
            clientCertificate: {
              thumbprintSha256: secrets.certificateThumbprintSha256,
              privateKey: secrets.certificateKeyPem,
            },
          }
        : { clientSecret: secrets.clientSecret ?? "" }),
    },
    ...(cachePlugin ? { cache: { cachePlugin } } : {}),
    system: { networkClient: network },
  });
}

interface MemoryCache {
  plugin: ICachePlugin;
  content(): string | undefined;
  /** The new content, when MSAL changed it. */
  changed(): string | undefined;
}

function memoryCache(initial?: Secret): MemoryCache {
  let content = initial?.reveal();
  let changed = false;
  return {
    content: () => content,
    changed: () => (changed ? content : undefined),
    plugin: {
      beforeCacheAccess(context) {
        if (content !== undefined && content !== "") context.tokenCache.deserialize(content);
        return Promise.resolve();
      },
      afterCacheAccess(context) {
        if (context.cacheHasChanged) {
          content = context.tokenCache.serialize();
          changed = true;
        }
        return Promise.resolve();
      },
    },
  };
}

/** Runs an MSAL call; a failure is what the network saw, else what the error itself says. */
async function judged<Result>(network: EntraNetwork, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    if (network.failure) throw network.failure;
    if (error instanceof Failure || (error instanceof Error && error.name === "AbortError")) throw error;
    const name = (error as { errorCode?: unknown }).errorCode;
    const errorCode = typeof name === "string" ? name : "unknown";
    // Without a network failure, MSAL itself found nothing to refresh with, or the answer did not fit the request.
    throw new Failure(
      ["no_tokens_found", "no_account_found", "refresh_token_expired", "login_required"].includes(errorCode)
        ? "entra.grant-invalid"
        : "remote.malformed",
      { detail: { msal: errorCode }, cause: error },
    );
  }
}

/** A 503 with an empty body once *resolved* with an empty token (measured, microsoft.md §3). */
function checked(result: AuthenticationResult | null): AuthenticationResult {
  if (!result || result.accessToken === "") throw new Failure("entra.temporarily-unavailable");
  return result;
}

/**
 * The identity in the ID token: from the tenant's own issuer, for our application (OpenID Connect Core §3.1.3.7).
 * It came straight from the token endpoint over TLS, so its signature adds nothing (same section, 6).
 */
function identityOf(result: AuthenticationResult, { configuration }: MicrosoftApplication) {
  const claims = result.idTokenClaims as { iss?: unknown; aud?: unknown; tid?: unknown; oid?: unknown };
  const { iss, aud, tid, oid } = claims;
  const issuer = `${configuration.authorityHost.replace(/\/+$/, "")}/${String(tid)}/v2.0`;
  if (
    typeof tid !== "string" ||
    typeof oid !== "string" ||
    aud !== configuration.clientId ||
    iss !== issuer
  ) {
    throw new Failure("remote.malformed", { detail: { reason: "id-token" } });
  }
  return { tenantId: tid, objectId: oid };
}
