import { IANAZone } from "luxon";

/** Clock times as milliseconds since 1970 on a clock that knows no zone. */
const dayMs = 86_400_000;

/** What the clock of a zone shows at an instant; UTC's where the zone is not known. */
export function clockAt(instantMs: number, zone: string | null): number {
  return instantMs + offsetMs(instantMs, zone);
}

/**
 * The instants at which a zone's clock shows `clockMs`, earliest first: one; two in the hour that a clock change
 * repeats. In the hour that one skips, none does, and systems choose either neighbour: both are answered.
 */
export function instantsOf(clockMs: number, zone: string | null): [number, ...number[]] {
  const [one, other] = [clockMs - offsetMs(clockMs - dayMs, zone), clockMs - offsetMs(clockMs + dayMs, zone)];
  if (one === other) return [one];
  const shown = [one, other].filter((at) => clockAt(at, zone) === clockMs).toSorted((a, b) => a - b);
  const [first, ...rest] = shown;
  if (first !== undefined) return [first, ...rest];
  return one < other ? [one, other] : [other, one];
}

/** The one of them that is used where a choice is ours: the first of two; after the gap, as far as it was meant in. */
export function instantOf(clockMs: number, zone: string | null): number {
  const instants = instantsOf(clockMs, zone);
  const skipped = clockAt(instants[0], zone) !== clockMs;
  return skipped ? (instants.at(-1) ?? instants[0]) : instants[0];
}

function offsetMs(instantMs: number, zone: string | null): number {
  const known = zones.get(zone ?? "") ?? remember(zone ?? "");
  const minutes = known.isValid ? known.offset(instantMs) : 0;
  return Number.isFinite(minutes) ? minutes * 60_000 : 0;
}

const zones = new Map<string, IANAZone>();

function remember(name: string): IANAZone {
  const zone = IANAZone.create(name === "" ? "Etc/UTC" : name);
  zones.set(name, zone);
  return zone;
}
