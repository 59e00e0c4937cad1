/** The settings of one user's link for one kind of item (design: organization, group, user, with locks). */
export interface SyncSettings {
  direction: Direction;
  window: { daysBack: number; daysAhead: number };
  /** Who wins a field that was changed on both sides. `ask` leaves both as they are, with a finding. */
  conflict: "crm" | "mailbox" | "ask";
  /**
   * What the CRM gets of an appointment that is private in the mailbox.
   * `hide`: everything, marked private. `busy-only`: time and status, `privateTitle` as its title. `skip`: nothing.
   */
  privateItems: "hide" | "busy-only" | "skip";
  privateTitle: string;
  /** New items shown as free, or lasting all day, stay where they are. Leaving a filter is never a delete. */
  skipFree: boolean;
  skipAllDay: boolean;
  /** Contacts: what becomes of an edit in the mailbox that may not flow to the CRM. */
  outsideEdits: "revert" | "keep";
  /** Contacts: whether a contact that is only in the mailbox becomes a person of the CRM, where the direction allows. */
  createPersons: boolean;
}

export type Direction = "two-way" | "crm-to-mailbox" | "mailbox-to-crm" | "off";

export const defaultSettings: SyncSettings = {
  direction: "two-way",
  window: { daysBack: 30, daysAhead: 365 },
  conflict: "crm",
  privateItems: "busy-only",
  privateTitle: "Private",
  skipFree: false,
  skipAllDay: false,
  outsideEdits: "revert",
  createPersons: false,
};
