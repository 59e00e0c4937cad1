import { createRequire } from "node:module";
import * as ews from "ews-javascript-api";
import { Failure } from "../../core/errors/failure.ts";

/**
 * `ews-javascript-api`, made safe, as what it is good at: writing requests that are valid against Microsoft's
 * schema. It is never shown an answer (see README.md), so of its ways to fail only those of writing are left.
 */

/** `node:util` as CommonJS sees it: one object for the whole process, so the library sees what is put there. */
const require = createRequire(import.meta.url);
const util = require("node:util") as { isNullOrUndefined?: (value: unknown) => boolean };
util.isNullOrUndefined ??= (value) => value === null || value === undefined;

const beyondXml = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#xD;",
};

/** Text as XML may hold it: what XML 1.0 cannot carry is left out, markup is escaped. */
function escaped(value: unknown): unknown {
  if (typeof value !== "string") return value;
  return value.replace(beyondXml, "").replace(/[&<>"\r]/gu, (character) => entities[character] ?? character);
}

type Method = (this: unknown, ...parameters: unknown[]) => unknown;

function rewrite(owner: object, name: string, change: (original: Method) => Method): void {
  const methods = owner as Record<string, Method>;
  const original = methods[name];
  if (original === undefined) throw new Error(`ews-javascript-api has no ${name} any more: read README.md`);
  methods[name] = change(original);
}

rewrite(ews.EwsServiceXmlWriter.prototype, "WriteValue", (original) => {
  return function (value, name) {
    return original.call(this, escaped(value), name);
  };
});

rewrite(ews.EwsServiceXmlWriter.prototype, "WriteAttributeString", (original) => {
  return function (...parameters) {
    return original.call(this, ...parameters.slice(0, -1), escaped(parameters.at(-1)));
  };
});

/** A moment that was given in UTC is written as it is: no detour over the process's or the item's zone. */
rewrite(ews.ScopedDateTimePropertyDefinition.prototype, "ScopeToTimeZone", (original) => {
  return function (service, at, ...rest) {
    return (at as ews.DateTime).Kind === ews.DateTimeKind.Utc
      ? at
      : original.call(this, service, at, ...rest);
  };
});

/** Dates of a recurrence are dates, and belong to no zone; the library would append the offset of the process. */
rewrite(ews.DateTime, "DateTimeToXSDate", () => {
  return (date) => (date as ews.DateTime).Format("YYYY-MM-DD");
});

/** An instant. */
export function instant(text: string): ews.DateTime {
  return new ews.DateTime(Date.parse(text), ews.DateTimeKind.Utc);
}

/** A date without a zone, `2026-03-02`. */
export function plainDate(date: string): ews.DateTime {
  return new ews.DateTime(Date.parse(`${date}T00:00:00Z`), ews.DateTimeKind.Utc);
}

/** A zone by its Windows name. Servers since Exchange 2010 know the rules themselves; no definition is sent. */
export function zone(windowsName: string): ews.TimeZoneInfo {
  return ews.TimeZoneInfo.CreateCustomTimeZone(windowsName, ews.TimeSpan.Zero, windowsName, windowsName);
}

export interface Writing {
  /** Makes the library send one request on this service; its promise never settles. */
  (service: ews.ExchangeService): Promise<unknown>;
}

/**
 * The SOAP envelope of one request. One service object per request: the library keeps state on it.
 *
 * @param impersonate address of the mailbox to act as (`ExchangeImpersonation`), for service accounts
 * @throws Failure `ews.request-invalid` when the library refuses to write it
 */
export function writeRequest(
  operation: string,
  write: Writing,
  impersonate: string | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown): void =>
      reject(new Failure("ews.request-invalid", { detail: { operation, reason: "not written" }, cause }));
    const service = new ews.ExchangeService(ews.ExchangeVersion.Exchange2016, ews.TimeZoneInfo.Utc);
    service.Url = new ews.Uri("https://nowhere.invalid/EWS/Exchange.asmx");
    service.Credentials = new ews.WebCredentials("unused", "unused");
    service.SendClientLatencies = false;
    if (impersonate !== undefined) {
      service.ImpersonatedUserId = new ews.ImpersonatedUserId(ews.ConnectingIdType.SmtpAddress, impersonate);
    }
    service.XHRApi = {
      apiName: "everlink",
      xhr(request: { data?: string }) {
        if (typeof request.data === "string") resolve(request.data);
        else refuse(new Error("an empty request"));
        return new Promise<never>(() => undefined);
      },
      xhrStream: () => Promise.reject(new Error("not used")),
      disconnect: () => undefined,
    };
    try {
      write(service).catch(refuse);
    } catch (error) {
      refuse(error);
    }
  });
}

export { ews };
