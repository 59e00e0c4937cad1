import { randomBytes, randomUUID } from "node:crypto";
import type { TransactionSql } from "postgres";
import { Failure } from "../core/errors/failure.ts";
import type { OrganizationId, UserId } from "../core/ids.ts";
import type { RootKeys } from "./root-key.ts";
import { open, seal } from "./sealed.ts";
import { Secret } from "./secret.ts";

type Tx = TransactionSql;

/** Whose key seals: a user's, or the organization's own (`userId: null`) for the secrets of its connections. */
export interface Owner {
  organizationId: OrganizationId;
  userId: UserId | null;
}

/** The place of one entry. `purpose` and `id` are part of what is authenticated. */
export interface Place extends Owner {
  purpose: "msal" | "connection";
  id: string;
}

export type KeyPurpose = "data" | "fingerprint";

/** What the vault keeps in the database; `db/vault.ts` implements it. */
export interface VaultRows {
  key(tx: Tx, owner: Owner, purpose: KeyPurpose): Promise<Buffer | undefined>;
  /** Keeps the first of two that are made at the same time. @returns the one that is kept */
  addKey(tx: Tx, owner: Owner, purpose: KeyPurpose, wrapped: Buffer): Promise<Buffer>;
  entry(tx: Tx, place: Place): Promise<{ sealed: Buffer; version: number } | undefined>;
  entryIds(tx: Tx, owner: Owner, purpose: Place["purpose"]): Promise<string[]>;
  /** @returns false when the entry exists */
  insertEntry(tx: Tx, place: Place, sealed: Buffer): Promise<boolean>;
  /** Writes whatever is there; the version rises all the same. */
  putEntry(tx: Tx, place: Place, sealed: Buffer): Promise<void>;
  /** @returns false when the entry is not at `version` */
  updateEntry(tx: Tx, place: Place, sealed: Buffer, version: number): Promise<boolean>;
  removeEntries(tx: Tx, owner: Owner, purpose: Place["purpose"], id?: string): Promise<void>;
  removeKeys(tx: Tx, owner: Owner): Promise<void>;
  /** Takes the lease when it is free, expired or the holder's own. */
  takeLease(
    tx: Tx,
    owner: { organizationId: OrganizationId; userId: UserId },
    holder: string,
    ms: number,
  ): Promise<boolean>;
  releaseLease(
    tx: Tx,
    owner: { organizationId: OrganizationId; userId: UserId },
    holder: string,
  ): Promise<void>;
}

export interface VaultDependencies {
  rootKeys: RootKeys;
  rows: VaultRows;
  inOrganization<Result>(organizationId: OrganizationId, work: (tx: Tx) => Promise<Result>): Promise<Result>;
}

export type Vault = ReturnType<typeof createVault>;

/** How long a holder may keep a lease; a holder that died is out of the way after this time. */
const leaseMs = 60_000;

/**
 * Envelope encryption: every user has a data key, wrapped by the root key. Whatever is sealed is bound to its
 * organization, user, purpose and id; moved elsewhere it does not open. A failed decrypt throws
 * `vault.unreadable` and leads to no write.
 */
