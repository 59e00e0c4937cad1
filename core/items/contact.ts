/**
 * A contact as both sides can tell it, in JSContact's words (RFC 9553): a person of the CRM, a contact of the mailbox.
 *
 * Each property is one *field*: compared, fingerprinted, merged and patched as a whole. A member of a collection is a
 * field of its own, named by its path in the card (`phones/mobile`, as a JSContact PatchObject does), under a key that
 * says its role and never changes: positions in a list would read as changes whenever a system reorders it.
 *
 * Absent texts are empty. Full name, display name and "file as" are no fields: every system makes them of the others.
 */
export interface Contact {
  /** SuperOffice `Mrmrs`; Exchange's display name prefix. */
  "name/title": string;
  "name/given": string;
  /** Middle names. */
  "name/given2": string;
  "name/surname": string;
  "organizations/company": string;
  "organizations/department": string;
  /** SuperOffice `Title`; Exchange `JobTitle`. */
  "titles/job": string;
  /** The day of birth `1970-12-31`; `null` for none, or one without a year. */
  "anniversaries/birth": string | null;
  /** By rank in SuperOffice; EmailAddress1 to 3 in Exchange. Addresses only, no names. */
  "emails/first": string;
  "emails/second": string;
  "emails/third": string;
  /** Numbers as people wrote them: never rewritten, compared by their digits. */
  "phones/office": string;
  "phones/office2": string;
  "phones/mobile": string;
  "phones/home": string;
  "phones/other": string;
  "phones/fax": string;
  /** The switchboard of the company. */
  "phones/company": string;
  /** Where the person works: the company's street address in the CRM. */
  "addresses/work": ContactAddress | null;
  /** The person's own address. */
  "addresses/home": ContactAddress | null;
  /** The company's postal address in the CRM; Exchange's other address. */
  "addresses/other": ContactAddress | null;
  /** Chat or internet telephone. */
  "onlineServices/im": string;
  "links/homepage": string;
  /** Plain text, `\n` line ends. */
  "notes/note": string;
  /**
   * The one keyword that stands for the CRM's category, by name. A mailbox holds it as the first of the item's
   * categories; writing it replaces that one and leaves the others.
   */
  "keywords/category": string;
}

/** RFC 9553 §2.5.1. One field: half an address leads nowhere. */
export interface ContactAddress {
  /** Street, number, and whatever else is not one of the others; lines by `\n`. */
  street: string;
  locality: string;
  region: string;
  postcode: string;
  /** As the system spells it. */
  country: string;
}
