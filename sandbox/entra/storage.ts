import type { DatabaseSync } from "node:sqlite";
import type { Adapter, AdapterPayload } from "oidc-provider";
import type { SandboxClock } from "../context.ts";

/** What the façade asks about a refresh token or a grant before oidc-provider sees it. */
export interface StoredModel {
  payload: AdapterPayload;
  /** By the sandbox's clock, so that a moved clock makes tokens old. */
  issuedAt: Date;
  usedAt: Date | undefined;
  /** The person's revocation generation when it was made. */
  generation: number;
}

export interface ModelStore {
  adapter(model: string, hooks: AdapterHooks): Adapter;
  read(model: string, id: string): StoredModel | undefined;
  used(model: string, id: string): void;
}

export interface AdapterHooks {
  /** Changes what oidc-provider is given back, or answers in the store's place. */
  found(model: string, id: string, payload: AdapterPayload | undefined): AdapterPayload | undefined;
  generationOf(payload: AdapterPayload): number;
}

/** All of oidc-provider's models in one table, for all tenants: ids are random and never meet. */
export function createModelStore(db: DatabaseSync, clock: SandboxClock): ModelStore {
  db.exec(`
    create table if not exists entra_model (
      model text not null, id text not null, payload text not null,
      uid text, expires_at integer, consumed integer,
      issued_at text not null, used_at text, generation integer not null,
      primary key (model, id)
    ) strict, without rowid;
    create index if not exists entra_model_uid on entra_model (uid) where uid is not null;
    create index if not exists entra_model_expiry on entra_model (expires_at) where expires_at is not null;
  `);
  const upsert = db.prepare(
    `insert into entra_model (model, id, payload, uid, expires_at, issued_at, generation)
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     on conflict (model, id) do update set
       payload = ?3, uid = ?4, expires_at = ?5`,
  );
  const select = db.prepare("select * from entra_model where model = ? and id = ?");
  const selectUid = db.prepare("select * from entra_model where model = ? and uid = ?");
  const consume = db.prepare("update entra_model set consumed = ? where model = ? and id = ?");
  const use = db.prepare("update entra_model set used_at = ? where model = ? and id = ?");
  const remove = db.prepare("delete from entra_model where model = ? and id = ?");
  const purge = db.prepare("delete from entra_model where expires_at < ?");
  let nextPurge = 0;

  const seconds = (): number => Math.floor(Date.now() / 1000);
  function payloadOf(row: Record<string, unknown> | undefined): AdapterPayload | undefined {
    if (row === undefined) return undefined;
    const payload = JSON.parse(row["payload"] as string) as AdapterPayload;
    return row["consumed"] === null ? payload : { ...payload, consumed: Number(row["consumed"]) };
  }

  return {
    read(model, id) {
      const row = select.get(model, id);
      if (row === undefined) return undefined;
      return {
        payload: payloadOf(row)!,
        issuedAt: new Date(row["issued_at"] as string),
        usedAt: row["used_at"] === null ? undefined : new Date(row["used_at"] as string),
        generation: Number(row["generation"]),
      };
    },
    used: (model, id) => void use.run(clock.now().toISOString(), model, id),
    adapter: (model, hooks) => ({
      async upsert(id, payload, expiresIn) {
        if (seconds() > nextPurge) {
          purge.run(seconds() - 3600);
          nextPurge = seconds() + 600;
        }
        upsert.run(
          model,
          id,
          JSON.stringify(payload),
          payload.uid ?? null,
          expiresIn ? seconds() + expiresIn : null,
          clock.now().toISOString(),
          hooks.generationOf(payload),
        );
      },
      async find(id) {
        return hooks.found(model, id, payloadOf(select.get(model, id)));
      },
      async findByUid(uid) {
        return payloadOf(selectUid.get(model, uid));
      },
      async findByUserCode() {
        return undefined;
      },
      async consume(id) {
        // Entra gives a new refresh token on each use and leaves the old one good.
        if (model !== "RefreshToken") consume.run(seconds(), model, id);
      },
      async destroy(id) {
        remove.run(model, id);
      },
      async revokeByGrantId() {
        // Signing out or a replayed code ends no grant in Entra; `generation` does, see accounts.ts.
      },
    }),
  };
}
