import { type XmlDocument, XmlElement, XmlLibError } from "libxml2-wasm";
import { EwsFault } from "./errors.ts";
import { hasDocumentType, parseUntrusted, violation, type SchemaCounters } from "./schema.ts";
import { attribute, el, escape, readElement, write, type Xml } from "./xml.ts";

const soapNamespace = "http://schemas.xmlsoap.org/soap/envelope/";
const types = "http://schemas.microsoft.com/exchange/services/2006/types";
const messages = "http://schemas.microsoft.com/exchange/services/2006/messages";
const errors = "http://schemas.microsoft.com/exchange/services/2006/errors";

/** Largest request that Exchange takes by default is 13 MB (`maxReceivedMessageSize`); larger ones are refused. */
export const MAX_REQUEST_BYTES = 13_600_000;

/** A request whose operation element has passed the schema. */
export interface Envelope {
  operation: string;
  request: Xml;
  headers: Map<string, Xml>;
}

/** The text is not XML that the server would read at all: HTTP 400 without a body, as IIS and WCF answer. */
export class NotXml extends Error {}

/**
 * Reads a SOAP request and holds it against Microsoft's schema: the child of Body always, known headers too,
 * `RequestServerVersion` only for Exchange2016, whose schema this is.
 *
 * @throws NotXml, EwsFault `ErrorSchemaValidation`, `ErrorInvalidServerVersion`
 */
export function readEnvelope(body: Buffer, counters: SchemaCounters): Envelope {
  let document: XmlDocument | undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    if (hasDocumentType(text)) throw new NotXml("a document type is not allowed");
    document = parseUntrusted(text);
    const envelope = readParts(document.root);
    counters.requestsValid++;
    return envelope;
  } catch (error) {
    counters.requestsInvalid++;
    if (error instanceof XmlLibError || error instanceof TypeError) throw new NotXml(error.message);
    throw error;
  } finally {
    document?.dispose();
  }
}

function readParts(root: XmlElement): Envelope {
  if (root.name !== "Envelope" || root.namespaceUri !== soapNamespace) {
    throw new EwsFault("ErrorSchemaValidation", "The request is not a SOAP 1.1 envelope.");
  }
  const headers = new Map<string, Xml>();
  const header = elementsOf(root).find((part) => part.name === "Header");
  for (const entry of header ? elementsOf(header) : []) {
    if (entry.namespaceUri !== types) continue;
    const xml = readElement(entry);
    if (entry.name === "RequestServerVersion") checkVersion(entry, xml);
    else demandValid(entry);
    headers.set(entry.name, xml);
  }
  const body = elementsOf(root).find((part) => part.name === "Body");
  const operations = body ? elementsOf(body) : [];
  const operation = operations[0];
  if (!operation || operations.length > 1) {
    throw new EwsFault("ErrorSchemaValidation", "The SOAP body must hold one operation.");
  }
  demandValid(operation);
  return { operation: operation.name, request: readElement(operation), headers };
}

function elementsOf(element: XmlElement): XmlElement[] {
  const found: XmlElement[] = [];
  for (let node = element.firstChild; node; node = node.next)
    if (node instanceof XmlElement) found.push(node);
  return found;
}

const versions =
  /^(Exchange2007(_SP1)?|Exchange2010(_SP[12])?|Exchange2013(_SP1)?|Exchange2015|Exchange2016|V\d+_\d+_\d+)$/;

function checkVersion(element: XmlElement, xml: Xml): void {
  const version = attribute(xml, "Version") ?? "";
  if (version === "Exchange2016") demandValid(element);
  else if (!versions.test(version)) {
    throw new EwsFault("ErrorInvalidServerVersion", "The specified server version is invalid.");
  }
}

function demandValid(element: XmlElement): void {
  const found = violation(element);
  if (!found) return;
  throw new SchemaFault(found.message, found.line, found.column);
}

/** The fault for a request that breaks the schema, with the place where it does. */
export class SchemaFault extends EwsFault {
  constructor(violationText: string, line: number, column: number) {
    super("ErrorSchemaValidation", `The request failed schema validation: ${violationText}`);
    this.detail = [
      el("LineNumber", String(line)),
      el("LinePosition", String(column)),
      el("Violation", violationText),
    ];
  }
  readonly detail: Xml[];
}

// The build that an Exchange Server 2016 CU23 reports: clients derive from it what they may ask for.
const versionHeader =
  `<h:ServerVersionInfo MajorVersion="15" MinorVersion="1" MajorBuildNumber="2507" MinorBuildNumber="16"` +
  ` Version="V2017_07_11" xmlns:h="${types}"/>`;

/** The envelope of an answer; `content` is the operation's response element, written with prefixes `m` and `t`. */
export function writeEnvelope(content: string): string {
  return (
    `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="${soapNamespace}"><s:Header>${versionHeader}</s:Header>` +
    `<s:Body xmlns:m="${messages}" xmlns:t="${types}">${content}</s:Body></s:Envelope>`
  );
}

/** A SOAP fault as EWS sends it under HTTP 500. */
export function writeFault(
  fault: EwsFault | { code: string; message: string; values?: Record<string, string> },
): string {
  const detail = fault instanceof SchemaFault ? fault.detail : [];
  const values = Object.entries(fault.values ?? {}).map(([name, value]) =>
    el("Value", value, { Name: name }),
  );
  const messageXml = [...detail, ...values].map(write).join("");
  return writeEnvelope(
    `<s:Fault><faultcode xmlns:a="${types}">a:${fault.code}</faultcode>` +
      `<faultstring xml:lang="en-US">${escape(fault.message)}</faultstring>` +
      `<detail><e:ResponseCode xmlns:e="${errors}">${fault.code}</e:ResponseCode>` +
      `<e:Message xmlns:e="${errors}">${escape(fault.message)}</e:Message>` +
      `${messageXml ? `<t:MessageXml>${messageXml}</t:MessageXml>` : ""}</detail></s:Fault>`,
  );
}

/**
 * Holds an answer of ours against the schema.
 * @returns what is wrong with it, or undefined
 */
export function checkAnswer(answer: string, counters: SchemaCounters): string | undefined {
  let document: XmlDocument | undefined;
  try {
    document = parseUntrusted(answer);
    const body = elementsOf(document.root).find((part) => part.name === "Body");
    const content = body && elementsOf(body)[0];
    const found = content && violation(content);
    if (content && !found) {
      counters.responsesValid++;
      return undefined;
    }
    counters.responsesInvalid++;
    return found?.message ?? "no content";
  } catch (error) {
    counters.responsesInvalid++;
    return String(error);
  } finally {
    document?.dispose();
  }
}
