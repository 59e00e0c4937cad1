import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { z } from "zod";
import { errorRow, errorTable, type ErrorCode } from "../../core/errors/table.ts";
import type { ItemLinkId, OrganizationId, UserId } from "../../core/ids.ts";
import { differences } from "../../core/items/compare.ts";
import type { Kind } from "../../core/items/observed.ts";
import { allowed, type ItemDecision, type UserState } from "../../core/lifecycle/index.ts";
import { choicesOf, type FindingChoice, type SideState } from "../../core/sync/choice.ts";
import { rulesOf } from "../../core/sync/kinds/index.ts";
import { settingsNames } from "../../core/sync/settings.ts";
import { writeAudit, type Role } from "../../db/access.ts";
import type { Tx } from "../../db/client.ts";
import {
  beginLook,
  eventsOfItem,
  findings,
  findingsOfItem,
  forgetLook,
  itemOf,
  items,
  keptVersions,
  sealedVersions,
  takeLook,
  type FindingOfItem,
  type ItemEventRow,
  type ItemRow,
  type KeptVersion as KeptRow,
} from "../../db/items.ts";
import { loadState } from "../../db/lifecycle.ts";
import { archiveLabel, lookLabel } from "../../platform/archive.ts";
import type { Permission } from "../contract/permission.ts";
import {
  decideItem,
  listFindings,
  listItems,
  readItem,
  readValues,
  retryItem,
  type Decision,
  type Item,
  type ItemEvent,
  type ItemFinding,
  type ItemValues,
  type KeptVersion,
} from "../contract/items.ts";
import type { ApiDependencies } from "../deps.ts";
import { may } from "../auth/roles.ts";
import { ApiProblem, notFound } from "../problems.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { eventText, fieldText, stateText, valueText } from "./item-words.ts";
import { record } from "./wish.ts";
import { findingText } from "./words.ts";

const firstEvents = 50;
/** Longest wait for the two systems when somebody wants to see values. */
const lookMs = 20_000;

/** Who looks, at whose items, and what may be done about them now. */
interface View {
  role: Role;
  state: UserState;
}

