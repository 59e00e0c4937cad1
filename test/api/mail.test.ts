import { createServer, type Server, type Socket } from "node:net";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { UserId } from "../../core/ids.ts";
import { startInstallation, type Installation } from "./installation.ts";
import { createInvitees, linkIn, type Invitees } from "./invitees.ts";

describe("mails", () => {
  let everlink: Installation;
  let north: Invitees;
  const servers: Server[] = [];

  beforeAll(async () => {
    everlink = await startInstallation();
    north = await createInvitees(everlink, "north");
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) server.close();
    await useMailServer((everlink.sandbox as { smtpPort: number }).smtpPort);
  });
  afterAll(() => everlink.close());

  const useMailServer = (port: number) =>
    everlink.database.inOrganization(
      north.organizationId,
      (tx) =>
        tx`update connection set configuration = jsonb_set(configuration, '{port}', to_jsonb(${port}::int)) where kind = 'mail'`,
    );

  /** A mail server that takes everything, and does as told when the content is there. */
  async function serverThat(atContent: (socket: Socket) => string | undefined) {
    const contents: string[] = [];
    const server = createServer((socket) => {
      let content: string | undefined;
      socket.on("error", () => {});
      socket.write("220 test\r\n");
      socket.on("data", (chunk) => {
        const text = chunk.toString();
        if (content !== undefined) {
          content += text;
          if (!content.endsWith("\r\n.\r\n")) return;
          contents.push(content);
          content = undefined;
          const answer = atContent(socket);
          if (answer) socket.write(`${answer}\r\n`);
        } else if (/^DATA/m.test(text)) {
          content = "";
          socket.write("354 go on\r\n");
        } else {
          for (const line of text.trim().split("\r\n")) if (line) socket.write("250 ok\r\n");
        }
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await useMailServer(port);
    return { contents, port };
  }

  /** An invitation whose mail is in the outbox and not sent. */
  async function queued() {
    const person = north.somebody();
    const answer = await north.api.post<{ results: { userId: string; invitationId: string }[] }>(
      "/invitations",
      { associateIds: [person.associateId] },
    );
    const { userId, invitationId } = answer.body.results[0]!;
    const user = { organizationId: north.organizationId, userId: userId as UserId };
    const request = {
      ...user,
      kind: "invitation" as const,
      invitationId,
      reason: null,
      dedupeKey: `test/${randomUUID()}`,
    };
    const mailId = (await everlink.mails.queueMail(request))!;
    return { person, request, mail: { ...user, mailId }, invitationId };
  }

  it("gives one mail for one key, however often it is asked for and sent", async () => {
    const { person, request, mail } = await queued();
    const ids = await Promise.all([1, 2, 3].map(() => everlink.mails.queueMail(request)));
    expect(ids).toEqual([mail.mailId, mail.mailId, mail.mailId]);
    const results = await Promise.all([1, 2, 3, 4].map(() => everlink.mails.sendMail(mail)));
    expect(results.filter((result) => result.outcome === "accepted").length).toBeGreaterThanOrEqual(1);
    expect(await everlink.mails.sendMail(mail)).toEqual({ outcome: "accepted" });
    const [received, ...others] = await north.mailsTo(person.address);
    expect(others).toEqual([]);
    expect((await fetch(linkIn(received!.text))).status).toBe(200);
  });

  it("is each person's own, also when something befell two of them in the same millisecond", async () => {
    const [one, other] = [await queued(), await queued()];
    const died = { kind: "reauth" as const, invitationId: null, reason: "entra.grant-revoked" as const };
    const dedupeKey = "needs-reauth/2026-03-02T08:00:00.000Z/0";
    const ids = await Promise.all(
      [one, other].map(({ request }) => everlink.mails.queueMail({ ...request, ...died, dedupeKey })),
    );
    expect(new Set(ids).size).toBe(2);
    for (const [index, { person, mail }] of [one, other].entries()) {
      expect(await everlink.mails.sendMail({ ...mail, mailId: ids[index]! })).toEqual({
        outcome: "accepted",
      });
      expect(await north.mailsTo(person.address)).toHaveLength(1);
    }
  });

  it("is delayed while nobody listens, and goes out once, with a working link, when somebody does", async () => {
    const { person, mail } = await queued();
    const { port } = await serverThat(() => "250 ok");
    await new Promise((resolve) => servers.pop()!.close(resolve));
    await useMailServer(port);
    for (let tries = 0; tries < 3; tries += 1) {
      expect(await everlink.mails.sendMail(mail)).toEqual({
        outcome: "delayed",
        problem: "smtp.unreachable",
      });
    }
    await useMailServer(everlink.sandbox.smtpPort);
    expect(await everlink.mails.sendMail(mail)).toEqual({ outcome: "accepted" });
    const [received, ...others] = await north.mailsTo(person.address);
    expect(others).toEqual([]);
    expect((await fetch(linkIn(received!.text))).status).toBe(200);
  });

  it("is uncertain, and never sent again, when the answer to the content is lost", async () => {
    const { mail } = await queued();
    const server = await serverThat((socket) => void socket.destroy());
    for (let tries = 0; tries < 3; tries += 1) {
      expect(await everlink.mails.sendMail(mail)).toEqual({
        outcome: "uncertain",
        problem: "smtp.uncertain",
      });
    }
    expect(server.contents).toHaveLength(1);
  });

  it("is uncertain when the process died with the content on its way", async () => {
    const { mail } = await queued();
    const server = await serverThat(() => "250 ok");
    await everlink.database.inOrganization(
      north.organizationId,
      (tx) => tx`update outbox set state = 'sending' where mail_id = ${mail.mailId}`,
    );
    expect(await everlink.mails.sendMail(mail)).toEqual({ outcome: "uncertain", problem: "smtp.uncertain" });
    expect(server.contents).toEqual([]);
  });

  it("is refused for good when the server says so", async () => {
    const { mail } = await queued();
    const server = await serverThat(() => "554 5.7.1 no");
    for (let tries = 0; tries < 2; tries += 1) {
      expect(await everlink.mails.sendMail(mail)).toEqual({ outcome: "refused", problem: "smtp.refused" });
    }
    expect(server.contents).toHaveLength(1);
  });

  it("is withdrawn when the invitation was revoked before it went out", async () => {
    const { person, mail, invitationId } = await queued();
    expect((await north.api.post(`/invitations/${invitationId}/revoke`)).status).toBe(202);
    expect(await everlink.mails.sendMail(mail)).toEqual({ outcome: "withdrawn" });
    expect(await north.mailsTo(person.address)).toEqual([]);
  });

  it("leaves the links of every mail that went out good, and none of a try that did not", async () => {
    const { person, request, mail } = await queued();
    expect(await everlink.mails.sendMail(mail)).toEqual({ outcome: "accepted" });
    const again = await everlink.mails.queueMail({ ...request, dedupeKey: `test/${randomUUID()}` });
    expect(await everlink.mails.sendMail({ ...mail, mailId: again! })).toEqual({ outcome: "accepted" });
    const links = (await north.mailsTo(person.address)).map((each) => linkIn(each.text));
    expect(new Set(links).size).toBe(2);
    for (const link of links) expect((await fetch(link)).status).toBe(200);
    const [count] = await everlink.database.inOrganization(
      north.organizationId,
      (tx) =>
        tx<
          { n: number }[]
        >`select count(*)::int as n from invitation_secret where invitation_id = ${request.invitationId}`,
    );
    expect(count!.n).toBe(4);
  });
});
