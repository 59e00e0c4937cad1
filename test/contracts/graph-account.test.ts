import { afterAll, beforeAll, expect, it } from "vitest";
import { createGraphStore } from "../../connectors/graph/store.ts";
import { createGraphContactStore } from "../../connectors/graph/contacts.ts";
import { createGraphTaskStore } from "../../connectors/graph/tasks.ts";
import type { MailboxId, UserId } from "../../core/ids.ts";
import { mailboxIdentity } from "../../db/mailboxes.ts";
import { createBrowser, titleOf } from "../api/browser.ts";
import { startInstallation, type Installation } from "../api/installation.ts";
import { createInvitees, type Invitees } from "../api/invitees.ts";

let everlink: Installation;
let north: Invitees;
beforeAll(async () => {
  everlink = await startInstallation();
  north = await createInvitees(everlink, "north");
  await everlink.database.inOrganization(
    north.organizationId,
    (tx) => tx`
      update connection set configuration = configuration || '{"backend": "graph"}' where kind = 'microsoft'`,
  );
});
afterAll(() => everlink?.close());

it("where the connection says Graph, a person allows Graph's permissions, and their mailbox is read by it", async () => {
  const person = north.somebody();
  const { userId, link } = await north.invited(person);
  const browser = createBrowser();
  expect(titleOf(await browser.signIn(await north.begin(browser, link), person))).toBe("You are connected");
  await everlink.carryOut(north.organizationId, userId);
  const { mailbox } = await north.detailOf(userId);
  const identity = await everlink.database.inOrganization(north.organizationId, (tx) =>
    mailboxIdentity(tx, mailbox?.id as MailboxId),
  );
  expect(identity).toMatchObject({ backend: "graph", address: person.address });

  const user = { organizationId: north.organizationId, userId: userId as UserId, resource: "graph" as const };
  const options = {
    url: everlink.sandbox.origin,
    mailboxAddress: person.address,
    token: (signal: AbortSignal, again?: { force: true }) =>
      everlink.entra.accessToken({ ...user, ...again }, signal),
    userAgent: "Everlink test",
  };
  const signal = AbortSignal.timeout(20_000);
  for (const make of [createGraphStore, createGraphTaskStore, createGraphContactStore]) {
    expect(await make(options).probe(signal)).toEqual({ ok: true });
  }
});
