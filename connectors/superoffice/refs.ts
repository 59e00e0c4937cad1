/** How this connector names its items: a row of the diary or of the checklist, a whole series by its rule, a person. */
export type ItemName = { kind: "appointment" | "series" | "task" | "person"; id: number };

export function refOf({ kind, id }: ItemName): string {
  return `${kind}:${id}`;
}

/** @returns `undefined` for a ref that this connector did not make */
export function readRef(ref: string): ItemName | undefined {
  const match = /^(appointment|series|task|person):([1-9]\d{0,14})$/.exec(ref);
  return match ? { kind: match[1] as ItemName["kind"], id: Number(match[2]) } : undefined;
}

const suffix = "@everlink";

/** Our stamp as a UID of SuperOffice's; the suffix tells ours from those of calendars. */
export function uidOf(key: string): string {
  return key + suffix;
}

/** @returns the stamp, or `null` when the UID is not ours */
export function keyOf(uid: string | null): string | null {
  return uid !== null && uid.endsWith(suffix) && uid.length > suffix.length
    ? uid.slice(0, -suffix.length)
    : null;
}
