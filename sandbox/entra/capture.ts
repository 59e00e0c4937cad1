import { IncomingMessage, ServerResponse } from "node:http";
import type { Answer } from "../context.ts";

/**
 * Runs a Node request handler on a request of our making and gives its answer as a value, so that it can be
 * rewritten before it is sent and so that fault rules apply to it.
 */
export function capture(
  original: IncomingMessage,
  change: { url: string; originalUrl: string; body: Buffer | string; headers?: Record<string, string> },
  handler: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<Answer> {
  const request = new IncomingMessage(original.socket) as IncomingMessage & { originalUrl: string };
  request.method = original.method ?? "GET";
  request.url = change.url;
  request.originalUrl = change.originalUrl;
  request.httpVersion = original.httpVersion;
  const body = Buffer.from(change.body as string);
  request.headers = { ...original.headers, ...change.headers };
  delete request.headers["transfer-encoding"];
  if (original.headers["content-length"] !== undefined || body.length > 0) {
    request.headers["content-length"] = String(body.length);
  }
  if (body.length > 0) request.push(body);
  request.push(null);
  // An incomplete message would take the real connection with it when it is destroyed.
  request.complete = true;

  return new Promise((resolve, reject) => {
    const response = new ServerResponse(request);
    const chunks: Buffer[] = [];
    const keep = (chunk: unknown) => {
      if (typeof chunk === "string" || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk as string));
    };
    response.write = (chunk: unknown) => {
      keep(chunk);
      return true;
    };
    response.end = (chunk?: unknown) => {
      keep(chunk);
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(response.getHeaders())) {
        if (value === undefined || name === "content-length" || name === "transfer-encoding") continue;
        headers[name] = Array.isArray(value)
          ? value.join(name === "set-cookie" ? "\n" : ", ")
          : String(value);
      }
      resolve({ status: response.statusCode, headers, body: Buffer.concat(chunks) });
      return response;
    };
    Promise.resolve(handler(request, response)).catch(reject);
  });
}
