/**
 * Is the person who signed in with Microsoft the person who was invited?
 *
 * | pinned? | tenant   | member | address among mail, UPN, proxies | tid + oid        | verdict              |
 * |---------|----------|--------|----------------------------------|------------------|----------------------|
 * | –       | foreign  | –      | –                                | –                | 1 tenant-not-allowed |
 * | yes     | allowed  | –      | –                                | same as pinned   | 2 accepted           |
 * | yes     | allowed  | –      | –                                | another          | 3 wrong-account      |
 * | no      | allowed  | no     | –                                | –                | 4 guest              |
 * | no      | allowed  | yes    | no                               | –                | 5 wrong-account      |
 * | no      | allowed  | yes    | yes                              | taken by another | 6 taken              |
 * | no      | allowed  | yes    | yes                              | free             | 7 accepted           |
 *
 * Addresses decide once; afterwards `tid` + `oid` alone do (a renamed person stays the same person, and a new
 * person with an old address is not that person). `otherMails` and the bare e-mail claim never count: people
 * may set them themselves (microsoft.md §3, nOAuth).
 */
export interface Identity {
  tenantId: string;
  objectId: string;
}

/** What the directory says about the account that signed in. */
export interface SignedIn extends Identity {
  userType: string | null;
  mail: string | null;
  userPrincipalName: string | null;
  /** As Entra has them: `SMTP:primary@…`, `smtp:alias@…`, `x500:…`. */
  proxyAddresses: readonly string[];
}

export interface Expected {
  invitedAddress: string;
  allowedTenants: readonly string[];
  pinned: Identity | null;
  /** Another user of the organization already registered with this account. */
  taken: boolean;
}

export type Verdict =
  | { row: 2 | 7; accepted: true }
  | { row: 1; accepted: false; reason: "tenant-not-allowed" }
  | { row: 3 | 5; accepted: false; reason: "wrong-account" }
  | { row: 4; accepted: false; reason: "guest" }
  | { row: 6; accepted: false; reason: "taken" };

export function checkIdentity(account: SignedIn, expected: Expected): Verdict {
  if (!expected.allowedTenants.some((tenant) => same(tenant, account.tenantId))) {
    return { row: 1, accepted: false, reason: "tenant-not-allowed" };
  }
  if (expected.pinned) {
    return same(expected.pinned.tenantId, account.tenantId) &&
      same(expected.pinned.objectId, account.objectId)
      ? { row: 2, accepted: true }
      : { row: 3, accepted: false, reason: "wrong-account" };
  }
  if (account.userType === null || !same(account.userType, "Member")) {
    return { row: 4, accepted: false, reason: "guest" };
  }
  if (!addressesOf(account).has(canonical(expected.invitedAddress))) {
    return { row: 5, accepted: false, reason: "wrong-account" };
  }
  if (expected.taken) return { row: 6, accepted: false, reason: "taken" };
  return { row: 7, accepted: true };
}

/** Every address under which the directory itself knows the account. */
export function addressesOf(account: SignedIn): Set<string> {
  const addresses = new Set<string>();
  for (const address of [account.mail, account.userPrincipalName]) {
    if (address?.includes("@")) addresses.add(canonical(address));
  }
  for (const proxy of account.proxyAddresses) {
    const smtp = /^smtp:(.+@.+)$/i.exec(proxy)?.[1];
    if (smtp) addresses.add(canonical(smtp));
  }
  return addresses;
}

/** Exchange compares addresses without regard to case. */
function canonical(address: string): string {
  return address.trim().toLowerCase();
}

function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
