import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { XmlDocument, XmlElement, XmlLibError, XsdValidator } from "libxml2-wasm";
import { xmlRegisterFsInputProviders } from "libxml2-wasm/lib/nodejs.mjs";

let validator: XsdValidator | undefined;

/** What Microsoft's EWS schema holds against the child of the SOAP body; `undefined` when it is valid. */
export function schemaViolation(xml: string): string | undefined {
  validator ??= compile();
  const document = XmlDocument.fromString(xml);
  try {
    const body = document.get("//s:Body/*", { s: "http://schemas.xmlsoap.org/soap/envelope/" });
    if (!(body instanceof XmlElement)) return "no element in the body";
    validator.validate(body);
    return undefined;
  } catch (error) {
    if (error instanceof XmlLibError) return error.message;
    throw error;
  } finally {
    document.dispose();
  }
}

function compile(): XsdValidator {
  xmlRegisterFsInputProviders();
  const file = fileURLToPath(new URL("../../../sandbox/schemas/ews/messages.xsd", import.meta.url));
  const document = XmlDocument.fromBuffer(readFileSync(file), { url: file });
  return XsdValidator.fromDoc(document);
}
