import { createHmac, createSecretKey, randomUUID } from "node:crypto";
import type { OpenedUser, SyncDependencies } from "../activities/sync.ts";
import { Failure } from "../core/errors/failure.ts";
import type { Database } from "../db/client.ts";
import { mailboxIdentity } from "../db/mailboxes.ts";
import { createSyncRepository } from "../db/sync.ts";
import { archiveLabel } from "../platform/archive.ts";
import type { Entra } from "../platform/entra.ts";
import type { Vault } from "../platform/vault.ts";
import type { Connections } from "./connections.ts";
import { ewsSide, graphSide, pairs, superofficeSide } from "./stores.ts";

export interface OpenUserDependencies {
  database: Database;
  vault: Vault;
  entra: Entra;
  connections: Connections;
}

/** Both sides of one user for every kind they know, each with that user's own credential, and what is remembered. */
export function createOpenUser({
  database,
  vault,
  entra,
  connections,
}: OpenUserDependencies): SyncDependencies["open"] {
  return async (
    { organizationId, userId },
    { mailboxId, associateId, fence, settings },
    signal,
  ): Promise<OpenedUser> => {
    const superoffice = await connections.superoffice(organizationId);
    const microsoft = await connections.microsoft(organizationId);
    const identity = await database.inOrganization(organizationId, (tx) => mailboxIdentity(tx, mailboxId));
    if (!identity) throw new Failure("entra.grant-invalid", { detail: { reason: "no-mailbox" } });
    // The permission first: nothing is read from the other side for somebody who has to sign in again.
    const resource = identity.backend;
    const token = tokenOfSlice((within, again) =>
      entra.accessToken({ organizationId, userId, resource, ...again }, within),
    );
    await token(signal);
    const key = createSecretKey(await vault.fingerprintKey(organizationId, userId));
    const pointsIntoLists = settings.task.direction !== "off" || settings.contact.direction !== "off";
    const crm = superofficeSide({
      client: superoffice.client,
      associateId,
      timeZone: superoffice.timeZone,
      selections: settings.contact.selections,
      ...(pointsIntoLists ? { lists: await connections.lists(organizationId) } : {}),
    });
    const options = {
      mailboxAddress: identity.address,
      token,
      userAgent: "Everlink",
      identity: `entra/${identity.tenantId}/${identity.objectId}`,
      timeZone: superoffice.timeZone,
    };
    const mailbox =
      resource === "graph"
        ? graphSide({ ...options, url: microsoft.graphUrl })
        : await ewsSide({ ...options, url: microsoft.ewsUrl });
    return {
      stores: pairs(crm, mailbox),
      repository: (kind) => createSyncRepository(database, { organizationId, userId, fence, kind }),
      clock: Date,
      random: { uuid: randomUUID },
      fingerprint: (field, value) =>
        createHmac("sha256", key).update(field).update("\0").update(value).digest("base64url"),
      seal: async (content) =>
        (
          await database.inOrganization(organizationId, (tx) =>
            vault.seal(tx, { organizationId, userId }, archiveLabel, content),
          )
        ).toString("base64"),
      unseal: (sealed) =>
        database.inOrganization(organizationId, (tx) =>
          vault.open(tx, { organizationId, userId }, archiveLabel, Buffer.from(sealed, "base64")),
        ),
    };
  };
}

type Token = (within: AbortSignal, again?: { force: true }) => Promise<string>;

/**
 * One token for a slice, until a system refuses it: opening vault and cache again for every call would cost more
 * statements than all the rest. A slice is far shorter than what is left of any token that the cache gives out.
 */
function tokenOfSlice(get: Token): Token {
  let kept: Promise<string> | undefined;
  return (within, again) => {
    if (kept === undefined || again !== undefined) {
      const asked = get(within, again);
      kept = asked;
      asked.catch(() => {
        if (kept === asked) kept = undefined;
      });
    }
    return kept;
  };
}
