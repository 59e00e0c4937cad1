import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Call {
  method: string;
  /** Below `/v1.0`. */
  path: string;
  headers: IncomingMessage["headers"];
  body: unknown;
}
type Answer = (call: Call, response: ServerResponse) => unknown;

export interface TestServer {
  url: string;
  calls: Call[];
  /** Answers every call; what it returns is sent as JSON, `undefined` means that it answered itself. */
  answer: Answer;
  close(): Promise<void>;
}

/** A server on loopback that answers what a test tells it. */
export async function openServer(answer: Answer): Promise<TestServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const call: Call = {
        method: request.method ?? "",
        path: decodeURIComponent((request.url ?? "").replace(/^\/v1\.0/u, "")),
        headers: request.headers,
        body: text === "" ? undefined : (JSON.parse(text) as unknown),
      };
      // Asked for once with each listing from nothing: it tells one mailbox from another.
      if (call.method === "GET" && call.path.startsWith("/me/calendar?")) {
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ id: "calendar-1", canEdit: true }));
        return;
      }
      test.calls.push(call);
      const json = test.answer(call, response);
      if (json === undefined) return;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(json));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const test: TestServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    answer,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return test;
}

/** An error as Graph tells it. */
export function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  headers: Record<string, string> = {},
): undefined {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify({ error: { code, message: "Refused." } }));
  return undefined;
}

interface BatchBody {
  requests: { id: string; method: string; url: string; headers: Record<string, string> }[];
}

/** Answers a batch part by part. */
export function batched(
  call: Call,
  part: (
    url: string,
    headers: Record<string, string>,
  ) => { status: number; body?: unknown; headers?: object },
): unknown {
  const { requests } = call.body as BatchBody;
  // Parts come back in any order.
  return {
    responses: requests.toReversed().map(({ id, url, headers }) => ({
      id,
      ...part(decodeURIComponent(url), headers),
    })),
  };
}
