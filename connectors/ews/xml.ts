/** As much of the document object model as reading answers needs (xmldom brings no types of its own). */
export interface Xml {
  nodeType: number;
  nodeValue: string | null;
  localName: string | null;
  firstChild: Xml | null;
  nextSibling: Xml | null;
  getAttribute(name: string): string;
  hasAttribute(name: string): boolean;
}

const elementNode = 1;
const textNode = 3;
const cdataNode = 4;

/** Child elements in order; with `name` only those. Prefixes are the sender's choice and do not matter. */
export function children(parent: Xml, name?: string): Xml[] {
  const found: Xml[] = [];
  for (let node = parent.firstChild; node; node = node.nextSibling) {
    if (node.nodeType === elementNode && (name === undefined || node.localName === name)) found.push(node);
  }
  return found;
}

export function child(parent: Xml, name: string): Xml | undefined {
  return children(parent, name)[0];
}

/** The element's own text, to the letter; the empty string without an element. */
export function text(element: Xml | undefined): string {
  let value = "";
  for (let node = element?.firstChild; node; node = node.nextSibling) {
    if (node.nodeType === textNode || node.nodeType === cdataNode) value += node.nodeValue ?? "";
  }
  return value;
}

export function attribute(element: Xml, name: string): string | undefined {
  return element.hasAttribute(name) ? element.getAttribute(name) : undefined;
}