/** Single items: why they are as they are, and what a person may decide about them. */
export function itemRoutes(app: OpenAPIHono, deps: ApiDependencies): void {
  const { database, vault } = deps;

  app.openapi(listFindings, async (c) => {
    const { organizationId, role } = c.get("caller");
    const userId = c.req.valid("param").userId as UserId;
    const { cursor, limit, dismissed } = c.req.valid("query");
    const after = cursor === undefined ? undefined : findingCursor(cursor);
    const answer = await database.inOrganization(organizationId, async (tx) => {
      const view = await viewOf(tx, userId, role);
      const query = { dismissed: dismissed === "true", after, limit: limit + 1 };
      const rows = await findings(tx, userId, query);
      const page = rows.slice(0, limit);
      const last = rows.length > limit ? page.at(-1) : undefined;
      return {
        findings: page.map((row) => shownFinding(row, view)),
        next: last ? encodeCursor([last.since.toISOString(), last.itemId, last.code]) : null,
      };
    });
    return c.json(answer, 200);
  });

  app.openapi(listItems, async (c) => {
    const { organizationId, role } = c.get("caller");
    const userId = c.req.valid("param").userId as UserId;
    const { cursor, limit, filter, kind } = c.req.valid("query");
    const after = cursor === undefined ? undefined : itemCursor(cursor);
    const answer = await database.inOrganization(organizationId, async (tx) => {
      await viewOf(tx, userId, role);
      const query = { filter, kind: kind && kindOf(kind), after, limit: limit + 1 };
      const rows = await items(tx, userId, query);
      const page = rows.slice(0, limit);
      const last = rows.length > limit ? page.at(-1) : undefined;
      return {
        items: page.map(shownItem),
        next: last ? encodeCursor([last.updatedAt.toISOString(), last.id]) : null,
      };
    });
    return c.json(answer, 200);
  });

  app.openapi(readItem, async (c) => {
    const { organizationId, role } = c.get("caller");
    const { userId, itemId } = idsOf(c.req.valid("param"));
    const { before } = c.req.valid("query");
    const detail = await database.inOrganization(organizationId, async (tx) => {
      const view = await viewOf(tx, userId, role);
      const item = await itemOf(tx, userId, itemId);
      if (!item) throw notFound("item");
      const events = await eventsOfItem(tx, userId, itemId, before, firstEvents + 1);
      const kept = await keptVersions(tx, userId, itemId);
      return {
        item: shownItem(item),
        findings: (await findingsOfItem(tx, userId, itemId)).map((row) => shownFinding(row, view)),
        kept: kept.map((version) => shownVersion(version, item, view)),
        values: verdict(reasonAgainstValues(item, view)),
        events: events.slice(0, firstEvents).map((event) => shownEvent(event, item)),
        next: events.length > firstEvents ? (events.at(firstEvents - 1)?.id ?? null) : null,
      };
    });
    return c.json(detail, 200);
  });

  app.openapi(decideItem, async (c) => {
    const { organizationId, actor } = c.get("caller");
    const { userId, itemId } = idsOf(c.req.valid("param"));
    const wished = c.req.valid("json");
    const recorded = await database.inOrganization(organizationId, async (tx) => {
      const decisions = [await bound(tx, userId, itemId, wished)];
      return await record(tx, { organizationId, actor, userId, kind: "decide" }, { decisions });
    });
    await deps.deliver({ organizationId, kind: "decide", ...recorded });
    return c.json(recorded, 202);
  });

  app.openapi(retryItem, async (c) => {
    const { organizationId, actor } = c.get("caller");
    const { userId, itemId } = idsOf(c.req.valid("param"));
    const recorded = await database.inOrganization(organizationId, async (tx) => {
      if (!(await itemOf(tx, userId, itemId))) throw notFound("item");
      const decisions: ItemDecision[] = [{ itemId, choice: "retry" }];
      return await record(tx, { organizationId, actor, userId, kind: "decide" }, { decisions });
    });
    await deps.deliver({ organizationId, kind: "decide", ...recorded });
    return c.json(recorded, 202);
  });

  app.openapi(readValues, async (c) => {
    const { organizationId, role, actor } = c.get("caller");
    const { userId, itemId } = idsOf(c.req.valid("param"));
    const lookId = randomUUID();
    const kind = await database.inOrganization(organizationId, async (tx) => {
      const view = await viewOf(tx, userId, role);
      const item = await itemOf(tx, userId, itemId);
      if (!item) throw notFound("item");
      const reason = reasonAgainstValues(item, view);
      if (reason !== null) throw new ApiProblem("request.conflict", reason);
      await beginLook(tx, { organizationId, userId, itemId, lookId });
      await writeAudit(tx, organizationId, actor, "item.look", `user:${userId}`, { itemId });
      return item.kind;
    });
    const sealed = await look(organizationId, userId, lookId);
    const values = await database.inOrganization(organizationId, async (tx) => {
      const owner = { organizationId, userId };
      const open = (label: string, text: string) => vault.open(tx, owner, label, Buffer.from(text, "base64"));
      const looked = JSON.parse(await open(lookLabel, sealed)) as Looked;
      if (looked.private) return { private: true, crm: null, mailbox: null, different: [], kept: [] };
      const kept = [];
      for (const { id, sealed: version } of await sealedVersions(tx, userId, itemId))
        kept.push({
          id,
          values: shownValues(kind, JSON.parse(await open(archiveLabel, version)) as Values),
        });
      return { ...shownSides(kind, looked.sides), kept };
    });
    return c.json(values satisfies z.infer<typeof ItemValues>, 200);
  });

  /** Waits for the worker's answer. @throws ApiProblem 503; Failure of the system that does not answer */
  async function look(organizationId: OrganizationId, userId: UserId, lookId: string): Promise<string> {
    const waiting = new ApiProblem(
      "service.waiting",
      "The two systems were not read in time. Try again in a moment.",
    );
    if (!(await deps.requestLook({ organizationId, userId, lookId }))) throw waiting;
    const deadline = Date.now() + lookMs;
    while (Date.now() < deadline) {
      const taken = await database.inOrganization(organizationId, (tx) => takeLook(tx, lookId));
      if (typeof taken?.sealed === "string") return taken.sealed;
      if (taken) throw unread(taken.problem);
      await pause(150);
    }
    await database.inOrganization(organizationId, (tx) => forgetLook(tx, lookId));
    throw waiting;
  }
}

