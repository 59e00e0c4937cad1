import { createSign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import type { Person } from "../context.ts";
import { createFrame, type Frame } from "../frame.ts";
import { createSuperOffice, type SuperOffice } from "./index.ts";

export type Json = Record<string, unknown>;

export interface Answered {
  status: number;
  headers: Headers;
  /** Parsed, or the text itself when it is no JSON. */
  body: Json;
}

/** A pretend SuperOffice on a free port with two people, for tests; speaks HTTP like any client. */
export interface TestOffice {
  frame: Frame;
  office: SuperOffice;
  origin: string;
  ada: Person;
  ben: Person;
  connection: Record<string, string>;
  /** The ticket that the system user flow gives. */
  ticket(): Promise<string>;
  /** A call below `/Cust12345/api/v1` as the system user. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
  fetch(path: string, init?: RequestInit): Promise<Answered>;
  signedToken(at?: Date): string;
  /** @param keep leaves the data folder for another office */
  close(keep?: boolean): Promise<void>;
}

export async function openOffice(dataDir = mkdtempSync(join(tmpdir(), "superoffice-"))): Promise<TestOffice> {
  const frame = createFrame(dataDir, () => undefined);
  const office = createSuperOffice(frame.context);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => void office.handle(request, response, Buffer.concat(chunks)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  frame.listening(origin);
  const ada = personNamed("Ada", "Aas", 101);
  const ben = personNamed("Ben", "Berg", 102);
  frame.context.directory.saveTenant({ id: ada.tenant, name: "Nordlys", domain: "nordlys.example" });
  for (const person of [ada, ben]) {
    frame.context.directory.save(person);
    office.admit?.(person);
  }
  const connection = office.connection() as Record<string, string>;
  const fetchHere = async (path: string, init?: RequestInit): Promise<Answered> => {
    const response = await fetch(origin + path, { redirect: "manual", ...init });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsed(text) };
  };
  let cached: string | undefined;
  const signedToken = (at = frame.context.clock.now()): string => {
    const stamp = at.toISOString().slice(0, 16).replace(/[-T:]/g, "");
    const data = `${connection["systemUserToken"]}.${stamp}`;
    return `${data}.${createSign("SHA256")
      .update(data)
      .sign(connection["privateKeyPem"] ?? "", "base64")}`;
  };
  const ticket = async (): Promise<string> => {
    const answer = await fetchHere("/Login/api/PartnerSystemUser/Authenticate", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        SignedSystemToken: signedToken(),
        ApplicationToken: connection["clientSecret"],
        ContextIdentifier: "Cust12345",
        ReturnTokenType: "JWT",
      }),
    });
    return String(claimsOf(String(answer.body["Token"]))["http://schemes.superoffice.net/identity/ticket"]);
  };
  return {
    frame,
    office,
    origin,
    ada,
    ben,
    connection,
    ticket,
    fetch: fetchHere,
    signedToken,
    async call(method, path, body, headers = {}) {
      cached ??= await ticket();
      return fetchHere(`/Cust12345/api/v1${path}`, {
        method,
        headers: {
          Authorization: `SOTicket ${cached}`,
          "SO-AppToken": connection["clientSecret"] ?? "",
          "SO-TimeZone": "UTC, includeTZOffset",
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
    },
    async close(keep = false) {
      await office.close?.();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      frame.close();
      if (!keep) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export function claimsOf(jwt: string): Json {
  return JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString("utf8")) as Json;
}

export function personNamed(firstName: string, lastName: string, associateId: number): Person {
  const local = `${firstName}.${lastName}`.toLowerCase();
  const address = `${local}@nordlys.example`;
  return {
    associateId,
    personId: associateId + 1000,
    contactId: 5,
    loginName: firstName.slice(0, 2).toUpperCase() + String(associateId),
    firstName,
    lastName,
    fullName: `${firstName} ${lastName}`,
    address,
    userPrincipalName: address,
    proxyAddresses: [address],
    userType: "Member",
    objectId: `00000000-0000-4000-8000-${String(associateId).padStart(12, "0")}`,
    tenant: "11111111-1111-4111-8111-111111111111",
    password: `pw-${local}`,
    timeZone: "Europe/Oslo",
    capabilities: { mailbox: true, ews: true, graph: true, enabled: true, retired: false },
  };
}

function parsed(text: string): Json {
  if (text === "") return {};
  try {
    return JSON.parse(text) as Json;
  } catch {
    return { text };
  }
}
