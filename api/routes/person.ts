import type { OpenAPIHono } from "@hono/zod-openapi";
import type { UserId } from "../../core/ids.ts";
import type { Tx } from "../../db/client.ts";
import { readOrganization } from "../../db/connections.ts";
import {
  consoleRowOfUser,
  lifecycleRecord,
  linkedSince,
  registeredMailboxOf,
  timelineOfUser,
  type ConsoleRow,
  type TimelineRow,
} from "../../db/console.ts";
import { cyclesOfUser, findingsOfUser } from "../../db/console-sync.ts";
import { invitationsOfUser } from "../../db/invitations.ts";
import { kindReadings, type KindReading } from "../../db/kinds.ts";
import { linkOfUser } from "../../db/links.ts";
import { attemptsOfUser } from "../../db/registrations.ts";
import type { Caller } from "../../db/access.ts";
import { userWorkflowId } from "../../workflows/messages.ts";
import { readTimeline, readUser, type UserDetail } from "../contract/users.ts";
import type { ApiDependencies } from "../deps.ts";
import { notFound } from "../problems.ts";
import { signedInAsLabel } from "../registration/register.ts";
import { shownLink } from "./link-settings.ts";
import type { Spoken } from "./problem-text.ts";
import { associateRows, invitationSummary } from "./rows.ts";
import { findingText, timelineText } from "./words.ts";

const firstEntries = 50;

/** One person: who, where in life, and what happened. */
export function personRoutes(app: OpenAPIHono, deps: ApiDependencies): void {
  const { database } = deps;

  app.openapi(readUser, async (c) => {
    const caller = c.get("caller");
    const userId = c.req.valid("param").userId as UserId;
    const detail = await database.inOrganization(caller.organizationId, async (tx) => {
      const row = await consoleRowOfUser(tx, userId);
      if (!row) throw notFound("person");
      return await detailOf(tx, deps, caller, userId, row);
    });
    return c.json(detail, 200);
  });

  app.openapi(readTimeline, async (c) => {
    const { organizationId } = c.get("caller");
    const userId = c.req.valid("param").userId as UserId;
    const { before, limit } = c.req.valid("query");
    const page = await database.inOrganization(organizationId, async (tx) => {
      const row = await consoleRowOfUser(tx, userId);
      if (!row) throw notFound("person");
      const entries = await timelineOfUser(tx, userId, before, limit + 1);
      const shown = entries.slice(0, limit);
      const spoken = spokenOf(row, (await readOrganization(tx))?.name ?? "");
      return {
        entries: shown.map((entry) => timelineEntry(entry, spoken)),
        next: entries.length > limit ? (shown.at(-1)?.id ?? null) : null,
      };
    });
    return c.json(page, 200);
  });
}

async function detailOf(
  tx: Tx,
  { vault }: ApiDependencies,
  { organizationId, role }: Caller,
  userId: UserId,
  row: ConsoleRow,
): Promise<UserDetail> {
  const organization = (await readOrganization(tx))?.name ?? "";
  const spoken = spokenOf(row, organization);
  const [user] = await associateRows(tx, [row], { role, organization });
  const lifecycle = await lifecycleRecord(tx, userId);
  if (!user || !lifecycle) throw notFound("person");
  const mailbox = await registeredMailboxOf(tx, userId);
  const link = await linkOfUser(tx, userId);
  const attempts = [];
  for (const attempt of await attemptsOfUser(tx, userId)) {
    attempts.push({
      id: attempt.id,
      at: attempt.at.toISOString(),
      outcome: attempt.outcome,
      signedInAs: attempt.signedInAs
        ? await vault.open(tx, { organizationId, userId }, signedInAsLabel, attempt.signedInAs)
        : null,
    });
  }
  const byKind = await kindReadings(tx, userId);
  const shown = link && (await shownLink(tx, link, byKind, spoken));
  const readings = Object.values(byKind);
  const sum = (count: (reading: KindReading) => number) =>
    readings.reduce((total, reading) => total + count(reading), 0);
  return {
    user,
    lifecycle: {
      seq: lifecycle.seq,
      fence: lifecycle.fence,
      linkGeneration: lifecycle.linkGeneration,
      nextDue: lifecycle.nextDue?.toISOString() ?? null,
      updatedAt: lifecycle.updatedAt.toISOString(),
    },
    workflowId: userWorkflowId(organizationId, userId),
    invitations: (await invitationsOfUser(tx, userId)).map((invitation) => ({
      ...invitationSummary(invitation),
      purpose: invitation.purpose,
    })),
    attempts,
    mailbox: mailbox
      ? {
          id: mailbox.id,
          address: mailbox.address,
          backend: mailbox.backend,
          wantedBackend: mailbox.wantedBackend,
          registeredAt: mailbox.registeredAt.toISOString(),
        }
      : null,
    link: shown
      ? {
          ...shown,
          generation: link.generation,
          linkedAt: (await linkedSince(tx, userId))?.toISOString() ?? lifecycle.updatedAt.toISOString(),
        }
      : null,
    timeline: (await timelineOfUser(tx, userId, undefined, firstEntries)).map((entry) =>
      timelineEntry(entry, spoken),
    ),
    findings: (await findingsOfUser(tx, userId)).map(({ code, since, count }) => ({
      id: code,
      at: since.toISOString(),
      code,
      ...findingText(code),
      count,
    })),
    counters: {
      cycles: await cyclesOfUser(tx, userId),
      itemLinks: sum(({ linked }) => linked),
      untouched: readings.map(({ untouched }) => untouched).reduce(added, {}),
      waiting: sum(({ waiting }) => waiting),
      held: sum(({ held }) => held),
      changes24h: user.changes24h,
    },
  };
}

function added(one: Record<string, number>, other: Record<string, number>): Record<string, number> {
  const keys = [...Object.keys(one), ...Object.keys(other)];
  return Object.fromEntries(keys.map((key) => [key, (one[key] ?? 0) + (other[key] ?? 0)]));
}

function spokenOf(row: ConsoleRow, organization: string): Spoken {
  return { person: row.name || row.address, mailbox: row.mailboxAddress ?? row.address, organization };
}

function timelineEntry(entry: TimelineRow, spoken: Spoken) {
  return {
    id: entry.id,
    at: entry.at.toISOString(),
    kind: entry.kind,
    text: timelineText(entry.kind, entry.detail, spoken),
    detail: entry.detail,
  };
}
