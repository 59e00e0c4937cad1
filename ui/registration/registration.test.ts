import { describe, expect, it } from "vitest";
import { renderRegistration } from "./page.tsx";
import type { RegistrationView } from "./view.ts";

const frame = { nonce: "n0nce", sandbox: false, codePage: "/register/code" };
const hostile = `"><script>alert(1)</script>`;
const views: RegistrationView[] = [
  {
    page: "invitation",
    purpose: "invitation",
    organization: hostile,
    sender: hostile,
    address: hostile,
    action: "/register/t",
  },
  {
    page: "invitation",
    purpose: "reauth",
    organization: "Northwind AS",
    sender: "",
    address: "bo@northwind.example",
    action: "/register/t",
  },
  { page: "code", action: "/register/code", refused: false },
  { page: "code", action: "/register/code", refused: true },
  { page: "too-many" },
  { page: "connected", organization: "Northwind AS", address: hostile, again: false },
  { page: "connected", organization: "Northwind AS", address: "bo@northwind.example", again: true },
  { page: "already-connected", organization: "Northwind AS" },
  { page: "expired" },
  { page: "revoked", organization: "Northwind AS" },
  { page: "wrong-account", signedInAs: hostile, invited: "bo@northwind.example", retry: "/register/t" },
  { page: "declined", retry: "/register/t" },
  { page: "admin-approval", forward: hostile, code: "entra.admin-consent-required", retry: "/register/t" },
  {
    page: "mailbox-missing",
    address: "bo@northwind.example",
    code: "graph.mailbox-missing",
    retry: "/register/t",
  },
  { page: "temporary", retry: "/register/t" },
  { page: "temporary", retry: null },
  { page: "refused", message: "m", next: "n", code: "c", retry: null },
  { page: "start-again" },
];

describe.each(views)("the page $page", (view) => {
  const html = renderRegistration(view, frame);

  it("stays below 30 kB, without script, image or foreign address", () => {
    expect(Buffer.byteLength(html)).toBeLessThan(30_000);
    expect(html).not.toMatch(/<script|<img|src=|javascript:|https?:\/\//i);
  });

  it("has one heading, which the title repeats, and at most one button", () => {
    const title = /<title>(.*) · Everlink<\/title>/.exec(html)?.[1];
    expect(title).toBeTruthy();
    expect(html.match(/<h1>/g)).toHaveLength(1);
    expect(html).toContain(`${title}</h1>`);
    expect((html.match(/<button/g) ?? []).length).toBeLessThanOrEqual(1);
  });

  it("blames nobody and shouts at nobody", () => {
    const text = html.replace(/<style[^]*<\/style>|<[^>]*>/g, " ");
    expect(text).not.toMatch(/!|invalid|error \d|failed/i);
  });
});

it("carries a banner in the sandbox", () => {
  expect(renderRegistration({ page: "expired" }, { ...frame, sandbox: true })).toContain("Sandbox:");
});
