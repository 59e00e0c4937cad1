import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { FaultEffect, Person, SandboxContext, System } from "./context.ts";
import { createFrame } from "./frame.ts";
import { PortTakenError, startSandbox } from "./server.ts";

const folders: string[] = [];
const folder = () => {
  const made = mkdtempSync(join(tmpdir(), "sandbox-"));
  folders.push(made);
  return made;
};
afterAll(() => folders.forEach((each) => rmSync(each, { recursive: true, force: true })));

const aPerson = (associateId: number, over: Partial<Person> = {}): Person => ({
  associateId,
  personId: associateId,
  contactId: 1,
  loginName: `P${associateId}`,
  firstName: "Åse",
  lastName: "Lund",
  fullName: "Åse Lund",
  address: `p${associateId}@nordlys.example`,
  userPrincipalName: `p${associateId}@nordlys.onmicrosoft.example`,
  proxyAddresses: [`SMTP:p${associateId}@nordlys.example`, `smtp:alias${associateId}@nordlys.example`],
  userType: "Member",
  objectId: `object-${associateId}`,
  tenant: "tenant",
  password: "right",
  timeZone: "Europe/Oslo",
  capabilities: { mailbox: true, ews: true, graph: true, enabled: true, retired: false },
  ...over,
});

/** A system that counts how often it worked. */
function createEcho(context: SandboxContext): System & { worked(): number } {
  let worked = 0;
  return {
    name: "exchange",
    worked: () => worked,
    owns: (path) => path === "/echo",
    reset: () => undefined,
    handle: (_request, response, body) =>
      context.faults.run({ system: "exchange", operation: "Echo" }, response, (hint) => {
        worked += 1;
        return {
          status: 200,
          headers: { "content-type": "text/plain" },
          body: hint.ewsFault ? hint.ewsFault.code : hint.empty ? "nothing" : body.toString(),
        };
      }),
  };
}

function post(
  origin: string,
  caFile: string,
  body: string | Buffer,
  path = "/echo",
): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const call = request(
      `${origin}${path}`,
      { method: "POST", ca: readFileSync(caFile), agent: false },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => (text += chunk));
        answer.on("end", () => resolve({ status: answer.statusCode!, body: text, headers: answer.headers }));
        answer.on("error", reject);
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}

describe("the frame", () => {
  it("serves over TLS that its own certificate authority vouches for, kept over a restart", async () => {
    const dataDir = folder();
    const first = await startSandbox({ dataDir, systems: [createEcho], seed: false });
    const ca = readFileSync(first.caFile, "utf8");
    expect((await post(first.origin, first.caFile, "hei")).body).toBe("hei");
    expect((await post(`https://127.0.0.1:${first.port}`, first.caFile, "hei")).status).toBe(200);
    await first.close();
    const second = await startSandbox({ dataDir, systems: [createEcho], seed: false });
    expect(readFileSync(second.caFile, "utf8")).toBe(ca);
    expect((await post(second.origin, second.caFile, "igjen")).body).toBe("igjen");
    await second.close();
  });

  it("names the variable when the port is taken", async () => {
    const first = await startSandbox({ dataDir: folder(), systems: [], seed: false });
    const second = startSandbox({ dataDir: folder(), systems: [], port: first.port, seed: false });
    await expect(second).rejects.toThrow(PortTakenError);
    await expect(second).rejects.toThrow(/SANDBOX_PORT/);
    await first.close();
  });

  it("refuses bodies over 20 MB and unknown paths", async () => {
    const sandbox = await startSandbox({ dataDir: folder(), systems: [createEcho], seed: false });
    expect((await post(sandbox.origin, sandbox.caFile, Buffer.alloc(21 * 1024 * 1024))).status).toBe(413);
    expect((await post(sandbox.origin, sandbox.caFile, "", "/nowhere")).status).toBe(404);
    await sandbox.close();
  });
});

