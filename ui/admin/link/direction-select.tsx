import type { z } from "@hono/zod-openapi";
import type {
  contactDirections,
  directions,
  kindNames,
  WholeSettings,
} from "../../../api/contract/link-settings.ts";
import { BareSelect, SelectField } from "../kit/field.tsx";
import { words } from "../words/index.ts";

export type KindName = (typeof kindNames)[number];
export type Direction = (typeof directions)[number];
export type Directions = Record<KindName, Direction>;

export const kindList = ["diary", "tasks", "contacts"] as const satisfies readonly KindName[];
const ofContacts = [
  "two-way",
  "crm-to-mailbox",
  "off",
] as const satisfies readonly (typeof contactDirections)[number][];
const ofOthers = [
  "two-way",
  "mailbox-to-crm",
  "crm-to-mailbox",
  "off",
] as const satisfies readonly Direction[];

export function directionsOf(settings: z.infer<typeof WholeSettings>): Directions {
  const { diary, tasks, contacts } = settings;
  return { diary: diary.direction, tasks: tasks.direction, contacts: contacts.direction };
}

/** The settings that name a direction for these kinds, as the API takes them. */
export function namedDirections(chosen: Partial<Directions>) {
  const { diary, tasks, contacts } = chosen;
  return {
    ...(diary ? { diary: { direction: diary } } : {}),
    ...(tasks ? { tasks: { direction: tasks } } : {}),
    // The select below offers nothing else.
    ...(contacts ? { contacts: { direction: contacts as (typeof contactDirections)[number] } } : {}),
  };
}

export function DirectionOptions({ kind }: { kind: KindName }) {
  const all: readonly Direction[] = kind === "contacts" ? ofContacts : ofOthers;
  return all.map((direction) => (
    <option key={direction} value={direction}>
      {words.link.directions[direction]}
    </option>
  ));
}

interface DirectionProps {
  kind: KindName;
  value: Direction;
  /** Why it cannot be chosen here. */
  refused?: string | undefined;
  onChoose: (direction: Direction) => void;
}

/** In a table, where the head names the kind; small screens have no head. */
export function BareDirection({ kind, value, refused, label, onChoose }: DirectionProps & { label: string }) {
  const name = words.link.kinds[kind];
  return (
    <span className="flex flex-col gap-0.5">
      <span aria-hidden className="text-soft sm:hidden">
        {name}
      </span>
      <BareSelect
        label={`${name}: ${label}${refused ? ` (${refused})` : ""}`}
        value={refused ? "" : value}
        disabled={refused !== undefined}
        onChange={(event) => onChoose(event.target.value as Direction)}
      >
        {refused ? <option value="">{refused}</option> : <DirectionOptions kind={kind} />}
      </BareSelect>
    </span>
  );
}

/** In a form, with its name and what there is to say about it. */
export function DirectionField({
  kind,
  value,
  refused,
  hint,
  error,
  onChoose,
}: DirectionProps & { hint?: string | undefined; error?: string | undefined }) {
  return (
    <SelectField
      label={words.link.kinds[kind]}
      hint={refused ?? hint}
      error={error}
      value={value}
      disabled={refused !== undefined}
      onChange={(event) => onChoose(event.target.value as Direction)}
    >
      <DirectionOptions kind={kind} />
    </SelectField>
  );
}
