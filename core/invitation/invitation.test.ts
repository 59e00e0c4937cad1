import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAddress } from "./address.ts";
import { codeFrom, readCode, shownCode } from "./code.ts";
import { checkIdentity, type Expected, type SignedIn } from "./identity.ts";
import { invitationState, isOpen, type InvitationFacts } from "./state.ts";

const tenant = "7d2a5a10-0000-4000-8000-000000000001";
const account: SignedIn = {
  tenantId: tenant,
  objectId: "7d2a5a10-0000-4000-8000-000000000002",
  userType: "Member",
  mail: "Anna.Berg@northwind.example",
  userPrincipalName: "anna@northwind.onmicrosoft.example",
  proxyAddresses: ["SMTP:anna.berg@northwind.example", "smtp:ab@northwind.example", "x500:/o=Org/cn=anna"],
};
const expected: Expected = {
  invitedAddress: "anna.berg@northwind.example",
  allowedTenants: [tenant],
  pinned: null,
  taken: false,
};
const pinned = { tenantId: tenant, objectId: account.objectId };

describe("identity check", () => {
  it.each([
    [
      "1: a foreign tenant is refused",
      account,
      { ...expected, allowedTenants: ["other"] },
      "tenant-not-allowed",
    ],
    [
      "1: a foreign tenant is refused though pinned",
      account,
      { ...expected, pinned, allowedTenants: [] },
      "tenant-not-allowed",
    ],
    [
      "2: the pinned account is accepted whatever its address",
      { ...account, mail: null, userPrincipalName: null, proxyAddresses: [] },
      { ...expected, pinned },
      null,
    ],
    [
      "3: another account with the right address is refused when one is pinned",
      { ...account, objectId: "x" },
      { ...expected, pinned },
      "wrong-account",
    ],
    ["4: a guest is refused", { ...account, userType: "Guest" }, expected, "guest"],
    ["4: an account of unknown type is refused", { ...account, userType: null }, expected, "guest"],
    [
      "5: another address is refused",
      account,
      { ...expected, invitedAddress: "bo@northwind.example" },
      "wrong-account",
    ],
    [
      "5: an x500 entry is not an address",
      account,
      { ...expected, invitedAddress: "/o=org/cn=anna" },
      "wrong-account",
    ],
    ["6: an account that another user registered is refused", account, { ...expected, taken: true }, "taken"],
    ["7: mail counts, whatever its case", { ...account, proxyAddresses: [] }, expected, null],
    [
      "7: the user principal name counts",
      account,
      { ...expected, invitedAddress: "ANNA@northwind.onmicrosoft.example" },
      null,
    ],
    ["7: an alias counts", account, { ...expected, invitedAddress: "ab@northwind.example" }, null],
  ] as const)("row %s", (_, who, wanted, reason) => {
    const verdict = checkIdentity(who, wanted);
    expect(verdict.accepted ? null : verdict.reason).toBe(reason);
  });

  it("never accepts an unpinned account none of whose own addresses is the invited one", () => {
    const address = fc.emailAddress();
    fc.assert(
      fc.property(
        fc.record({ mail: address, userPrincipalName: address, alias: address, invited: address }),
        ({ mail, userPrincipalName, alias, invited }) => {
          const verdict = checkIdentity(
            { ...account, mail, userPrincipalName, proxyAddresses: [`smtp:${alias}`] },
            { ...expected, invitedAddress: invited },
          );
          const known = [mail, userPrincipalName, alias].some(
            (a) => a.toLowerCase() === invited.toLowerCase(),
          );
          expect(verdict.accepted).toBe(known);
        },
      ),
    );
  });
});

describe("codes", () => {
  const bytes = fc.uint8Array({ minLength: 12, maxLength: 12 });

  it("are read again as shown, in any case, with any spacing, with I and O for 1 and 0", () => {
    fc.assert(
      fc.property(bytes, fc.boolean(), (random, lower) => {
        const code = codeFrom(random);
        const shown = shownCode(code).replace(/1/g, "I").replace(/0/g, "o");
        expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{12}$/);
        expect(readCode(` ${lower ? shown.toLowerCase() : shown.replace(/-/g, " – ")} `)).toBe(code);
      }),
    );
  });

  it("carry 60 bits: every character takes all 32 values", () => {
    for (let position = 0; position < 12; position += 1) {
      const seen = new Set<string>();
      for (let value = 0; value < 256; value += 1) {
        seen.add(
          codeFrom(Uint8Array.from({ length: 12 }, (_, i) => (i === position ? value : 0))).charAt(position),
        );
      }
      expect(seen.size).toBe(32);
    }
  });

  it.each(["", "1234", "ABCDEFGHJKMU", "ABCD-EFGH-JKM!", "A".repeat(13), "A".repeat(10_000)])(
    "does not take %s for a code",
    (typed) => expect(readCode(typed)).toBeUndefined(),
  );
});

describe("state of an invitation", () => {
  const now = new Date("2026-03-02T08:00:00Z");
  const later = new Date("2026-03-09T08:00:00Z");
  const before = new Date("2026-03-01T08:00:00Z");
  const fresh: InvitationFacts = {
    expiresAt: later,
    startedAt: null,
    registeredAt: null,
    revokedAt: null,
    mail: null,
  };

  it.each([
    ["registered", { registeredAt: before, revokedAt: before, expiresAt: before }],
    ["revoked", { revokedAt: before, expiresAt: before, startedAt: before }],
    ["expired", { expiresAt: now, startedAt: before }],
    ["started", { startedAt: before, mail: "refused" }],
    ["refused", { mail: "refused" }],
    ["uncertain", { mail: "uncertain" }],
    ["accepted", { mail: "accepted" }],
    ["queued", { mail: "queued" }],
    ["queued", { mail: "sending" }],
    ["unsent", {}],
  ] as const)("is %s", (state, facts) => expect(invitationState({ ...fresh, ...facts }, now)).toBe(state));

  it("once closed, never opens again as time passes", () => {
    const time = fc.option(fc.date({ noInvalidDate: true }), { nil: null });
    fc.assert(
      fc.property(
        fc.record({
          expiresAt: fc.date({ noInvalidDate: true }),
          startedAt: time,
          registeredAt: time,
          revokedAt: time,
          mail: fc.constantFrom(null, "queued", "accepted"),
        }),
        fc.date({ noInvalidDate: true }),
        fc.nat(),
        (facts, at, ms) => {
          if (!isOpen(facts, at))
            expect(isOpen(facts, new Date(Math.min(at.getTime() + ms, 8.64e15)))).toBe(false);
        },
      ),
    );
  });
});

describe("addresses", () => {
  it.each(["anna@northwind.example", "a.b+c@x-y.co.uk", "o'brien@müller.example", "anna@a.bc"])(
    "takes %s",
    (text) => expect(isAddress(text)).toBe(true),
  );
  it.each([
    "",
    "anna",
    "anna@",
    "@x.example",
    "a@b",
    "a b@x.example",
    "a@x..example",
    ".a@x.example",
    "a@x.example,b@y.example",
    "a@x.example\r\nBcc: b@y.example",
    '"a@b"@x.example',
    "a@[127.0.0.1]",
    `${"a".repeat(65)}@x.example`,
    "<a@x.example>",
  ])("refuses %j", (text) => expect(isAddress(text)).toBe(false));
});
