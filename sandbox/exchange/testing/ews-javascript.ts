import { createRequire } from "node:module";
import type util from "node:util";
import * as ews from "ews-javascript-api";
import type { Person } from "../../context.ts";
import type { TestExchange } from "./server.ts";

// The library writes raw text into XML and calls a function that Node 23 removed: without these few lines its
// requests are neither safe nor, with extended properties, possible.
const commonUtil = createRequire(import.meta.url)("node:util") as typeof util & {
  isNullOrUndefined?: (value: unknown) => boolean;
};
commonUtil.isNullOrUndefined ??= (value) => value === null || value === undefined;

const control = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const entity: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escape = (value: unknown): unknown =>
  typeof value === "string"
    ? value.replace(control, "").replace(/[&<>"]/g, (found) => entity[found] ?? found)
    : value;

interface Writer {
  WriteValue(value: unknown, name: string): void;
  WriteAttributeString(...parts: unknown[]): void;
}
const prototype = (ews as unknown as { EwsServiceXmlWriter: { prototype: Writer } }).EwsServiceXmlWriter
  .prototype;
const { WriteValue: writeValue, WriteAttributeString: writeAttribute } = prototype;
prototype.WriteValue = function (this: Writer, value, name) {
  writeValue.call(this, escape(value), name);
};
prototype.WriteAttributeString = function (this: Writer, ...parts) {
  writeAttribute.apply(this, [...parts.slice(0, -1), escape(parts.at(-1))]);
};

/** A service of ews-javascript-api that signs in as a person with Basic credentials; the process must run in UTC. */
export function ewsService(at: TestExchange, person: Person = at.person): ews.ExchangeService {
  const service = new ews.ExchangeService(ews.ExchangeVersion.Exchange2016);
  service.Url = new ews.Uri(at.url);
  service.Credentials = new ews.WebCredentials(person.userPrincipalName, person.password);
  return service;
}

export { ews };
