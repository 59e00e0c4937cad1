import { otherSide, sides, type Side } from "../../core/items/observed.ts";
import type { SliceResult } from "../../engine/slice.ts";
import { AtOnce } from "./at-once.ts";
import { lookAtRest } from "./at-rest.ts";
import type { Act, Step } from "./history.ts";
import type { KindModel } from "./kinds/model.ts";
import { Lane } from "./lane.ts";
import type { Memory } from "./memory.ts";
import { People } from "./people.ts";
import type { Running } from "./scheduler.ts";
import type { World } from "./world.ts";

/** A lane with its people and everybody who watches, whatever kind its items are of. */
export interface InhabitedLane {
  readonly number: number;
  act(step: Step & { do: Act }): Promise<string | undefined>;
  choose(side: Side, choice: "apply" | "restore"): Promise<boolean>;
  slice(running: Running): Promise<SliceResult | null>;
  /** Late writes arrive, dead credentials are renewed. */
  clear(): void;
  writes(): number;
  lookAtRest(): Promise<void>;
  rested(): Promise<void>;
  /** All that both sides hold and how they are linked, as text, without what only a machine sees. */
  picture(): Promise<string>;
}

export function inhabited<Item extends object>(
  world: World,
  number: number,
  model: KindModel<Item>,
  memory: Memory,
): InhabitedLane {
  const lane = new Lane(world, number, model, memory);
  const people = new People(lane);
  const watcher = new AtOnce(lane, people.chronicle);
  lane.onWrite = (...told) => watcher.look(...told);
  lane.onLoss = (...told) => watcher.lost(...told);
  lane.deletesOf = (side) => watcher.deletesToday(side);
  return {
    number,
    act: (step) => people.act(step),
    choose: (side, choice) => people.choose(side, choice),
    slice: (running) => lane.slice(running),
    clear() {
      lane.blind = null;
      lane.arrive();
    },
    writes: () => lane.writes,
    lookAtRest: () => lookAtRest(lane, people.chronicle),
    rested: async () => people.chronicle.rested(await memory.links()),
    picture: () => picture(lane),
  };
}

async function picture<Item extends object>({ memory, systems }: Lane<Item>): Promise<string> {
  const items = sides.flatMap((side) =>
    systems[side].all().map(({ ref, item, key, traits }) => JSON.stringify([side, ref, key, item, traits])),
  );
  const links = (await memory.links()).map(({ id, key, state, reason, masked, sides: known }) => {
    const of = (side: Side) =>
      known[side] && [known[side].ref, known[side].version, known[otherSide(side)]?.ref];
    return JSON.stringify([id, key, state, reason, masked, of("crm"), of("mailbox")]);
  });
  return [...items, ...links.toSorted()].join("\n");
}