type Values = Record<string, unknown>;
type Looked = { private: true } | { private: false; sides: { crm: Values | null; mailbox: Values | null } };

function unread(code: string | null): ApiProblem {
  const row = errorRow(
    code !== null && Object.hasOwn(errorTable, code) ? (code as ErrorCode) : "everlink.unexpected",
  );
  const plain = (text: string) =>
    text
      .replaceAll("{person}", "the person")
      .replaceAll("{mailbox}", "the mailbox")
      .replaceAll("{organization}", "the organization");
  return new ApiProblem("item.unread", `${plain(row.message)} ${plain(row.next)}`);
}

async function viewOf(tx: Tx, userId: UserId, role: Role): Promise<View> {
  const stored = await loadState(tx, userId);
  if (!stored) throw notFound("person");
  return { role, state: stored.state };
}

function idsOf({ userId, itemId }: { userId: string; itemId: string }) {
  return { userId: userId as UserId, itemId: itemId as ItemLinkId };
}

/** A wish with what it is about; @throws ApiProblem 404, or 409 when it is about other values by now */
async function bound(
  tx: Tx,
  userId: UserId,
  itemId: ItemLinkId,
  wished: z.infer<typeof Decision>,
): Promise<ItemDecision> {
  const item = await itemOf(tx, userId, itemId);
  if (!item) throw notFound("item");
  if (wished.choice === "restore") {
    const version = (await keptVersions(tx, userId, itemId)).find(({ id }) => id === wished.versionId);
    if (!version) throw notFound("kept version");
    const reason = reasonAgainstRestore(version, item);
    if (reason !== null) throw new ApiProblem("request.conflict", reason);
    return { itemId, choice: "restore", archiveId: version.id };
  }
  const code = wished.choice === "dismiss" ? wished.code : "conflict";
  const finding = (await findingsOfItem(tx, userId, itemId)).find((each) => each.code === code);
  if (!finding || seenOf(finding.state) !== wished.seen)
    throw new ApiProblem("request.conflict", "It has changed meanwhile. Look again and decide anew.");
  const { state } = finding;
  if (wished.choice === "dismiss") return { itemId, choice: "dismiss", code: finding.code, state };
  return { itemId, choice: "take", side: wished.choice === "take-crm" ? "crm" : "mailbox", state };
}

const demands: Record<FindingChoice | "restore", Permission> = {
  retry: "operate",
  "take-crm": "decide",
  "take-mailbox": "decide",
  dismiss: "decide",
  restore: "decide",
  compare: "content",
};

function reasonAgainst(choice: FindingChoice | "restore", { role, state }: View): string | null {
  if (!may(role, demands[choice])) return `The role ${role} may not do this.`;
  if (choice === "compare") return null;
  const permission = allowed(state, "decide");
  return permission.allowed ? null : permission.reason;
}

function reasonAgainstValues({ masked }: Pick<ItemRow, "masked">, view: View): string | null {
  if (masked) return "It is private in the mailbox: nobody is shown its content.";
  if (view.state.stage !== "linked" && view.state.stage !== "syncing") return "Not linked with a mailbox.";
  return reasonAgainst("compare", view);
}

function reasonAgainstRestore(version: KeptRow, item: ItemRow): string | null {
  if (item.masked) return "It is private in the mailbox: its content does not flow.";
  if (item.state !== "linked") return "The item is not on both sides any more.";
  return version.fields.length === 0 ? "Nothing of it can be written." : null;
}