export function createVault({ rootKeys, rows, inOrganization }: VaultDependencies) {
  async function keyOf(tx: Tx, owner: Owner, purpose: KeyPurpose): Promise<Buffer> {
    const context = contextOf(owner, "key", purpose);
    const wrapped =
      (await rows.key(tx, owner, purpose)) ??
      (await rows.addKey(tx, owner, purpose, rootKeys.wrap(context, randomBytes(32))));
    return rootKeys.unwrap(context, wrapped);
  }

  return {
    /** @returns `undefined` when there is no such entry */
    async read(tx: Tx, place: Place): Promise<{ value: Secret; version: number } | undefined> {
      const entry = await rows.entry(tx, place);
      if (!entry) return undefined;
      const key = await keyOf(tx, place, "data");
      const value = open(key, contextOf(place, place.purpose, place.id), entry.sealed).toString("utf8");
      return { value: new Secret(value), version: entry.version };
    },

    /**
     * Writes over the version that was read; `null` when there must be none yet.
     *
     * @throws Failure `vault.busy` when another writer came first: read again
     */
    async write(tx: Tx, place: Place, value: Secret, version: number | null): Promise<void> {
      const key = await keyOf(tx, place, "data");
      const sealed = seal(
        key,
        contextOf(place, place.purpose, place.id),
        Buffer.from(value.reveal(), "utf8"),
      );
      const written =
        version === null
          ? await rows.insertEntry(tx, place, sealed)
          : await rows.updateEntry(tx, place, sealed, version);
      if (!written) throw new Failure("vault.busy");
    },

    /** Puts a value in the place of whatever is there: for what an administrator typed or a person just signed in for, not for
     * refreshed tokens. */
    async replace(tx: Tx, place: Place, value: string): Promise<void> {
      const key = await keyOf(tx, place, "data");
      const sealed = seal(key, contextOf(place, place.purpose, place.id), Buffer.from(value, "utf8"));
      await rows.putEntry(tx, place, sealed);
    },

    remove: (tx: Tx, place: Place): Promise<void> => rows.removeEntries(tx, place, place.purpose, place.id),

    entryIds: (tx: Tx, owner: Owner, purpose: Place["purpose"]): Promise<string[]> =>
      rows.entryIds(tx, owner, purpose),

    /** A secret of the organization (a connection's), in a transaction of its own. */
    async secret(
      organizationId: OrganizationId,
      purpose: "connection",
      id: string,
    ): Promise<Secret | undefined> {
      const entry = await inOrganization(organizationId, (tx) =>
        this.read(tx, { organizationId, userId: null, purpose, id }),
      );
      return entry?.value;
    },

    /** Seals something that is stored in a row elsewhere. `label` is authenticated: use another for each column. */
    async seal(tx: Tx, owner: Owner, label: string, value: string): Promise<Buffer> {
      return seal(
        await keyOf(tx, owner, "data"),
        contextOf(owner, "column", label),
        Buffer.from(value, "utf8"),
      );
    },

    async open(tx: Tx, owner: Owner, label: string, sealed: Buffer): Promise<string> {
      return open(await keyOf(tx, owner, "data"), contextOf(owner, "column", label), sealed).toString("utf8");
    },

    /** The key under which this user's items are fingerprinted; made at first use. */
    fingerprintKey(organizationId: OrganizationId, userId: UserId): Promise<Buffer> {
      return inOrganization(organizationId, (tx) => keyOf(tx, { organizationId, userId }, "fingerprint"));
    },

    /** Crypto-shredding: what these keys sealed is unreadable from then on, in backups too. */
    async destroyUser(tx: Tx, organizationId: OrganizationId, userId: UserId): Promise<void> {
      const owner = { organizationId, userId };
      await rows.removeEntries(tx, owner, "msal");
      await rows.removeKeys(tx, owner);
    },

    /**
     * Runs `work` while no other process refreshes the same permission. The lease ends by itself after a minute,
     * so a killed holder blocks nobody for longer; compare-and-set catches a holder that outlives its lease.
     *
     * @throws Failure `vault.busy` when another holder keeps it for more than `waitMs`
     */
    async withLease<Result>(
      owner: { organizationId: OrganizationId; userId: UserId },
      signal: AbortSignal,
      work: () => Promise<Result>,
      waitMs = 20_000,
    ): Promise<Result> {
      const holder = randomUUID();
      const deadline = Date.now() + waitMs;
      while (
        !(await inOrganization(owner.organizationId, (tx) => rows.takeLease(tx, owner, holder, leaseMs)))
      ) {
        if (Date.now() >= deadline) throw new Failure("vault.busy", { retryAfterMs: 5_000 });
        await pause(100, signal);
      }
      try {
        return await work();
      } finally {
        await inOrganization(owner.organizationId, (tx) => rows.releaseLease(tx, owner, holder)).catch(
          () => {},
        );
      }
    },
  };
}

function contextOf(owner: Owner, purpose: string, id: string): string {
  return JSON.stringify(["everlink/1", owner.organizationId, owner.userId, purpose, id]);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", abort, { once: true });
  });
}
