import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startSandbox, type Sandbox } from "../server.ts";
import { samplePerson } from "../testing/people.ts";
import { createMail } from "./index.ts";
import type { Message } from "./store.ts";

const dataDir = mkdtempSync(join(tmpdir(), "sandbox-mail-"));
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ dataDir, systems: [createMail], seed: false });
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), readFileSync(sandbox.caFile, "utf8")]);
});
afterAll(async () => {
  await sandbox.close();
  rmSync(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  sandbox.rules.clear();
  await fetch(`${sandbox.origin}/mail/messages`, { method: "DELETE" });
});

const send = (over: Record<string, unknown> = {}) => {
  const transport = createTransport({ host: "127.0.0.1", port: sandbox.smtpPort, secure: false });
  return transport.sendMail({
    from: '"Kari Admin" <kari@nordlys.example>',
    to: "Åse <p1@nordlys.example>",
    subject: "Invitasjon: blåbær & smør",
    messageId: "<fixed@everlink>",
    text: "Open http://localhost:8080/register#abc, please.",
    html: '<p onclick="x()">Open <a href="http://localhost:8080/register?a=1&amp;b=2">this</a></p>',
    ...over,
  });
};
const read = async (path: string): Promise<Message[]> =>
  (await (await fetch(`${sandbox.origin}${path}`)).json()) as Message[];

describe("mail", () => {
  it("is taken over SMTP, with or without signing in, and told as JSON", async () => {
    await send();
    await send({ to: "p2@nordlys.example", auth: { user: "any", pass: "thing" } });
    const messages = await read("/mail/messages?to=P1@nordlys.example");
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({
      messageId: "<fixed@everlink>",
      recipients: ["p1@nordlys.example"],
      to: ["p1@nordlys.example"],
      subject: "Invitasjon: blåbær & smør",
      links: ["http://localhost:8080/register?a=1&b=2", "http://localhost:8080/register#abc"],
    });
    expect(messages[0]!.text).toContain("please");
    expect(await read("/mail/messages")).toHaveLength(2);
    expect(await read(`/mail/messages?since=${new Date(Date.now() + 60_000).toISOString()}`)).toHaveLength(0);
    expect(await read(`/mail/messages/${messages[0]!.id}`)).toMatchObject({ id: messages[0]!.id });
  });

  it("is shown in a list and rendered in a sandboxed frame in which nothing runs or loads", async () => {
    await send();
    const list = await (await fetch(`${sandbox.origin}/mail/`)).text();
    expect(list).toContain("Invitasjon: bl");
    const [message] = await read("/mail/messages");
    const page = await (await fetch(`${sandbox.origin}/mail/${message!.id}`)).text();
    expect(page).toContain('sandbox="allow-popups');
    const frame = await fetch(`${sandbox.origin}/mail/${message!.id}/html`);
    expect(frame.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect((await fetch(`${sandbox.origin}/mail/4711`)).status).toBe(404);
  });

  it("recipients and messages are refused as the rules say", async () => {
    sandbox.context.directory.save(samplePerson(1));
    sandbox.rules.add({
      system: "mail",
      operation: "RCPT p1@nordlys.example",
      effect: { kind: "status", status: 550 },
    });
    await expect(send()).rejects.toMatchObject({ responseCode: 550 });
    await send({ to: "p2@nordlys.example" });
    sandbox.rules.clear();
    sandbox.rules.add({
      system: "mail",
      operation: "DATA",
      effect: { kind: "status", status: 451, body: "try again later" },
      times: 1,
    });
    await expect(send()).rejects.toMatchObject({
      responseCode: 451,
      response: expect.stringContaining("try again") as string,
    });
    await send();
    expect(await read("/mail/messages")).toHaveLength(2);
  });

  it("a lost response after DATA: the sender sees a broken connection, the mail is there", async () => {
    sandbox.rules.add({ system: "mail", operation: "DATA", effect: { kind: "lostResponse" }, times: 1 });
    await expect(send()).rejects.toThrow(/closed|reset|ended/i);
    expect(await read("/mail/messages")).toHaveLength(1);
  });
});
