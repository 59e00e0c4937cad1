import type { DictionaryPath } from "../exchange/properties.ts";
import { dictionaryDelete, dictionarySet } from "../exchange/writers/dictionary.ts";
import { draftOf, newDraft, type Draft } from "../exchange/writers/draft.ts";
import { deleteField, setField } from "../exchange/writers/fields.ts";
import type { ItemView } from "../exchange/model.ts";
import { el, type Xml } from "../exchange/xml.ts";
import {
  addressKeys,
  addressParts,
  chatKeys,
  emailKeys,
  phoneKeys,
  plainTexts,
  titleProperty,
} from "./contact-read.ts";
import { badRequest } from "./errors.ts";
import { extendedElement, keyOf } from "./extended.ts";
import { readExtensions } from "./extensions.ts";
import type { EmailAddress } from "./people.ts";
import type { GraphRequest } from "./request.ts";

/** Members that the server owns or makes from others. */
const ignored = new Set([
  "id",
  "changeKey",
  "createdDateTime",
  "lastModifiedDateTime",
  "parentFolderId",
  "primaryEmailAddress",
  "secondaryEmailAddress",
  "tertiaryEmailAddress",
]);

export function newContact(request: GraphRequest): Draft {
  const draft = newDraft("Contact", request.call);
  apply(draft, request);
  return draft;
}

export function changedContact(view: ItemView, request: GraphRequest): Draft {
  const draft = draftOf(view);
  apply(draft, request);
  return draft;
}

function apply(draft: Draft, request: GraphRequest): void {
  for (const [name, value] of Object.entries(request.body)) {
    if (!name.includes("@odata.") && !ignored.has(name)) applyMember(draft, name, value, request);
  }
}

function applyMember(draft: Draft, name: string, value: unknown, request: GraphRequest): void {
  const put = (element: string, xml: Xml | undefined): void => {
    if (xml) setField(draft, xml, request.call);
    else if (draft.data.values[element]) deleteField(draft, element);
  };
  const text = typeof value === "string" ? value : "";
  const plain = plainTexts[name];
  if (plain !== undefined) {
    put(plain, text === "" ? undefined : el(plain, text));
    return;
  }
  const phones = phoneKeys[name];
  if (phones) {
    const numbers = (Array.isArray(value) ? value : [value]).filter(Boolean) as string[];
    entries(
      draft,
      "PhoneNumbers",
      phones,
      numbers.map((number) => el("Entry", number)),
    );
    return;
  }
  const address = addressKeys[name];
  if (address !== undefined) {
    applyAddress(draft, address, value as Record<string, string | null> | null);
    return;
  }
  switch (name) {
    case "title": {
      const key = keyOf(titleProperty);
      draft.data.extended = draft.data.extended.filter((entry) => entry.key !== key);
      if (text !== "") setField(draft, extendedElement({ id: titleProperty, value: text }), request.call);
      break;
    }
    case "birthday":
      put("Birthday", text === "" ? undefined : el("Birthday", text.replace(/\.\d+/, "")));
      break;
    case "personalNotes":
      setField(draft, el("Body", text, { BodyType: "Text" }), request.call);
      break;
    case "categories":
    case "children": {
      const element = name === "children" ? "Children" : "Categories";
      const list = (value as string[]).map((each) => el("String", each));
      put(element, list.length > 0 ? el(element, list) : undefined);
      break;
    }
    case "imAddresses":
      entries(
        draft,
        "ImAddresses",
        chatKeys,
        (value as string[]).map((each) => el("Entry", each)),
      );
      break;
    case "emailAddresses": {
      const list = (value as (EmailAddress | null)[]).filter((each) => each?.address);
      const written = list.map((each) =>
        el("Entry", each?.address ?? "", { Name: each?.name || (each?.address ?? ""), RoutingType: "SMTP" }),
      );
      entries(draft, "EmailAddresses", emailKeys, written);
      break;
    }
    case "singleValueExtendedProperties":
    case "multiValueExtendedProperties":
      for (const property of value as { id: string; value: string | string[] }[]) {
        setField(draft, extendedElement(property), request.call);
      }
      break;
    case "extensions":
      draft.data.graph = {
        ...draft.data.graph,
        extensions: readExtensions(value as Record<string, unknown>[]),
      };
      break;
    default:
      throw badRequest("ErrorInvalidRequest", `The property '${name}' cannot be written here.`);
  }
}

/** Writes a list under its keys; entries of other keys stay. */
function entries(
  draft: Draft,
  element: DictionaryPath["element"],
  keys: readonly string[],
  list: Xml[],
): void {
  if (list.length > keys.length) {
    throw badRequest("ErrorInvalidRequest", `A contact holds ${keys.length} entries of this kind at most.`);
  }
  for (const [at, key] of keys.entries()) {
    const entry = list[at];
    if (entry) dictionarySet(draft, { element }, { ...entry, attributes: { ...entry.attributes, Key: key } });
    else dictionaryDelete(draft, { element }, key);
  }
}

/** An address is written whole: parts left out are empty. */
function applyAddress(draft: Draft, key: string, value: Record<string, string | null> | null): void {
  const parts = addressParts.flatMap(([member, element]) => {
    const text = value?.[member];
    return text ? [el(element, text)] : [];
  });
  const path = { element: "PhysicalAddresses" } as const;
  if (parts.length > 0) dictionarySet(draft, path, el("Entry", parts, { Key: key }));
  else dictionaryDelete(draft, path, key);
}
