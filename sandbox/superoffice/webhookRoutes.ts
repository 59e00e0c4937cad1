import type { Associates } from "./associates.ts";
import { checkedBody } from "./bodies.ts";
import { badRequest, notFound } from "./errors.ts";
import type { Office } from "./office.ts";
import { json, noContent, type Call, type Route } from "./router.ts";
import { NO_DATE, utcText } from "./time.ts";
import type { Webhook, Webhooks } from "./webhooks.ts";

interface Carrier {
  Name?: string | null;
  Events?: (string | null)[] | null;
  TargetUrl?: string | null;
  Secret?: string | null;
  State?: string;
}

/** `/api/v1/Webhook` (automation/webhook/dev/register.md, subscription.md); a target is tried before it is saved. */
export function webhookRoutes(office: Office, webhooks: Webhooks, associates: Associates): Route[] {
  const base = "/api/v1/Webhook";
  const current = (call: Call): Webhook => {
    const found = webhooks.find(Number(call.params["id"]));
    if (!found) throw notFound(`Webhook id ${call.params["id"]} not found`);
    return found;
  };
  const blank = (call: Call): Webhook => ({
    id: 0,
    name: "",
    events: ["contact.created", "contact.deleted"],
    targetUrl: "",
    secret: "",
    state: "Active",
    consecutiveErrors: 0,
    totalCalls: 0,
    totalErrors: 0,
    lastError: "",
    registered: office.now(),
    registeredBy: call.principal.associateId,
    updated: office.now(),
  });
  const entity = (webhook: Webhook, call: Call): Record<string, unknown> => ({
    WebhookId: webhook.id,
    Name: webhook.name,
    Events: webhook.events,
    TargetUrl: webhook.targetUrl,
    // Whether an answer tells the secret is not documented; a client must not rely on it.
    Secret: null,
    State: webhook.state,
    Type: "webhook",
    Headers: null,
    Properties: null,
    Registered: webhook.id === 0 ? NO_DATE : utcText(webhook.registered, call.dates),
    RegisteredAssociate: associates.carrier(webhook.registeredBy),
    Updated: webhook.id === 0 ? NO_DATE : utcText(webhook.updated, call.dates),
    UpdatedAssociate: null,
    ErrorsEmail: null,
    TotalCalls: webhook.totalCalls,
    TotalErrors: webhook.totalErrors,
    ConsecutiveErrors: webhook.consecutiveErrors,
    LastError: webhook.lastError,
  });
  const read = (before: Webhook, call: Call): Webhook => {
    const carrier = checkedBody<Carrier>(office, call.body, "Webhook");
    const events = (carrier.Events ?? before.events).filter((name) => name !== null);
    const targetUrl = carrier.TargetUrl ?? before.targetUrl;
    const local = /^http:\/\/(localhost|127\.0\.0\.1)[:/]/.test(targetUrl) && office.switches.webhookOverHttp;
    if (!targetUrl.startsWith("https://") && !local) throw badRequest("TargetUrl must be https");
    if (events.length === 0) throw badRequest("A webhook needs Events");
    const state = carrier.State === "Stopped" ? "Stopped" : "Active";
    return {
      ...before,
      name: carrier.Name ?? before.name,
      events,
      targetUrl,
      secret: carrier.Secret ?? before.secret,
      state,
      consecutiveErrors: state === "Active" ? 0 : before.consecutiveErrors,
      updated: office.now(),
    };
  };
  const save = async (webhook: Webhook): Promise<Webhook> => {
    const problem = webhook.state === "Active" ? await webhooks.test(webhook) : undefined;
    if (problem !== undefined)
      throw badRequest(`The target did not answer a test event with 200: ${problem}`);
    return office.write(() => webhooks.save(webhook));
  };

  return [
    {
      method: "GET",
      template: base,
      run: (call) =>
        json("Webhooks", call.empty ? [] : webhooks.all().map((webhook) => entity(webhook, call))),
    },
    {
      method: "GET",
      template: `${base}/default`,
      run: (call) => json("Webhook", entity(blank(call), call)),
    },
    { method: "GET", template: `${base}/{id}`, run: (call) => json("Webhook", entity(current(call), call)) },
    {
      method: "POST",
      template: base,
      run: async (call) => json("Webhook", entity(await save(read(blank(call), call)), call)),
    },
    {
      method: "POST",
      template: `${base}/Test`,
      async run(call) {
        const problem = await webhooks.test(read(blank(call), call));
        return json("WebhookResult", { Success: problem === undefined, Message: problem ?? "" });
      },
    },
    {
      method: "PUT",
      template: `${base}/{id}`,
      run: async (call) => json("Webhook", entity(await save(read(current(call), call)), call)),
    },
    {
      method: "DELETE",
      template: `${base}/{id}`,
      run(call) {
        office.write(() => webhooks.remove(current(call).id));
        return noContent;
      },
    },
  ];
}
