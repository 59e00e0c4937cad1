import type { Kind } from "../items/observed.ts";

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
  /** Contacts: the CRM's selections whose members are synced, by name; the person's own ones. `#17`: anybody's, by number. */
  selections: readonly string[];
}

export type Direction = "two-way" | "crm-to-mailbox" | "mailbox-to-crm" | "off";

/** For tests and kinds without a word of their own. */
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
  selections: ["Contacts I favour"],
};

/** What holds where nobody chose anything: the diary syncs, tasks and contacts wait to be switched on. */
const defaultsOf: KindSettings = {
  appointment: defaultSettings,
  task: { ...defaultSettings, direction: "off" },
  contact: { ...defaultSettings, direction: "off" },
};

/** Whole settings, of each kind. */
export type KindSettings = { readonly [K in Kind]: SyncSettings };

/** The kinds as people name them: in settings, on screens and on the wire. */
export const settingsNames = {
  appointment: "diary",
  task: "tasks",
  contact: "contacts",
} as const satisfies Record<Kind, string>;
export type SettingsName = (typeof settingsNames)[Kind];
const names = Object.values(settingsNames);

/** What was chosen on one level, an organization or a user; what it does not say comes from the level above. */
export type ChosenSettings = { readonly [Name in SettingsName]?: Partial<SyncSettings> } & {
  /** Kinds on which the levels below have no say. */
  readonly locked?: readonly SettingsName[];
};

/** A change of one level: fields to choose; `null` for a kind takes back all that was chosen for it. */
export type SettingsChange = { readonly [Name in SettingsName]?: Partial<SyncSettings> | null } & {
  readonly locked?: readonly SettingsName[];
};

/** What a level says, as it is stored. Rows from before there were kinds hold the diary's settings without its name. */
export function chosenSettings(stored: Readonly<Record<string, unknown>>): ChosenSettings {
  const unnamed = entriesOf(stored, Object.keys(defaultSettings)) as Partial<SyncSettings>;
  const chosen = entriesOf(stored, [...names, "locked"]) as ChosenSettings;
  return Object.keys(unnamed).length === 0 ? chosen : { ...chosen, diary: { ...unnamed, ...chosen.diary } };
}

/** Each field as the last level says that has a word on it and is not locked out; levels from the widest down. */
export function settingsOf(...levels: readonly ChosenSettings[]): KindSettings {
  const whole = (kind: Kind): SyncSettings => {
    const name = settingsNames[kind];
    const lock = levels.findIndex(({ locked }) => locked?.includes(name));
    const heard = lock === -1 ? levels : levels.slice(0, lock + 1);
    return Object.assign({}, defaultsOf[kind], ...heard.map((level) => level[name])) as SyncSettings;
  };
  return { appointment: whole("appointment"), task: whole("task"), contact: whole("contact") };
}

/** What a level says after a change. */
export function changedSettings(before: ChosenSettings, change: SettingsChange): ChosenSettings {
  const locked = change.locked ?? before.locked ?? [];
  const after: { [Name in SettingsName]?: Partial<SyncSettings> } = {};
  for (const name of names) {
    const chosen = change[name] === null ? {} : { ...before[name], ...change[name] };
    if (Object.keys(chosen).length > 0) after[name] = chosen;
  }
  return locked.length === 0 ? after : { ...after, locked };
}

/**
 * What of the settings decides about items that nobody has changed: when it is another text than at the last listing,
 * everything is listed and planned anew. Nothing is made twice by that, and nothing deleted.
 */
export function planningText(settings: SyncSettings): string {
  const { direction, conflict, privateItems, skipFree, skipAllDay, outsideEdits, createPersons } = settings;
  // A window that shrinks as well: what is passed over meanwhile must be listed when it grows again.
  const { daysBack, daysAhead } = settings.window;
  const flags = [privateItems, skipFree, skipAllDay, outsideEdits, createPersons];
  return [direction, conflict, ...flags, daysBack, daysAhead].join(" ");
}

function entriesOf(stored: Readonly<Record<string, unknown>>, keys: readonly string[]) {
  return Object.fromEntries(Object.entries(stored).filter(([key]) => keys.includes(key)));
}
