import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { compose, deliverMail, type Mail } from "./mailer.ts";

const mail: Mail = {
  messageId: "<00000000-0000-4000-8000-000000000001@northwind.example>",
  from: { name: "Ada, Northwind", address: "ada@northwind.example" },
  to: { name: "Bo Lind", address: "bo@northwind.example" },
  subject: "Your diary",
  html: "<p>Hello</p>",
  text: "Hello",
};

type Script = (line: string, socket: Socket) => string | undefined;
const servers: Server[] = [];

/** A mail server that answers each line as the script says, and 250 otherwise. */
async function serverThat(script: Script): Promise<{ port: number; contents: string[] }> {
  const contents: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.write("220 test ESMTP\r\n");
    let content: string | undefined;
    let buffer = "";
    socket.on("data", (chunk) => {
      buffer += chunk.toString();
      if (content !== undefined) {
        content += buffer;
        buffer = "";
        if (!content.endsWith("\r\n.\r\n")) return;
        contents.push(content);
        content = undefined;
        const answer = script("CONTENT", socket);
        if (answer !== undefined) socket.write(`${answer}\r\n`);
        return;
      }
      for (;;) {
        const end = buffer.indexOf("\r\n");
        if (end < 0) return;
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        const answer = script(line, socket) ?? (line === "DATA" ? "354 go on" : "250 ok");
        if (answer.startsWith("354")) content = "";
        if (!socket.destroyed) socket.write(`${answer}\r\n`);
      }
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as { port: number }).port, contents };
}

async function deliver(port: number, beforeContent = () => Promise.resolve(true)) {
  return await deliverMail(
    { host: "127.0.0.1", port, secure: false, from: "ada@northwind.example", fromName: "Everlink" },
    { from: "ada@northwind.example", to: "bo@northwind.example" },
    await compose(mail),
    beforeContent,
    AbortSignal.timeout(10_000),
  );
}

describe("delivering a mail", () => {
  afterEach(async () => {
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  });

  it("is accepted when the server takes the content", async () => {
    const server = await serverThat((line) => (line === "CONTENT" ? "250 queued" : undefined));
    expect(await deliver(server.port)).toEqual({ outcome: "accepted" });
    expect(server.contents).toHaveLength(1);
    expect(server.contents[0]).toContain(`Message-ID: ${mail.messageId}`);
  });

  it("is delayed, and safe to try again, when nobody listens", async () => {
    const { port } = await serverThat(() => undefined);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await deliver(port)).toEqual({ outcome: "delayed", problem: "smtp.unreachable" });
  });

  it.each([
    [
      "the recipient is unknown",
      (line: string) => (line.startsWith("RCPT") ? "550 5.1.1 no such user" : undefined),
      { outcome: "refused", problem: "smtp.refused" },
    ],
    [
      "the recipient is greylisted",
      (line: string) => (line.startsWith("RCPT") ? "451 4.7.1 later" : undefined),
      { outcome: "delayed", problem: "smtp.unreachable" },
    ],
    [
      "the content is refused",
      (line: string) => (line === "CONTENT" ? "554 5.7.1 no" : undefined),
      { outcome: "refused", problem: "smtp.refused" },
    ],
    [
      "the content is put off",
      (line: string) => (line === "CONTENT" ? "452 4.3.1 full" : undefined),
      { outcome: "delayed", problem: "smtp.unreachable" },
    ],
  ] as const)("is told as it is when %s", async (_, script, delivery) => {
    const server = await serverThat(script);
    expect(await deliver(server.port)).toEqual(delivery);
  });

  it("is delayed when the connection breaks before the content", async () => {
    const server = await serverThat((line, socket) => {
      if (line.startsWith("RCPT")) socket.destroy();
      return undefined;
    });
    expect(await deliver(server.port)).toEqual({ outcome: "delayed", problem: "smtp.unreachable" });
    expect(server.contents).toEqual([]);
  });

  it("is uncertain when the connection breaks after the content", async () => {
    const server = await serverThat((line, socket) => {
      if (line === "CONTENT") socket.destroy();
      return undefined;
    });
    expect(await deliver(server.port)).toEqual({ outcome: "uncertain" });
    expect(server.contents).toHaveLength(1);
  });

  it("sends no content when it was withdrawn in the last moment", async () => {
    const server = await serverThat(() => undefined);
    expect(await deliver(server.port, () => Promise.resolve(false))).toEqual({ outcome: "withdrawn" });
    expect(server.contents).toEqual([]);
  });

  it("sends no content when the last moment could not be noted", async () => {
    const server = await serverThat(() => undefined);
    const delivery = await deliver(server.port, () => Promise.reject(new Error("database is down")));
    expect(delivery.outcome).toBe("delayed");
    expect(server.contents).toEqual([]);
  });
});

describe("composing a mail", () => {
  it.each(["Hello\r\nBcc: eve@evil.example", "Hello\nX: y", "a\u2028b"])(
    "refuses %j in a header",
    (subject) => {
      expect(() => compose({ ...mail, subject })).toThrow(RangeError);
      expect(() => compose({ ...mail, from: { ...mail.from, name: subject } })).toThrow(RangeError);
    },
  );

  it("has exactly one recipient, whatever the name", async () => {
    const text = (
      await compose({ ...mail, to: { name: 'x" <eve@evil.example>, "y', address: "bo@northwind.example" } })
    ).toString();
    const to = /^To: (.*(?:\r\n[ \t].*)*)/m.exec(text)?.[1] ?? "";
    expect(to).toMatch(/<bo@northwind\.example>$/);
    expect(text).not.toMatch(/^(Cc|Bcc):/im);
  });
});