describe("fault rules", () => {
  async function underFault(effect: FaultEffect, body = "0123456789") {
    const sandbox = await startSandbox({ dataDir: folder(), systems: [createEcho], seed: false });
    sandbox.rules.add({ system: "exchange", operation: "Echo", effect, times: 1 });
    const echo = sandbox.systems.find((each) => each.owns("/echo")) as ReturnType<typeof createEcho>;
    const faulty = await post(sandbox.origin, sandbox.caFile, body).catch((error: Error) => error);
    return { sandbox, echo, faulty };
  }

  it.each<[FaultEffect, Record<string, unknown>]>([
    [
      { kind: "status", status: 503, retryAfterSeconds: 7 },
      { status: 503, headers: { "retry-after": "7" } },
    ],
    [
      { kind: "truncate", bytes: 4 },
      { status: 200, body: "0123" },
    ],
    [{ kind: "empty" }, { status: 200, body: "nothing" }],
    [
      { kind: "ewsFault", code: "ErrorServerBusy" },
      { status: 200, body: "ErrorServerBusy" },
    ],
    [
      { kind: "latency", ms: 5 },
      { status: 200, body: "0123456789" },
    ],
  ])("%o is carried out once, then spent", async (effect, expected) => {
    const { sandbox, faulty } = await underFault(effect);
    expect(faulty).toMatchObject(expected);
    expect(await post(sandbox.origin, sandbox.caFile, "sane")).toMatchObject({ status: 200, body: "sane" });
    await sandbox.close();
  });

  it("a lost response: the work is done, the connection breaks", async () => {
    const { sandbox, echo, faulty } = await underFault({ kind: "lostResponse" });
    expect(faulty).toBeInstanceOf(Error);
    expect(echo.worked()).toBe(1);
    await sandbox.close();
  });

  it("a late commit: the connection breaks first, the work is done later", async () => {
    const { sandbox, echo, faulty } = await underFault({ kind: "lateCommit", ms: 50 });
    expect(faulty).toBeInstanceOf(Error);
    expect(echo.worked()).toBe(0);
    await sandbox.rules.landed();
    expect(echo.worked()).toBe(1);
    await sandbox.close();
  });
});

describe("fault rules with a probability", () => {
  const half = { system: "graph", effect: { kind: "lostResponse" }, probability: 0.5 } as const;
  const open = (dataDir = folder()) => createFrame(dataDir, () => undefined);
  /** Whether each of these calls, in this order, is hit. */
  const fates = ({ context }: ReturnType<typeof open>, ...operations: string[]) =>
    operations.map((operation) => context.faults.pick({ system: "graph", operation }).effect !== undefined);
  const twenty = (operation: string) => Array.from({ length: 20 }, () => operation);

  it("draw the same again with the same seed, and otherwise with another", () => {
    const drawn = [7, 7, 8].map((seed) => {
      const frame = open();
      frame.rules.add({ ...half, seed });
      const hit = fates(frame, ...twenty("GET"));
      frame.close();
      return hit;
    });
    expect(drawn[1]).toEqual(drawn[0]);
    expect(drawn[2]).not.toEqual(drawn[0]);
    expect(drawn[0]?.filter(Boolean).length).toBeGreaterThan(4);
    expect(drawn[0]?.filter((hit) => !hit).length).toBeGreaterThan(4);
  });

  it("draw for each operation by itself, so that it does not matter which of two calls is faster", () => {
    const [one, other] = [open(), open()];
    for (const { rules } of [one, other]) rules.add({ ...half, seed: 7 });
    const gets = fates(one, ...twenty("GET"));
    fates(one, ...twenty("POST"));
    const mixed = fates(other, ...twenty("GET").flatMap((operation) => ["POST", operation]));
    expect(mixed.filter((_, index) => index % 2 === 1)).toEqual(gets);
    for (const frame of [one, other]) frame.close();
  });

  it("go on where they were in a sandbox that was killed, and are forgotten with their rule", () => {
    const whole = open();
    whole.rules.add({ ...half, seed: 7 });
    const expected = fates(whole, ...twenty("GET"), ...twenty("GET"));
    whole.close();

    const dataDir = folder();
    const killed = open(dataDir);
    const id = killed.rules.add({ ...half, seed: 7 });
    const before = fates(killed, ...twenty("GET"));
    // Not closed on purpose. The calls since the last hit are drawn for again: they were misses, and are again.
    const again = open(dataDir);
    const since = before.length - 1 - before.lastIndexOf(true);
    const after = fates(again, ...twenty("GET"), ...Array.from({ length: since }, () => "GET"));
    expect(after.slice(0, since)).toEqual(before.slice(20 - since));
    expect([...before, ...after.slice(since)]).toEqual(expected);

    again.rules.remove(id);
    again.rules.add({ ...half, seed: 7 });
    expect(fates(again, ...twenty("GET"))).toEqual(before);
    again.close();
    killed.close();
  });

  it("that come without a seed are given one", () => {
    const frame = open();
    frame.rules.add(half);
    frame.rules.add({ system: "graph", effect: { kind: "empty" } });
    const [drawing, certain] = frame.rules.list();
    expect(drawing?.seed).toBeTypeOf("number");
    expect(certain?.seed).toBeUndefined();
    frame.close();
  });

  it("neither hit nor draw while they are paused", () => {
    const frame = open();
    frame.rules.add({ ...half, probability: 1 });
    frame.rules.pause();
    expect(fates(frame, "GET", "GET")).toEqual([false, false]);
    frame.rules.resume();
    expect(fates(frame, "GET")).toEqual([true]);
    expect(frame.rules.list()).toMatchObject([{ hits: 1 }]);
    frame.close();
  });
});

