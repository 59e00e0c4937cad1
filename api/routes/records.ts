import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import type { UserId } from "../../core/ids.ts";
import { errorTable } from "../../core/errors/table.ts";
import { settingsNames } from "../../core/sync/settings.ts";
import { readCommandRow, registeredMailboxes } from "../../db/console.ts";
import { erasureOf } from "../../db/erasure.ts";
import { availableKinds } from "../../platform/systems.ts";
import { listErrors, listMailboxes, readCommand, readErasure } from "../contract/records.ts";
import type { ApiDependencies } from "../deps.ts";
import { ApiProblem, notFound } from "../problems.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";

/** What is only read: mailboxes, outcomes, receipts and the catalogue of errors. */
export function recordRoutes(app: OpenAPIHono, { database }: ApiDependencies): void {
  app.openapi(listMailboxes, async (c) => {
    const { organizationId } = c.get("caller");
    const { linked, cursor, limit } = c.req.valid("query");
    const rows = await database.inOrganization(organizationId, (tx) =>
      registeredMailboxes(tx, {
        linked: linked === undefined ? undefined : linked === "true",
        after: cursor === undefined ? undefined : idOf(cursor),
        limit: limit + 1,
      }),
    );
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    const mailboxes = page.map((row) => ({
      id: row.id,
      address: row.address,
      name: row.name,
      userId: row.userId,
      associateId: row.associateId,
      registeredAt: row.registeredAt.toISOString(),
      linked: row.linked,
      kinds: availableKinds(row.backend).map((kind) => settingsNames[kind]),
      proposal: row.linked
        ? null
        : {
            userId: row.userId,
            associateId: row.associateId,
            name: row.associateName,
            address: row.associateAddress,
            reason:
              row.address.toLowerCase() === row.associateAddress.toLowerCase()
                ? ("same-address" as const)
                : ("invited" as const),
          },
    }));
    return c.json({ mailboxes, next: last ? encodeCursor([last.id]) : null }, 200);
  });

  app.openapi(readCommand, async (c) => {
    const { organizationId } = c.get("caller");
    const { commandId } = c.req.valid("param");
    const row = await database.inOrganization(organizationId, (tx) => readCommandRow(tx, commandId));
    if (!row) throw notFound("command");
    return c.json(
      {
        ...row,
        createdAt: row.createdAt.toISOString(),
        deliveredAt: row.deliveredAt?.toISOString() ?? null,
        settledAt: row.settledAt?.toISOString() ?? null,
      },
      200,
    );
  });

  app.openapi(readErasure, async (c) => {
    const { organizationId } = c.get("caller");
    const userId = c.req.valid("param").userId as UserId;
    const erasure = await database.inOrganization(organizationId, (tx) => erasureOf(tx, userId));
    if (!erasure) throw notFound("erasure");
    const { requestedAt, completedAt, receipt } = erasure;
    return c.json(
      {
        userId,
        requestedAt: requestedAt.toISOString(),
        completedAt: completedAt?.toISOString() ?? null,
        receipt:
          completedAt && receipt
            ? {
                ...receipt,
                destroyed: [...receipt.destroyed],
                stays: [...receipt.stays],
                cannot: [...receipt.cannot],
              }
            : null,
      },
      200,
    );
  });

  app.openapi(listErrors, (c) => {
    const errors = Object.entries(errorTable).map(([code, { scope, nature, actor, message, next }]) => ({
      code,
      scope,
      nature,
      actor,
      message,
      next,
    }));
    return c.json({ errors }, 200);
  });
}

function idOf(cursor: string): string {
  const id = z.uuid().safeParse(decodeCursor(cursor)[0]);
  if (id.success) return id.data;
  throw new ApiProblem("request.invalid", "Ask for the first page again.");
}
