import { createHmac, randomUUID } from "node:crypto";
import type { Office } from "./office.ts";
import { TENANT } from "./office.ts";

export type Entity = "activity" | "contact" | "person" | "associate" | "webhook";

/** What happened to a row, waiting to be told to webhooks. */
export interface Event {
  entity: Entity;
  what: "created" | "changed" | "deleted" | "test";
  id: number;
  by: number;
  values: Record<string, unknown>;
}

export interface Webhook {
  id: number;
  name: string;
  events: string[];
  targetUrl: string;
  secret: string;
  state: "Active" | "Stopped" | "TooManyErrors";
  consecutiveErrors: number;
  totalCalls: number;
  totalErrors: number;
  lastError: string;
  registered: number;
  registeredBy: number;
  updated: number;
}

/** Attempts for one event, and failed ones in a row that stop a webhook (automation/webhook/dev/notification.md). */
const ATTEMPTS = 3;
const MOST_ERRORS = 9;

/**
 * Delivers events to webhooks: signed, three attempts (after 1 and 4 s), then the event is gone; after nine failed
 * attempts in a row the webhook is `TooManyErrors` until its receiver sets it to `Active` again. What waits is on
 * disk with the change that caused it, so a killed sandbox delivers late but delivers.
 * @see automation/webhook/dev/notification.md, security.md, reference/activity-events.md
 */
export class Webhooks {
  readonly #office: Office;
  readonly #stop = new AbortController();
  #pump: Promise<void> | undefined;

  constructor(office: Office) {
    this.#office = office;
    office.tell = (event) => this.#queue(event);
  }

  all(): Webhook[] {
    return this.#office.sql
      .all<{ webhook_id: number; fields: string }>(
        "select webhook_id, fields from superoffice_webhook order by webhook_id",
      )
      .map((row) => ({ ...(JSON.parse(row.fields) as Webhook), id: row.webhook_id }));
  }

  find(id: number): Webhook | undefined {
    return this.all().find((webhook) => webhook.id === id);
  }

  save(webhook: Webhook): Webhook {
    const fields = JSON.stringify(webhook);
    if (webhook.id === 0) {
      return {
        ...webhook,
        id: this.#office.sql.run("insert into superoffice_webhook (fields) values (?)", fields),
      };
    }
    this.#office.sql.run(
      "update superoffice_webhook set fields = ? where webhook_id = ?",
      fields,
      webhook.id,
    );
    return webhook;
  }

  remove(id: number): void {
    this.#office.sql.run("delete from superoffice_webhook where webhook_id = ?", id);
    this.#office.sql.run("delete from superoffice_event where webhook_id = ?", id);
  }

  /** Posts a test event. @returns what went wrong, or undefined when the target answered 200 */
  async test(webhook: Webhook): Promise<string | undefined> {
    const event: Event = {
      entity: "webhook",
      what: "test",
      id: webhook.id,
      by: this.#office.actor,
      values: {},
    };
    return this.#post(webhook, JSON.stringify(this.#payload(webhook, event)), 0);
  }

  /** Waits until everything that waits was told or given up; for tests, and before closing. */
  async idle(): Promise<void> {
    await this.#pump;
  }

  close(): void {
    this.#stop.abort();
  }

  /** Part of the change's own transaction: an event is told if and only if its change is kept. */
  #queue(event: Event): void {
    const name = `${event.entity}.${event.what}`;
    for (const webhook of this.all()) {
      if (webhook.state !== "Active" || !webhook.events.includes(name)) continue;
      this.#office.sql.run(
        "insert into superoffice_event (webhook_id, payload) values (?, ?)",
        webhook.id,
        JSON.stringify(this.#payload(webhook, event)),
      );
      this.start();
    }
  }

  /** Delivers what waits, oldest first; also what a former life of the sandbox left. */
  start(): void {
    this.#pump ??= new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => this.#deliverAll())
      .finally(() => {
        this.#pump = undefined;
      });
  }

  async #deliverAll(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const next = this.#office.sql.first<{ event_id: number; webhook_id: number; payload: string }>(
        "select event_id, webhook_id, payload from superoffice_event order by event_id limit 1",
      );
      if (!next) return;
      const webhook = this.find(next.webhook_id);
      if (webhook?.state === "Active") await this.#deliver(webhook, next.payload);
      if (this.#stop.signal.aborted) return;
      this.#office.write(() =>
        this.#office.sql.run("delete from superoffice_event where event_id = ?", next.event_id),
      );
    }
  }

  async #deliver(webhook: Webhook, payload: string): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS && !this.#stop.signal.aborted; attempt++) {
      if (attempt > 0) await this.#wait((attempt === 1 ? 1 : 4) * this.#office.switches.webhookRetryMs);
      const problem = await this.#post(webhook, payload, attempt);
      if (this.#stop.signal.aborted) return;
      const now = this.find(webhook.id);
      if (now?.state !== "Active") return;
      const consecutiveErrors = problem === undefined ? 0 : now.consecutiveErrors + 1;
      this.#office.write(() =>
        this.save({
          ...now,
          totalCalls: now.totalCalls + 1,
          totalErrors: now.totalErrors + (problem === undefined ? 0 : 1),
          consecutiveErrors,
          lastError: problem ?? now.lastError,
          state: consecutiveErrors >= MOST_ERRORS ? "TooManyErrors" : "Active",
        }),
      );
      if (problem === undefined) return;
    }
  }

  async #post(webhook: Webhook, body: string, attempt: number): Promise<string | undefined> {
    const { EventId, Event } = JSON.parse(body) as { EventId: string; Event: string };
    const signature = createHmac("sha256", webhook.secret).update(body).digest("base64");
    try {
      const answer = await fetch(webhook.targetUrl, {
        method: "POST",
        headers: {
          "content-type": "application/json; charset=utf-8",
          "user-agent": "NetServer-Webhook/10.5",
          "x-superoffice-event": Event,
          "x-superoffice-eventid": EventId,
          "x-superoffice-retry": String(attempt),
          ...(webhook.secret === "" ? {} : { "x-superoffice-signature": signature }),
        },
        body,
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(10_000)]),
      });
      await answer.arrayBuffer();
      return answer.status === 200 ? undefined : `HTTP ${answer.status}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #payload(webhook: Webhook, event: Event): Record<string, unknown> {
    const values =
      event.what === "deleted" || this.#office.switches.webhookValues === "Values" ? "Values" : "FieldValues";
    return {
      EventId: randomUUID(),
      Timestamp: new Date(this.#office.now()).toISOString(),
      Changes: event.what === "deleted" ? [] : Object.keys(event.values),
      Event: `${event.entity}.${event.what}`,
      PrimaryKey: event.id,
      Entity: event.entity,
      ContextIdentifier: TENANT,
      ChangedByAssociateId: event.by,
      WebhookName: webhook.name,
      [values]: event.values,
    };
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#stop.signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    });
  }
}
