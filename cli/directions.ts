import { Option } from "commander";
import type { z } from "@hono/zod-openapi";
import type {
  contactDirections,
  directions,
  kindNames,
  LinkSettings,
  UserSettings,
  WholeSettings,
} from "../api/contract/link-settings.ts";
import { table } from "./table.ts";

type KindName = (typeof kindNames)[number];
type Direction = (typeof directions)[number];
type ContactDirection = (typeof contactDirections)[number];

const names = ["diary", "tasks", "contacts"] as const satisfies readonly KindName[];
const ofContacts = ["two-way", "crm-to-mailbox", "off"] as const satisfies readonly ContactDirection[];
const ofOthers = [...ofContacts, "mailbox-to-crm"] as const satisfies readonly Direction[];

/** What was said on the command line. */
export interface ChosenDirections {
  diary?: Direction;
  tasks?: Direction;
  contacts?: ContactDirection;
}

/** `--tasks two-way` */
export function kindOption(kind: KindName): Option {
  const choices = kind === "contacts" ? ofContacts : ofOthers;
  return new Option(`--${kind} <direction>`, `which way ${kind} sync`).choices([...choices]);
}

export function settingsOf({ diary, tasks, contacts }: ChosenDirections): z.infer<typeof LinkSettings> {
  return {
    ...(diary ? { diary: { direction: diary } } : {}),
    ...(tasks ? { tasks: { direction: tasks } } : {}),
    ...(contacts ? { contacts: { direction: contacts } } : {}),
  };
}

export function directionTable(
  settings: z.infer<typeof WholeSettings>,
  kinds?: z.infer<typeof UserSettings>["kinds"],
): string {
  const rows = names.map((kind) => [
    kind,
    settings[kind].direction,
    ...(kinds ? [kinds[kind].state, String(kinds[kind].itemLinks), kinds[kind].problem?.message ?? ""] : []),
  ]);
  return table(["Kind", "Direction", ...(kinds ? ["State", "Items", "Problem"] : [])], rows);
}
