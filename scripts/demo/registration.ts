import { parse } from "node-html-parser";
import type { Mail, Person } from "./sandbox.ts";
import { Visitor, type Page } from "./http.ts";

/**
 * Walks the real pages as a person without a mouse would: read the form, fill in what it asks for, press the button.
 * The pages may change their order; only what a person must know is used (address, password, code).
 *
 * @returns the page that ends it
 */
export async function register(
  start: { link: string } | { codePage: string; code: string },
  person: Person,
): Promise<Page> {
  const visitor = new Visitor();
  let page = await visitor.get("link" in start ? start.link : start.codePage);
  for (let step = 0; step < 12; step += 1) {
    const form = formOf(page);
    if (!form) return page;
    const fields = { ...form.hidden };
    for (const input of form.inputs) {
      if (input.type === "password") fields[input.name] = person.password;
      else if (/code/i.test(input.name) && "code" in start) fields[input.name] = start.code;
      else if (/^(email|text)$/.test(input.type)) fields[input.name] = person.userPrincipalName;
    }
    page = await visitor.submit(form.action, fields);
  }
  throw new Error(`The pages at ${page.url} do not come to an end.`);
}

interface Form {
  action: string;
  hidden: Record<string, string>;
  inputs: { name: string; type: string }[];
}

/** The form of the page's main action: the one that signs in, allows or continues; never one that declines. */
function formOf(page: Page): Form | undefined {
  const root = parse(page.html);
  const forms = root
    .querySelectorAll("form")
    .filter(
      (form) =>
        form.getAttribute("method")?.toLowerCase() === "post" &&
        form.getAttribute("data-secondary") === undefined,
    );
  const form = forms[0];
  if (!form) return undefined;
  const hidden: Record<string, string> = {};
  const inputs: Form["inputs"] = [];
  for (const input of form.querySelectorAll("input")) {
    const name = input.getAttribute("name");
    if (!name) continue;
    const type = input.getAttribute("type") ?? "text";
    if (type === "hidden") hidden[name] = input.getAttribute("value") ?? "";
    else inputs.push({ name, type });
  }
  // A person presses the button that goes on, not the ones that decline or lead elsewhere.
  const button = form
    .querySelectorAll("button[name]")
    .find((each) => !/^(other|decline|back|cancel)$/.test(each.getAttribute("value") ?? ""));
  const name = button?.getAttribute("name");
  if (name) hidden[name] = button?.getAttribute("value") ?? "";
  const action = form.getAttribute("action");
  return {
    action: new URL(
      action === undefined || action === "" ? page.url : action.replaceAll("&amp;", "&"),
      page.url,
    ).href,
    hidden,
    inputs,
  };
}

export function titleOf(page: Page): string {
  return parse(page.html).querySelector("title")?.text.trim() ?? "";
}

export function isFor(mail: Mail, person: Person): boolean {
  return mail.to.some((address) => address.toLowerCase() === person.address.toLowerCase());
}

/** The link to the registration pages in a mail; empty when there is none. */
export function linkOf(mail: Mail, origin: string): string {
  return (
    mail.links.find((link) => link.startsWith(`${origin}/register/`) && !link.includes("/register/code")) ??
    ""
  );
}
