import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import type { OrganizationId, UserId } from "../core/ids.ts";
import { connectionOfKind, connectionSecrets } from "../db/connections.ts";
import { claimWakes, nextWakeInMs, noteHint, type Hint } from "../db/notifications.ts";
import { superofficeConnection, superofficeSecrets } from "../platform/connections.ts";
import type { ApiDependencies } from "./deps.ts";
import { ApiProblem, notFound } from "./problems.ts";
import { record } from "./routes/wish.ts";

/** A notification is ids and a few numbers. */
const bodyLimitBytes = 64_000;

const notification = z.object({
  Event: z.string(),
  PrimaryKey: z.int().positive(),
  ContextIdentifier: z.string(),
  FieldValues: z.record(z.string(), z.unknown()).optional(),
  Values: z.record(z.string(), z.unknown()).optional(),
});
type Notification = z.infer<typeof notification>;

/**
 * What SuperOffice tells of changes: `POST /hooks/superoffice/<organization>/<id>`, signed. It is believed for nothing but
 * this: somebody's next cycle comes sooner. An address that is not known and one that was switched off look alike.
 *
 * @see SuperOfficeDocs, automation/webhook/dev/security.md (HMAC-SHA256 in base64 over the body as it came), notification.md
 */
export function hookRoutes(deps: ApiDependencies): Hono {
  const app = new Hono();
  const dispatch = createDispatch(deps);
  app.post(
    "/hooks/superoffice/:organization/:id",
    bodyLimit({
      maxSize: bodyLimitBytes,
      onError: () => {
        throw new ApiProblem("request.too-large", "A notification has 64 kB at most.");
      },
    }),
    async (c) => {
      const organizationId = z.uuid().safeParse(c.req.param("organization")).data as
        OrganizationId | undefined;
      const hook = organizationId && (await hookOf(deps, organizationId, c.req.param("id")));
      if (!hook) throw notFound("webhook");
      const body = Buffer.from(await c.req.arrayBuffer());
      const signature = createHmac("sha256", hook.secret).update(body).digest("base64");
      if (!same(signature, c.req.header("x-superoffice-signature") ?? ""))
        throw new ApiProblem("access.unauthenticated", "The signature does not belong to this body.");
      const told = read(body);
      if (told.ContextIdentifier.toLowerCase() !== hook.tenant.toLowerCase())
        throw new ApiProblem("access.denied", "This webhook belongs to another tenant.");
      const hint = hintOf(told);
      if (hint) {
        await deps.database.inOrganization(organizationId, (tx) => noteHint(tx, hint));
        await dispatch(organizationId);
      }
      return c.body(null, 200);
    },
  );
  return app;
}

interface Hook {
  secret: string;
  tenant: string;
}

/** The secret is opened only for whoever knows the address. */
async function hookOf(
  { database, vault }: ApiDependencies,
  organizationId: OrganizationId,
  id: string,
): Promise<Hook | undefined> {
  return await database.inOrganization(organizationId, async (tx) => {
    const connection = await connectionOfKind(tx, "superoffice");
    const configuration = superofficeConnection.safeParse(connection?.configuration).data;
    if (!connection || configuration?.webhookId === undefined) return undefined;
    if (!same(configuration.webhookId, id)) return undefined;
    const secrets = await connectionSecrets(tx, vault, organizationId, connection.id);
    const secret = superofficeSecrets.shape.webhookSecret.parse(secrets["webhookSecret"]?.reveal());
    return secret === undefined ? undefined : { secret, tenant: configuration.tenant };
  });
}

/** In constant time, whatever the lengths. */
function same(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function read(body: Buffer): Notification {
  try {
    return notification.parse(JSON.parse(body.toString("utf8")));
  } catch {
    // What was wrong may quote the content: it is nobody's business.
    throw new ApiProblem("request.invalid", "The body is no notification of SuperOffice.");
  }
}

/** `AppointmentType.inChecklist` and its bookings. */
const taskTypes: readonly unknown[] = [2, 7];

/** `undefined` for what concerns no item: test events, companies, and what is yet to come. */
function hintOf({ Event, PrimaryKey: id, FieldValues, Values }: Notification): Hint | undefined {
  const [entity] = Event.split(".");
  const values = FieldValues ?? Values ?? {};
  if (entity === "person") return { kind: "contact", associateId: null, refs: [`person:${id}`] };
  if (entity !== "activity") return undefined;
  const owner = z.int().positive().safeParse(values["associate_id"]).data ?? null;
  // Documents are activities too, and a delete names neither owner nor type: then the item links know, but for dates of
  // series, which are known by their rule.
  const isTask = taskTypes.includes(values["type"]);
  return {
    kind: isTask ? "task" : "appointment",
    associateId: owner,
    refs: [`appointment:${id}`, `task:${id}`],
  };
}

/** Wakes those whose turn it is, now and, while somebody waits for theirs, again then. */
function createDispatch({ database, deliver, log }: ApiDependencies) {
  const timers = new Set<OrganizationId>();

  async function dispatch(organizationId: OrganizationId): Promise<void> {
    const { woken, waitMs } = await database.inOrganization(organizationId, async (tx) => {
      const users = await claimWakes(tx);
      const recorded = [];
      for (const userId of users) recorded.push(...(await wake(userId)));
      return { woken: recorded, waitMs: await nextWakeInMs(tx) };

      async function wake(userId: UserId) {
        try {
          return [await record(tx, { organizationId, actor: "policy", userId, kind: "syncNow" })];
        } catch (error) {
          // Paused, or erased meanwhile: there is nothing to wake.
          if (error instanceof ApiProblem) return [];
          throw error;
        }
      }
    });
    for (const command of woken) await deliver({ organizationId, kind: "syncNow", ...command });
    if (waitMs === null || timers.has(organizationId)) return;
    timers.add(organizationId);
    const timer = setTimeout(
      () => {
        timers.delete(organizationId);
        // Without it, the next notification or the person's own interval comes in its place.
        dispatch(organizationId).catch((error: unknown) => log.warn({ err: error }, "wakes not dispatched"));
      },
      Math.max(0, waitMs),
    );
    timer.unref();
  }

  return dispatch;
}
