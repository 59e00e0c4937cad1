import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderMail, type InvitationMail } from "./index.ts";

const invitation: InvitationMail = {
  kind: "invitation",
  organization: "Northwind AS",
  person: { name: "Bo Lind", address: "bo@northwind.example" },
  sender: "Ada Holm",
  link: "https://everlink.example/register/abc",
  code: "ABCD-EFGH-JKMN",
  codePage: "https://everlink.example/register/code",
  expiresAt: new Date("2026-03-16T08:00:00Z"),
  timeZone: "Europe/Oslo",
};

describe("the invitation mail", () => {
  it("says in both parts who invites, which mailbox, what is touched, how to stop, the link and the code", async () => {
    const { subject, html, text } = await renderMail(invitation);
    expect(subject).toBe("Northwind AS invites you to keep your diary in sync");
    for (const part of [html, text.replace(/\s+/g, " ")]) {
      for (const words of [
        "Ada Holm",
        "bo@northwind.example",
        "never touches your mails",
        "How to stop",
        invitation.link,
        invitation.code,
        "16 March 2026",
      ]) {
        expect(part).toContain(words);
      }
    }
    expect(html).not.toMatch(/<img|src=/);
  });

  it("carries the administrator's own subject and words, as words", async () => {
    const { subject, html, text } = await renderMail({
      ...invitation,
      subject: "Diary\r\nBcc: eve@evil.example",
      message: "Dear all,\n\nplease <script>alert(1)</script> & sign in.",
    });
    expect(subject).toBe("Diary Bcc: eve@evil.example");
    expect(html).not.toContain("<script>");
    expect(html).toContain("&lt;script&gt;");
    expect(text).toContain("please <script>alert(1)</script> & sign in.");
  });

  it("lets no text of people become markup or a link", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), fc.string(), async (name, sender, message) => {
        const person = { ...invitation.person, name: `<b x="${name}">` };
        const { html } = await renderMail({
          ...invitation,
          person,
          sender: `<a href='${sender}'>`,
          message: `<img src=${message}>`,
        });
        expect(
          [...html.matchAll(/<a\b[^>]*href="([^"]*)"/g)].every((match) =>
            match[1]?.startsWith("https://everlink.example/register/"),
          ),
        ).toBe(true);
        expect(html).not.toMatch(/<img|<b x=/);
      }),
      { numRuns: 25 },
    );
  });
});

describe("the other mails", () => {
  it("name the cause and say that nothing is lost when a sign-in is needed", async () => {
    const { text } = await renderMail({
      ...invitation,
      kind: "reauth",
      cause: "Bo was signed out of Microsoft 365 by an administrator.",
    });
    expect(text).toContain("Bo was signed out of Microsoft 365 by an administrator.");
    expect(text).toContain("Nothing is lost.");
    expect(text).toContain(invitation.link);
  });

  it("say that nothing is left to do after a recovery", async () => {
    const { subject, html } = await renderMail({
      kind: "recovery",
      organization: "Northwind AS",
      person: invitation.person,
    });
    expect(subject).toBe("Your diary is in sync again");
    expect(html).not.toContain("href");
  });
});