function verdict(reason: string | null) {
  return { allowed: reason === null, reason };
}

function shownFinding(row: FindingOfItem, view: View): z.infer<typeof ItemFinding> {
  const { message, next } = findingText(row.code);
  return {
    itemId: row.itemId,
    kind: settingsNames[row.kind],
    code: row.code,
    message,
    next,
    fields: row.masked ? [] : row.fields.map(fieldText),
    row: row.row,
    since: row.since.toISOString(),
    dismissedAt: row.dismissedAt?.toISOString() ?? null,
    seen: seenOf(row.state),
    choices: choicesOf(row.code).map((choice) => ({
      choice,
      ...verdict(choice === "compare" ? reasonAgainstValues(row, view) : reasonAgainst(choice, view)),
    })),
  };
}

/** The state of a finding as callers hand it back. */
function seenOf({ crm = "", mailbox = "" }: SideState): string {
  return encodeCursor([crm, mailbox]);
}

function shownItem(row: ItemRow): z.infer<typeof Item> {
  const { action, target } = row;
  return {
    id: row.id,
    kind: settingsNames[row.kind],
    private: row.masked,
    state: row.state,
    inCrm: row.inCrm,
    inMailbox: row.inMailbox,
    text: stateText(row),
    notBefore: row.pending ? (row.notBefore?.toISOString() ?? null) : null,
    last:
      row.row === null || action === null
        ? null
        : { row: row.row, text: eventText({ row: row.row, action, target }) },
    updatedAt: row.updatedAt.toISOString(),
    findings: row.findings,
    kept: row.kept,
  };
}

function shownEvent(event: ItemEventRow, { masked }: ItemRow): z.infer<typeof ItemEvent> {
  const { id, at, row, action, target, fields, actor } = event;
  return {
    id,
    at: at.toISOString(),
    row,
    action,
    target,
    text: eventText(event),
    fields: masked ? [] : fields.map(fieldText),
    actor,
  };
}

function shownVersion(version: KeptRow, item: ItemRow, view: View): z.infer<typeof KeptVersion> {
  const { id, at, side, row, fields } = version;
  return {
    id,
    at: at.toISOString(),
    side,
    row,
    fields: item.masked || version.private ? [] : fields.map(fieldText),
    restore: verdict(reasonAgainstRestore(version, item) ?? reasonAgainst("restore", view)),
  };
}

function shownSides<K extends Kind>(
  kind: K,
  { crm, mailbox }: { crm: Values | null; mailbox: Values | null },
) {
  const rules = rulesOf[kind] as unknown as { kind: Parameters<typeof differences>[0] };
  const different =
    crm === null || mailbox === null ? [] : differences(rules.kind, crm as never, mailbox as never);
  return {
    private: false,
    crm: crm && shownValues(kind, crm),
    mailbox: mailbox && shownValues(kind, mailbox),
    different: different.map(fieldText),
  };
}

function shownValues(kind: Kind, values: Values): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([field, value]) => [fieldText(field), valueText(kind, field, value)]),
  );
}

function kindOf(name: (typeof settingsNames)[Kind]): Kind {
  const found = (Object.keys(settingsNames) as Kind[]).find((kind) => settingsNames[kind] === name);
  if (!found) throw new Error(`no kind ${name}`);
  return found;
}

function findingCursor(cursor: string) {
  const [since, itemId, code] = decodeCursor(cursor);
  return { since: dateIn(since), itemId: textIn(itemId), code: textIn(code) };
}

function itemCursor(cursor: string) {
  const [updatedAt, id] = decodeCursor(cursor);
  return { updatedAt: dateIn(updatedAt), id: textIn(id) };
}

function dateIn(value: unknown): Date {
  const date = new Date(textIn(value));
  if (!Number.isNaN(date.getTime())) return date;
  throw new ApiProblem("request.invalid", "Ask for the first page again.");
}

function textIn(value: unknown): string {
  if (typeof value === "string") return value;
  throw new ApiProblem("request.invalid", "Ask for the first page again.");
}
