import type { SuperOfficeClient } from "./client.ts";
import type { Lists } from "./lists.ts";

/** What the stores of one associate are made from; each takes what its kind needs. */
export interface SuperOfficeStoreOptions {
  client: SuperOfficeClient;
  /** Whose diary, checklist and selections. */
  associateId: number;
  /** IANA zone of the tenant's database: days and repetitions are reckoned in it. */
  timeZone: string;
  /** Milliseconds since 1970: tells dates of a series that are history from those to come. The process's clock by default. */
  now?: () => number;
  /** The tenant's lists; without them, what points into them is neither told nor written. */
  lists?: Lists;
  /** The selections whose members are contacts: names of the associate's own, `#17` for anybody's by its number. */
  selections?: readonly string[];
}

/** SuperOffice works on for a while after the caller is gone; no document gives a bound. */
export const longestWorkMs = 60_000;

/** The same for all kinds of one associate. */
export function identityOf({ client, associateId }: SuperOfficeStoreOptions): string {
  return `superoffice/${client.tenant}/${associateId}`;
}
