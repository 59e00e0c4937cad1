import { fileURLToPath } from "node:url";
import { readFileSync } from "node:fs";
import { ParseOption, XmlDocument, type XmlElement, XmlLibError, XsdValidator } from "libxml2-wasm";
import { xmlRegisterFsInputProviders } from "libxml2-wasm/lib/nodejs.mjs";

/** What the schema holds against a message, with the place in it. */
export interface Violation {
  message: string;
  line: number;
  column: number;
}

/**
 * Microsoft's EWS schema (Exchange2016), compiled once per process (about 0.4 s).
 * Validates one element and all below it.
 */
export function violation(element: XmlElement): Violation | undefined {
  try {
    compiled().validate(element);
    return undefined;
  } catch (error) {
    if (!(error instanceof XmlLibError)) throw error;
    const detail = error.details[0];
    return {
      message: (detail?.message ?? error.message).trim(),
      line: detail?.line ?? 0,
      column: detail?.col ?? 0,
    };
  }
}

let validator: XsdValidator | undefined;

function compiled(): XsdValidator {
  if (!validator) {
    xmlRegisterFsInputProviders(); // messages.xsd imports types.xsd, which imports xml.xsd
    const file = fileURLToPath(new URL("../schemas/ews/messages.xsd", import.meta.url));
    const document = XmlDocument.fromBuffer(readFileSync(file), { url: file });
    validator = XsdValidator.fromDoc(document);
    document.dispose();
  }
  return validator;
}

/**
 * Parses text that nobody vouches for: no document type, no entities of its own, no network; libxml2's own limits
 * hold for depth (256) and text size (10 MB).
 * @throws XmlLibError when it is not well-formed
 */
export function parseUntrusted(text: string): XmlDocument {
  return XmlDocument.fromString(text, {
    option: ParseOption.XML_PARSE_NO_XXE | ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NOERROR,
  });
}

/** True when a document type declaration stands before the root element. */
export function hasDocumentType(text: string): boolean {
  let at = 0;
  for (;;) {
    const open = text.indexOf("<", at);
    if (open === -1) return false;
    if (text.startsWith("<?", open)) at = after(text, "?>", open);
    else if (text.startsWith("<!--", open)) at = after(text, "-->", open);
    else return text.startsWith("<!", open);
  }
}

function after(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from);
  return found === -1 ? text.length : found + end.length;
}

/** How many messages were checked in this process's life of one Exchange, by direction and outcome. */
export interface SchemaCounters {
  requestsValid: number;
  requestsInvalid: number;
  responsesValid: number;
  responsesInvalid: number;
  /** SOAP faults: their envelope is SOAP's own and has no declaration in the EWS schema. */
  faults: number;
}

export function newCounters(): SchemaCounters {
  return { requestsValid: 0, requestsInvalid: 0, responsesValid: 0, responsesInvalid: 0, faults: 0 };
}