describe("the state", () => {
  it("is there again in a second process's eyes: people, clock and rules", () => {
    const dataDir = folder();
    const frame = createFrame(dataDir, () => undefined);
    frame.context.directory.save(aPerson(7));
    frame.context.clock.advance(3_600_000);
    frame.rules.add({ system: "graph", effect: { kind: "latency", ms: 1 } });
    // Not closed on purpose: this is what a killed process leaves.
    const again = createFrame(dataDir, () => undefined);
    expect(again.context.directory.byAssociate(7)).toEqual(aPerson(7));
    expect(again.context.clock.now().getTime()).toBeGreaterThan(Date.now() + 3_500_000);
    expect(again.rules.list()).toHaveLength(1);
    again.close();
    frame.close();
  });

  it("finds a person by any of their addresses, whatever the case, and follows a change", () => {
    const frame = createFrame(folder(), () => undefined);
    const { directory } = frame.context;
    directory.save(aPerson(1));
    for (const address of [
      "P1@Nordlys.example",
      "p1@nordlys.onmicrosoft.example",
      "alias1@nordlys.example",
    ]) {
      expect(directory.byAddress(address)?.associateId).toBe(1);
    }
    directory.save(aPerson(1, { proxyAddresses: [] }));
    expect(directory.byAddress("alias1@nordlys.example")).toBeUndefined();
    expect(directory.byCredentials("p1@nordlys.example", "right")?.associateId).toBe(1);
    expect(directory.byCredentials("NORDLYS\\p1@nordlys.example", "right")?.associateId).toBe(1);
    expect(directory.byCredentials("p1@nordlys.example", "wrong")).toBeUndefined();
    directory.save(aPerson(1, { capabilities: { ...aPerson(1).capabilities, enabled: false } }));
    expect(directory.byCredentials("p1@nordlys.example", "right")).toBeUndefined();
    frame.close();
  });

  it("a failed transaction leaves nothing, a nested one only itself", () => {
    const frame = createFrame(folder(), () => undefined);
    const { transaction, directory } = frame.context;
    expect(() =>
      transaction(() => {
        directory.save(aPerson(1));
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(directory.people()).toHaveLength(0);
    transaction(() => {
      directory.save(aPerson(1));
      expect(() =>
        transaction(() => {
          directory.save(aPerson(2));
          throw new Error("inner");
        }),
      ).toThrow("inner");
    });
    expect(directory.people().map((each) => each.associateId)).toEqual([1]);
    frame.close();
  });
});
