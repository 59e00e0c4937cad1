import { XmlDocument } from "libxml2-wasm";
import type { Person } from "../../context.ts";
import { attribute, child, children, childText, readElement, type Xml } from "../xml.ts";

const soap = "http://schemas.xmlsoap.org/soap/envelope/";
const types = "http://schemas.microsoft.com/exchange/services/2006/types";
const messages = "http://schemas.microsoft.com/exchange/services/2006/messages";

/** Where EWS is spoken, and who speaks unless told otherwise. */
export interface Endpoint {
  url: string;
  person: Person;
}

/** A raw answer, read as plain data. */
export interface SoapAnswer {
  status: number;
  headers: Headers;
  text: string;
  /** The child of Body: a response, or `Fault`. */
  content: Xml | undefined;
  /** Response messages in order, each with its code. */
  messages: { code: string; responseClass: string; xml: Xml }[];
}

export interface SoapOptions {
  person?: Person;
  authorization?: string;
  /** The request is not meant to be valid. */
  broken?: boolean;
  /** Further SOAP headers, written with the prefix `t`. */
  header?: string;
}

/** Posts one operation, written with the prefixes `m` and `t`. */
export async function post(at: Endpoint, operation: string, options: SoapOptions = {}): Promise<SoapAnswer> {
  return postRaw(
    at,
    `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="${soap}" xmlns:t="${types}" xmlns:m="${messages}">` +
      `<s:Header><t:RequestServerVersion Version="Exchange2016"/>${options.header ?? ""}</s:Header>` +
      `<s:Body>${operation}</s:Body></s:Envelope>`,
    options,
  );
}

export async function postRaw(
  at: Endpoint,
  body: string | Buffer,
  options: SoapOptions = {},
): Promise<SoapAnswer> {
  const person = options.person ?? at.person;
  const basic = `Basic ${Buffer.from(`${person.address}:${person.password}`).toString("base64")}`;
  const response = await fetch(at.url, {
    method: "POST",
    headers: {
      "content-type": "text/xml; charset=utf-8",
      authorization: options.authorization ?? basic,
      ...(options.broken ? { "x-broken-on-purpose": "1" } : {}),
    },
    body: typeof body === "string" ? body : new Uint8Array(body),
  });
  const text = await response.text();
  const content = text === "" ? undefined : contentOf(text);
  const list = children(child(content, "ResponseMessages")).map((xml) => ({
    code: childText(xml, "ResponseCode") ?? "",
    responseClass: attribute(xml, "ResponseClass") ?? "",
    xml,
  }));
  return { status: response.status, headers: response.headers, text, content, messages: list };
}

function contentOf(text: string): Xml | undefined {
  const document = XmlDocument.fromString(text);
  try {
    return children(child(readElement(document.root), "Body"))[0];
  } finally {
    document.dispose();
  }
}

/** All elements with a name, at any depth. */
export function all(xml: Xml | undefined, name: string): Xml[] {
  return children(xml).flatMap((entry) => [...(entry.name === name ? [entry] : []), ...all(entry, name)]);
}

export function text(xml: Xml | undefined, name: string): string | undefined {
  return all(xml, name)[0]?.text;
}

/** The first `ItemId` in an answer, as an element to send back. */
export function itemId(answer: SoapAnswer, index = 0): string {
  const id = all(answer.content, "ItemId")[index];
  return `<t:ItemId Id="${attribute(id, "Id")}" ChangeKey="${attribute(id, "ChangeKey")}"/>`;
}

export function distinguished(name: string): string {
  return `<t:DistinguishedFolderId Id="${name}"/>`;
}

/** CreateItem in a default folder, nobody mailed. */
export function createItems(folder: string, items: string): string {
  return (
    `<m:CreateItem MessageDisposition="SaveOnly" SendMeetingInvitations="SendToNone">` +
    `<m:SavedItemFolderId>${distinguished(folder)}</m:SavedItemFolderId><m:Items>${items}</m:Items></m:CreateItem>`
  );
}

export function getItem(ids: string, shape = "AllProperties", additional = "", body = ""): string {
  return (
    `<m:GetItem><m:ItemShape><t:BaseShape>${shape}</t:BaseShape>${body}` +
    `${additional ? `<t:AdditionalProperties>${additional}</t:AdditionalProperties>` : ""}</m:ItemShape>` +
    `<m:ItemIds>${ids}</m:ItemIds></m:GetItem>`
  );
}

export function syncItems(folder: string, state?: string, most = 512): string {
  return (
    `<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>` +
    `<m:SyncFolderId>${distinguished(folder)}</m:SyncFolderId>${state ? `<m:SyncState>${state}</m:SyncState>` : ""}` +
    `<m:MaxChangesReturned>${most}</m:MaxChangesReturned></m:SyncFolderItems>`
  );
}

export function updateItem(id: string, updates: string, resolution = "NeverOverwrite"): string {
  return (
    `<m:UpdateItem ConflictResolution="${resolution}" MessageDisposition="SaveOnly" SendMeetingInvitationsOrCancellations="SendToNone">` +
    `<m:ItemChanges><t:ItemChange>${id}<t:Updates>${updates}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`
  );
}

export function setField(uri: string, element: string, kind = "CalendarItem"): string {
  return `<t:SetItemField><t:FieldURI FieldURI="${uri}"/><t:${kind}>${element}</t:${kind}></t:SetItemField>`;
}

export function deleteItem(id: string, type = "HardDelete"): string {
  return (
    `<m:DeleteItem DeleteType="${type}" SendMeetingCancellations="SendToNone" AffectedTaskOccurrences="AllOccurrences">` +
    `<m:ItemIds>${id}</m:ItemIds></m:DeleteItem>`
  );
}

/** FindItem in one default folder; `parts` stand between shape and folder. */
export function findItem(folder: string, parts = "", shape = "IdOnly", after = ""): string {
  return (
    `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>${shape}</t:BaseShape></m:ItemShape>${parts}` +
    `<m:ParentFolderIds>${distinguished(folder)}</m:ParentFolderIds>${after}</m:FindItem>`
  );
}
