import { XmlCData, XmlElement, XmlText } from "libxml2-wasm";

/**
 * An element as plain data: what requests are read into, what items are stored as, what answers are written from.
 * A name without a prefix belongs to the types namespace.
 */
export interface Xml {
  name: string;
  attributes?: Record<string, string>;
  text?: string;
  children?: Xml[];
}

/** Reads an element with all below it; namespaces are dropped, as the schema has already checked them. */
export function readElement(element: XmlElement): Xml {
  const xml: Xml = { name: element.name };
  const attributes = element.attrs;
  if (attributes.length > 0) {
    xml.attributes = {};
    for (const attribute of attributes) xml.attributes[attribute.name] = attribute.value;
  }
  let text = "";
  let children: Xml[] | undefined;
  for (let node = element.firstChild; node; node = node.next) {
    if (node instanceof XmlElement) (children ??= []).push(readElement(node));
    else if (node instanceof XmlText || node instanceof XmlCData) text += node.content;
  }
  if (children) xml.children = children;
  else if (text !== "") xml.text = text;
  return xml;
}

const forbidden = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const special = /[&<>"\r]/g;
const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#xD;",
};

/** Escapes text and attribute values; characters that XML cannot hold are left out. */
export function escape(value: string): string {
  return value.replace(forbidden, "").replace(special, (character) => entities[character] ?? character);
}

/** Writes an element and all below it; the prefix of unprefixed names is `t`. */
export function write(xml: Xml): string {
  const name = xml.name.includes(":") ? xml.name : `t:${xml.name}`;
  let out = `<${name}`;
  for (const key in xml.attributes) out += ` ${key}="${escape(xml.attributes[key] ?? "")}"`;
  if (xml.children && xml.children.length > 0) return `${out}>${xml.children.map(write).join("")}</${name}>`;
  if (xml.text === undefined || xml.text === "") return `${out}/>`;
  return `${out}>${escape(xml.text)}</${name}>`;
}

/** Makes an element; `content` is text or children. */
export function el(name: string, content?: string | Xml[], attributes?: Record<string, string>): Xml {
  const xml: Xml = { name };
  if (attributes) xml.attributes = attributes;
  if (typeof content === "string") xml.text = content;
  else if (content) xml.children = content;
  return xml;
}

export function child(xml: Xml | undefined, name: string): Xml | undefined {
  return xml?.children?.find((entry) => entry.name === name);
}

export function children(xml: Xml | undefined, name?: string): Xml[] {
  const all = xml?.children ?? [];
  return name === undefined ? all : all.filter((entry) => entry.name === name);
}

export function childText(xml: Xml | undefined, name: string): string | undefined {
  const found = child(xml, name);
  return found && (found.text ?? "");
}

export function attribute(xml: Xml | undefined, name: string): string | undefined {
  return xml?.attributes?.[name];
}
