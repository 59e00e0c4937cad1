import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Person } from "../../context.ts";
import { createFrame, type Frame } from "../../frame.ts";
import { samplePerson, sampleTenant } from "../../testing/people.ts";
import { createExchange } from "../index.ts";

/** An Exchange on a free port over plain HTTP, with two people who have mailboxes. */
export interface TestExchange {
  url: string;
  frame: Frame;
  exchange: ReturnType<typeof createExchange>;
  person: Person;
  colleague: Person;
  /** What the server logged; a broken answer would stand here. */
  log: Record<string, unknown>[];
  close(): Promise<void>;
}

export async function startExchange(over: Partial<Person> = {}): Promise<TestExchange> {
  const folder = mkdtempSync(join(tmpdir(), "everlink-exchange-"));
  const log: Record<string, unknown>[] = [];
  const frame = createFrame(folder, (entry) => log.push(entry));
  frame.context.directory.saveTenant(sampleTenant);
  const person = samplePerson(1, over);
  const colleague = samplePerson(2);
  frame.context.directory.save(person);
  frame.context.directory.save(colleague);
  const exchange = createExchange(frame.context);
  for (const each of [person, colleague]) exchange.admit?.(each);

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      exchange.handle(request, response, Buffer.concat(chunks)).catch((error: unknown) => {
        log.push({ level: "error", error: String(error) });
        response.destroy();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/EWS/Exchange.asmx`,
    frame,
    exchange,
    person,
    colleague,
    log,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      frame.close();
      rmSync(folder, { recursive: true });
    },
  };
}
