import type { DatabaseSync } from "node:sqlite";
import type { SandboxClock } from "../context.ts";
import { exchangeResource, graphResource, resourceOf, type Resource } from "./scopes.ts";

/** What Entra holds of a person beyond the directory. */
export interface Account {
  /** Grants made under another generation are revoked: 50173. */
  generation: number;
  /** Access tokens made under another generation are refused at once. */
  accessGeneration: number;
  /** TokensValidFrom, by the sandbox's clock. */
  validFrom: string | undefined;
  conditionalAccessBlock: boolean;
}

/** Per tenant: whether people may consent for themselves. */
export interface TenantPolicy {
  adminConsentRequired: boolean;
}

/** Consents, revocations and policies, in SQLite. */
export interface Accounts {
  get(objectId: string): Account;
  /** Kills all grants of the person; access tokens too unless they are to live to their end. */
  revoke(objectId: string, options: { keepAccessTokens: boolean }): void;
  block(objectId: string, blocked: boolean): void;
  policy(tenant: string): TenantPolicy;
  setPolicy(tenant: string, policy: TenantPolicy): void;
  /** Full scope names; `undefined` as person means the administrator's consent for everybody. */
  consent(tenant: string, clientId: string, objectId: string | undefined, scopes: string[]): void;
  withdrawConsent(tenant: string, clientId: string, objectId: string | undefined): void;
  /** What is consented for a person, their own and the administrator's, by resource. */
  consented(tenant: string, clientId: string, objectId: string): Map<Resource, string[]>;
}

const everybody = "*";

export function createAccounts(db: DatabaseSync, clock: SandboxClock): Accounts {
  db.exec(`
    create table if not exists entra_account (
      object_id text primary key,
      generation integer not null default 0,
      access_generation integer not null default 0,
      valid_from text,
      blocked integer not null default 0
    ) strict;
    create table if not exists entra_policy (tenant text primary key, policy text not null) strict;
    create table if not exists entra_consent (
      tenant text not null, client_id text not null, object_id text not null, scope text not null,
      primary key (tenant, client_id, object_id, scope)
    ) strict, without rowid;
  `);
  const select = db.prepare("select * from entra_account where object_id = ?");
  const revoke = db.prepare(
    `insert into entra_account (object_id, generation, access_generation, valid_from) values (?1, 1, ?2, ?3)
     on conflict (object_id) do update set
       generation = generation + 1, access_generation = access_generation + ?2, valid_from = ?3`,
  );
  const block = db.prepare(
    `insert into entra_account (object_id, blocked) values (?1, ?2)
     on conflict (object_id) do update set blocked = ?2`,
  );
  const policy = db.prepare("select policy from entra_policy where tenant = ?");
  const setPolicy = db.prepare(
    "insert into entra_policy values (?, ?) on conflict (tenant) do update set policy = excluded.policy",
  );
  const consent = db.prepare("insert or ignore into entra_consent values (?, ?, ?, ?)");
  const withdraw = db.prepare(
    "delete from entra_consent where tenant = ? and client_id = ? and object_id = ?",
  );
  const consented = db.prepare(
    "select distinct scope from entra_consent where tenant = ? and client_id = ? and object_id in (?, '*')",
  );
  return {
    get(objectId) {
      const row = select.get(objectId);
      return {
        generation: Number(row?.["generation"] ?? 0),
        accessGeneration: Number(row?.["access_generation"] ?? 0),
        validFrom: (row?.["valid_from"] as string | null | undefined) ?? undefined,
        conditionalAccessBlock: row?.["blocked"] === 1,
      };
    },
    revoke: (objectId, { keepAccessTokens }) =>
      void revoke.run(objectId, keepAccessTokens ? 0 : 1, clock.now().toISOString()),
    block: (objectId, blocked) => void block.run(objectId, blocked ? 1 : 0),
    policy(tenant) {
      const row = policy.get(tenant);
      return row === undefined
        ? { adminConsentRequired: false }
        : (JSON.parse(row["policy"] as string) as TenantPolicy);
    },
    setPolicy: (tenant, given) => void setPolicy.run(tenant, JSON.stringify(given)),
    consent(tenant, clientId, objectId, scopes) {
      for (const scope of scopes) consent.run(tenant, clientId, objectId ?? everybody, scope);
    },
    withdrawConsent: (tenant, clientId, objectId) =>
      void withdraw.run(tenant, clientId, objectId ?? everybody),
    consented(tenant, clientId, objectId) {
      const byResource = new Map<Resource, string[]>([
        [graphResource, []],
        [exchangeResource, []],
      ]);
      for (const row of consented.all(tenant, clientId, objectId)) {
        const scope = row["scope"] as string;
        byResource.get(resourceOf(scope))!.push(scope);
      }
      return byResource;
    },
  };
}
