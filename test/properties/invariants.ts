import { sides, otherSide } from "../../core/items/observed.ts";
import type { People } from "./history.ts";
import { alike, type World } from "./simulation.ts";

/**
 * The invariants of the design at rest; each broken one is a sentence. `I` numbers are those of the reliability
 * page. I4 and I5 follow from I1 and I3 together with `People`, who know what was deleted.
 */
export function broken(world: World, people: People): string[] {
  return [
    ...bijection(world),
    ...nothingDoubled(world, people),
    ...convergence(world),
    ...nothingLost(world, people),
    ...ledger(world),
    ...unmappedKept(world),
  ];
}

/** I2: every item has at most one link, and its link at most one counterpart. */
function bijection(world: World): string[] {
  const seen = new Set<string>();
  const problems: string[] = [];
  for (const link of world.memory.links.values()) {
    for (const side of sides) {
      const ref = link.sides[side]?.ref;
      if (ref === undefined || link.state === "deleted") continue;
      if (seen.has(`${side} ${ref}`)) problems.push(`I2: ${side} ${ref} has two links`);
      seen.add(`${side} ${ref}`);
      const present = world.system(side).get(ref) !== undefined;
      if (!present) problems.push(`I3: link ${link.id} points to ${side} ${ref}, which is gone`);
    }
    const later = link.notBefore !== null && link.notBefore > world.now;
    if (link.pending && !later) problems.push(`I8: link ${link.id} is still pending at rest`);
  }
  return problems;
}

/** I2: nobody sees an item more often than people made it. Every title is written once; only copies repeat it. */
function nothingDoubled(world: World, people: People): string[] {
  return sides.flatMap((side) => {
    const seen = new Map<string, number>();
    for (const { item } of world.system(side).all()) seen.set(item.title, (seen.get(item.title) ?? 0) + 1);
    return [...seen]
      .filter(([title, count]) => count > 1 + (people.copies.get(title) ?? 0))
      .map(([title, count]) => `I2: "${title}" is ${count} times in the ${side}`);
  });
}

/** I3: every item that can be synced has its counterpart, and both are equal as far as both can hold them. */
function convergence(world: World): string[] {
  const problems: string[] = [];
  const byRef = new Map(
    [...world.memory.links.values()].flatMap((link) =>
      sides.flatMap((side) =>
        link.sides[side] === null ? [] : [[`${side} ${link.sides[side].ref}`, link] as const],
      ),
    ),
  );
  for (const side of sides) {
    for (const { ref, item, traits } of world.system(side).all()) {
      const link = byRef.get(`${side} ${ref}`);
      const far = item.time.start >= "2031";
      if (traits.exceptions > 0) {
        // Far away and never linked: not even told by the listings.
        if (far && link === undefined) continue;
        if (link?.state !== "untouched")
          problems.push(`I3: ${side} ${ref} has exceptions and is not left alone`);
      } else if (link?.state === "linked") {
        const other = world.system(otherSide(side)).get(link.sides[otherSide(side)]?.ref ?? "");
        if (other === undefined) problems.push(`I3: ${side} ${ref} has lost its counterpart`);
        // Outside of the window on both sides: what is edited there while a cursor is lost is not promised.
        else if (!alike(item, other.item) && !(far && other.item.time.start >= "2031")) {
          problems.push(
            `I3: ${side} ${ref} differs: ${JSON.stringify(item)} / ${JSON.stringify(other.item)}`,
          );
        }
      } else if (link?.state !== "untouched" && !far) {
        problems.push(`I3: ${side} ${ref} is in no link (${link?.state ?? "none"}): ${JSON.stringify(item)}`);
      }
    }
  }
  return problems;
}

/** I1: what a person wrote last is somewhere, or was discarded by a recorded conflict. */
function nothingLost(world: World, people: People): string[] {
  const texts = new Set<string>();
  for (const side of sides) {
    for (const { item } of world.system(side).all()) texts.add(item.title).add(item.location);
  }
  const archived = world.memory.archive.map(({ sealed }) => sealed).join("\n");
  return [...people.alive]
    .filter(([text]) => !texts.has(text) && !archived.includes(JSON.stringify(text)))
    .map(([text, { side, ref, field }]) => `I1: ${field} "${text}" of ${side} ${ref} is nowhere`);
}

/** I16: every remote change has exactly one intent, and every intent one outcome. */
function ledger(world: World): string[] {
  const intents = [...world.memory.intents.values()];
  const problems = intents
    .filter(({ outcome }) => outcome === null)
    .map(({ intent }) => `I16: intent ${intent.id} (${intent.operation}) has no outcome`);
  // An update of few possible values that was not made may find its value written by a person.
  const unique = ({ intent }: (typeof intents)[number]) =>
    intent.operation !== "update" || intent.fields.includes("title") || intent.fields.includes("location");
  const took = intents.filter(
    (row) => (row.outcome === "applied" || row.outcome === "adopted") && unique(row),
  );
  const kinds = { create: "create", update: "update", remove: "delete" } as const;
  for (const [call, operation] of Object.entries(kinds)) {
    const made = world.mutations.filter((mutation) => mutation.call === call).length;
    const recorded = took.filter(({ intent }) => intent.operation === operation).length;
    // An update that took effect and was at once overwritten by a person is settled as not applied; a delete that a
    // person was quicker to make is settled as made.
    if (made < recorded && operation !== "delete")
      problems.push(`I16: ${recorded} ${operation}s are recorded, ${made} were made`);
    const known = intents.filter(({ intent }) => intent.operation === operation).length;
    if (made > known) problems.push(`I16: ${made} ${operation}s were made, ${known} were intended`);
  }
  return problems;
}

/** I10: data that we do not map is still on every item that a person made. */
function unmappedKept(world: World): string[] {
  return sides.flatMap((side) =>
    world
      .system(side)
      .all()
      .filter(({ ref }) => !world.system(side).unmapped.has(ref))
      .map(({ ref }) => `I10: ${side} ${ref} lost its unmapped data`),
  );
}
