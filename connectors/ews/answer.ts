import { DOMParser } from "ews-javascript-api";
import type { Failure } from "../../core/errors/failure.ts";
import { malformed, notProcessed, refusedCall } from "./errors.ts";
import { attribute, child, children, text, type Xml } from "./xml.ts";

/** One response message of an answer: what became of one item of the request. */
export interface Message {
  /** The element holds what was asked for. A warning does, too, but for a batch that was stopped. */
  success: boolean;
  /** EWS response code, `NoError`, `ErrorItemNotFound`. */
  code: string;
  backOffMs: number | undefined;
  element: Xml;
}

/**
 * Reads a SOAP envelope strictly: the first thing that is not well-formed ends the reading. A document type
 * declaration is refused (EWS has none; entity bombs do). Nothing is guessed, so a truncated answer is no answer.
 *
 * @throws Failure `remote.malformed`
 */
export function parseEnvelope(xml: string, operation: string): Xml {
  const start = xml.search(/<(?![?]|!--)/u);
  if (start < 0 || xml.startsWith("<!", start)) throw malformed(operation, "no envelope");
  let root: Xml | null | undefined;
  try {
    const refuse = (message: unknown): never => {
      throw new Error(String(message));
    };
    // xmldom, as the library brings it. Its own handlers would print to the console and go on.
    const parser = new DOMParser({ errorHandler: { warning: refuse, error: refuse, fatalError: refuse } });
    root = (parser.parseFromString(xml, "text/xml") as { documentElement?: Xml } | undefined)
      ?.documentElement;
  } catch {
    throw malformed(operation, "not well-formed");
  }
  if (root?.localName !== "Envelope") throw malformed(operation, "no envelope");
  return root;
}

/**
 * The response messages of a successful answer, in the order of the request.
 *
 * @param expected how many the request asks for; fewer is a truncated answer
 * @throws Failure of the SOAP fault; `remote.malformed` when it is neither
 */
export function responseMessages(envelope: Xml, operation: string, expected: number): Message[] {
  const body = child(envelope, "Body");
  const response = body && child(body, `${operation}Response`);
  if (!response) throw soapFault(envelope, operation, 200) ?? malformed(operation, "no response");
  const container = child(response, "ResponseMessages");
  const messages = container ? children(container).map((element) => message(element, operation)) : [];
  if (messages.length !== expected) throw malformed(operation, "response messages missing");
  return messages;
}

/** What a SOAP fault says; `undefined` when there is none. */
export function soapFault(
  envelope: Xml,
  operation: string,
  status: number,
  retryAfterMs?: number,
): Failure | undefined {
  const body = child(envelope, "Body");
  const fault = body && child(body, "Fault");
  if (!fault) return undefined;
  const detail = child(fault, "detail") ?? child(fault, "Detail");
  const code = detail && child(detail, "ResponseCode");
  const backOff = (detail && backOffMs(detail)) ?? retryAfterMs;
  // `a:ErrorServerBusy` in `faultcode` is all that some proxies leave of a fault.
  const name = code ? text(code) : (text(child(fault, "faultcode")).split(":").at(-1) ?? "");
  return refusedCall(name.trim(), {
    operation,
    retryAfterMs: backOff,
    ...(status === 200 ? {} : { status }),
  });
}

function message(element: Xml, operation: string): Message {
  const outcome = attribute(element, "ResponseClass");
  const code = child(element, "ResponseCode");
  if (!code || outcome === undefined) throw malformed(operation, "a response message without a code");
  const name = text(code).trim();
  return {
    success: outcome === "Success" || (outcome === "Warning" && name !== notProcessed),
    code: name,
    backOffMs: backOffMs(element),
    element,
  };
}

/** `<MessageXml><Value Name="BackOffMilliseconds">`, see "EWS throttling in Exchange". */
function backOffMs(parent: Xml): number | undefined {
  const xml = child(parent, "MessageXml");
  for (const value of xml ? children(xml, "Value") : []) {
    const ms = Number(text(value));
    if (attribute(value, "Name") === "BackOffMilliseconds" && Number.isFinite(ms) && ms >= 0) return ms;
  }
  return undefined;
}
