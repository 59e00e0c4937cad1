import { candidateOf, pairUp, type Candidate } from "../core/sync/match.ts";
import { digestOfContent } from "./keys.ts";
import type { ItemLink } from "../core/sync/item-link.ts";
import { mayMakeNew } from "../core/sync/untouched.ts";
import type { Run } from "./run.ts";
import { enter, type Gathered } from "./work.ts";

/** How many times the writes of a slice are looked at in it: items that are equal on both sides need none. */
const perWrite = 5;

/**
 * Brings in the items that were new in earlier slices, now that it is known what is new on both sides. After a first
 * listing they may be as many as a mailbox has items, so a slice takes in what it can handle: pairs first, whole, and
 * those with an item told just now before all others. What has no counterpart can wait as what it is; the pairs that are
 * left stay new.
 */
export async function bringNews<Item>(run: Run<Item>, gathered: Gathered<Item>): Promise<void> {
  const { repository } = run.ports;
  const { fields } = run.context.rules.kind;
  const limit = run.input.budget.writes * perWrite;
  const told = [...gathered.fresh.values()].map(({ link }) =>
    candidateOf(link, digestOfContent(fields, link)),
  );
  const isTold = ({ id }: Candidate) => gathered.fresh.has(id) || gathered.known.has(id);
  const stored = (await repository.unmatched(fields)).filter((candidate) => !isTold(candidate));
  const { pairs, single } = pairUp([...told, ...stored]);
  const counterparts = pairs.filter(({ kept, absorbed }) => isTold(kept) !== isTold(absorbed));
  const others = pairs.filter(({ kept, absorbed }) => !isTold(kept) && !isTold(absorbed));
  const taken = [...counterparts, ...others.slice(0, limit)].flatMap(({ kept, absorbed }) => [
    kept,
    absorbed,
  ]);
  const alone = single.filter((candidate) => !isTold(candidate));
  const room = Math.max(0, limit - others.length);
  // What may not go over need not be looked at to be let go of.
  const stays = ({ side }: Candidate) => !mayMakeNew(side, run.context);
  const wanted = [...taken, ...alone.slice(0, room)].filter((candidate) => !isTold(candidate));
  const isAlone = new Set(alone.map(({ id }) => id));
  if (wanted.length > 0) {
    for (const link of await repository.byIds(wanted.map(({ id }) => id)))
      // What waits for something that could not be read is due by itself, unless its counterpart is there.
      if (!(isAlone.has(link.id) && waits(link, run.now()))) enter(gathered, link);
  }
  const later = alone
    .slice(room)
    .filter((candidate) => !stays(candidate))
    .map(({ id }) => id);
  if (later.length > 0) await repository.standAlone(later, run.now());
}

function waits({ pending, notBefore }: ItemLink, now: number): boolean {
  return pending && notBefore !== null && notBefore > now;
}
