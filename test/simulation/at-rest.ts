import { otherSide, sides, type Observed, type Side } from "../../core/items/observed.ts";
import type { ItemLink } from "../../core/sync/item-link.ts";
import type { SyncSettings } from "../../core/sync/settings.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Lane } from "./lane.ts";

const dayMs = 86_400_000;

/** What must hold once nothing goes wrong any more and sync has come to rest. */
export async function lookAtRest<Item extends object>(lane: Lane<Item>, chronicle: Chronicle): Promise<void> {
  const links = await lane.memory.links();
  const archive = await lane.memory.archive();
  bijection(lane, links);
  nothingDoubled(lane, chronicle);
  convergence(lane, chronicle, links);
  nothingResurrected(lane, chronicle);
  nothingLost(lane, chronicle, archive);
  ledger(lane);
}

/** I2: every item has at most one link, and its link at most one counterpart. I8: nothing is left undone. */
function bijection<Item extends object>(lane: Lane<Item>, links: readonly ItemLink[]): void {
  const { world, systems } = lane;
  const seen = new Set<string>();
  for (const link of links) {
    for (const side of sides) {
      const ref = link.sides[side]?.ref;
      if (ref === undefined || link.state === "deleted") continue;
      world.check("I2", !seen.has(`${side} ${ref}`), () => say(lane, `${side} ${ref} has two links`));
      seen.add(`${side} ${ref}`);
      const left = link.reason === "left-selection" && systems[side].get(ref) === undefined;
      // Where no listing looks it is not known whether an item is gone or moved: nothing is deleted for it.
      const beyond = link.sides[side]?.out === true;
      world.check("I3", left || beyond || systems[side].get(ref) !== undefined, () =>
        say(lane, `link ${link.id} (${link.state}) points to ${side} ${ref}, which is gone`),
      );
    }
    const later = link.notBefore !== null && link.notBefore > world.now;
    world.check("I8", !link.pending || later, () => say(lane, `link ${link.id} is still pending at rest`));
  }
}

/** I2: nobody sees an item more often than people made it. Every name is given once; only copies repeat it. */
function nothingDoubled<Item extends object>(lane: Lane<Item>, chronicle: Chronicle): void {
  // Under another ref, and not in a listing without a cursor: it cannot be told from one that is gone, and is made again.
  const unseen = sides.flatMap((side) =>
    lane.systems[side]
      .all()
      .filter(({ item, ref }) => {
        const hidden = lane.world.history.weather.shortened || !surelyInside(lane, item);
        if (hidden && chronicle.moved.has(`${side} ${ref}`)) chronicle.untold.add(`${side} ${ref}`);
        return chronicle.untold.has(`${side} ${ref}`);
      })
      .map(({ item }) => String(item[lane.model.name])),
  );
  for (const side of sides) {
    const seen = new Map<string, number>();
    for (const { item } of lane.systems[side].all()) {
      const name = String(item[lane.model.name]);
      if (name !== lane.settings.privateTitle) seen.set(name, (seen.get(name) ?? 0) + 1);
    }
    for (const [name, count] of seen) {
      lane.world.check(
        "I2",
        count <= 1 + (chronicle.more.get(name) ?? 0) + unseen.filter((each) => each === name).length,
        () => say(lane, `"${name.slice(0, 40)}" is ${count} times in the ${side}`),
      );
    }
  }
}

/** I3: every item that can be synced has its counterpart, and both are equal as far as both can hold them. */
function convergence<Item extends object>(
  lane: Lane<Item>,
  chronicle: Chronicle,
  links: readonly ItemLink[],
): void {
  const { world, systems, model, settings } = lane;
  const byRef = new Map(
    links.flatMap((link) =>
      sides.flatMap((side) =>
        link.sides[side] === null ? [] : [[`${side} ${link.sides[side].ref}`, link] as const],
      ),
    ),
  );
  for (const side of sides) {
    for (const seen of systems[side].all()) {
      const link = byRef.get(`${side} ${seen.ref}`);
      if (link?.state === "linked") {
        const other = systems[otherSide(side)].get(link.sides[otherSide(side)]?.ref ?? "");
        world.check("I3", other !== undefined || !surelyInside(lane, seen.item), () =>
          say(lane, `${side} ${seen.ref} has lost its counterpart`),
        );
        if (other !== undefined && side === "crm") equal(lane, chronicle, link, seen, other);
      } else {
        const may =
          !surelyInside(lane, seen.item) ||
          model.mayStay(seen, side, settings) ||
          !mayFlow(lane, side) ||
          (link?.state === "untouched" && mayStayFor(lane, chronicle, link, side, seen.item));
        world.check("I3", may, () =>
          say(
            lane,
            `${side} ${seen.ref} is in no pair (${link?.state ?? "no link"} ${link?.reason ?? ""}): ${JSON.stringify(seen.item)}`,
          ),
        );
      }
    }
  }
}

function mayStayFor<Item extends object>(
  lane: Lane<Item>,
  chronicle: Chronicle,
  link: ItemLink,
  side: Side,
  item: Item,
): boolean {
  const there = otherSide(side);
  const other = lane.systems[there].get(link.sides[there]?.ref ?? "");
  if (other !== undefined && lane.model.mayStay(other, there, lane.settings)) return true;
  if (link.reason === "direction") return chronicle.oneWay;
  // Its counterpart was deleted while it was a meeting: nobody knows what is wanted of it since.
  if (link.reason === "meeting") return Object.keys(link.sides[side]?.base ?? {}).length > 0;
  if (lane.model.rules.subscribes === null) return false;
  if (link.reason === "left-selection") return true;
  const { unsubscribed } = chronicle;
  return (
    link.reason === "unsubscribed" &&
    (unsubscribed.has(link.id) || unsubscribed.has(String(item[lane.model.name])))
  );
}

function equal<Item extends object>(
  lane: Lane<Item>,
  chronicle: Chronicle,
  link: ItemLink,
  crm: Observed<Item>,
  mailbox: Observed<Item>,
): void {
  const { world, model, settings } = lane;
  const { rules } = model;
  // Outside of the window on both sides: what is edited there while a cursor is lost is not promised.
  if (!surelyInside(lane, crm.item) && !surelyInside(lane, mailbox.item)) return;
  if (chronicle.privacyInCrm.delete(crm.uid ?? crm.ref)) chronicle.madePrivate.delete(mailbox.ref);
  const hidden =
    settings.privateItems === "busy-only" &&
    rules.isPrivate(mailbox.item) &&
    chronicle.madePrivate.has(mailbox.ref);
  if (hidden || link.masked) {
    world.check(
      "I11",
      link.masked && model.texts.every((field) => !shown(crm, mailbox, field, settings)),
      () =>
        say(
          lane,
          `the CRM shows what is private: ${JSON.stringify(crm.item)} / ${JSON.stringify(mailbox.item)}`,
        ),
    );
  }
  const asks = link.reason === "conflict" && settings.conflict === "ask";
  if (asks || chronicle.mayDiffer("crm", crm.ref) || chronicle.mayDiffer("mailbox", mailbox.ref)) return;
  const fields = model
    .differences(crm.item, mailbox.item, world.now)
    .filter(
      (field) => !link.masked || !(rules.content.includes(field) || rules.kind.isElement?.(field) === true),
    );
  world.check("I3", fields.length === 0, () =>
    say(
      lane,
      `crm ${crm.ref} and mailbox ${mailbox.ref} differ in ${fields.join(", ")}: ${JSON.stringify(crm.item)} / ${JSON.stringify(mailbox.item)}`,
    ),
  );
}

/** A placeholder that was copied is as private as any other, and shows nothing. */
function shown<Item>(
  crm: Observed<Item>,
  mailbox: Observed<Item>,
  field: keyof Item,
  { privateTitle }: SyncSettings,
): boolean {
  const text = mailbox.item[field];
  return text !== "" && text !== privateTitle && crm.item[field] === text;
}

/** I4: what a person deleted, and nobody contested, is gone from both sides. */
function nothingResurrected<Item extends object>(lane: Lane<Item>, chronicle: Chronicle): void {
  const { world, systems, model, settings } = lane;
  for (const { side, ref, name, wasInside } of chronicle.expectedGone) {
    if (chronicle.more.has(name)) continue;
    const there = systems[side].get(ref);
    if (there !== undefined && model.mayStay(there, side, settings)) continue;
    // A delete that no cursor tells of, where no listing looks, is not known.
    const isInside = wasInside && there !== undefined && surelyInside(lane, there.item);
    if (there !== undefined && !isInside && cursorsLost(lane, chronicle)) continue;
    world.check("I4", there === undefined, () =>
      say(lane, `${side} ${ref} is there, its counterpart was deleted`),
    );
    if (name === settings.privateTitle) continue;
    const again = sides.filter((each) =>
      systems[each]
        .all()
        .some((one) => one.item[model.name] === name && !chronicle.untold.has(`${each} ${one.ref}`)),
    );
    world.check("I4", again.length === 0, () =>
      say(lane, `"${name}" was deleted and is in the ${again.join()} again`),
    );
  }
}

function cursorsLost<Item extends object>({ world }: Lane<Item>, { relinked }: Chronicle): boolean {
  const { counts } = world.troubles;
  return relinked || counts["cursor-invalid"] !== undefined || counts["forgotten-cursors"] !== undefined;
}

/** I1: what a person wrote last is somewhere, or was discarded by a recorded conflict. */
function nothingLost<Item extends object>(
  lane: Lane<Item>,
  chronicle: Chronicle,
  archive: readonly string[],
): void {
  const texts = new Set<string>();
  for (const side of sides) {
    for (const { item } of lane.systems[side].all())
      for (const field of lane.model.texts) texts.add(String(item[field]));
  }
  for (const [text, { side, ref, field }] of chronicle.alive) {
    const kept = texts.has(text) || archive.some((sealed) => sealed.includes(JSON.stringify(text)));
    lane.world.check("I1", kept, () =>
      say(lane, `${field} "${text.slice(0, 40)}" of ${side} ${ref} is nowhere`),
    );
    // Told once.
    if (!kept) chronicle.alive.delete(text);
  }
  for (const side of sides) {
    for (const { ref } of lane.systems[side].all()) {
      lane.world.check("I10", lane.systems[side].unmapped.has(ref), () =>
        say(lane, `${side} ${ref} lost its unmapped data`),
      );
    }
  }
}

/** I16: every intent has one outcome, and it is the true one. */
function ledger<Item extends object>(lane: Lane<Item>): void {
  const { world, model } = lane;
  for (const { intent, outcome, fields, changes } of lane.ledger.takeAll()) {
    world.check("I16", outcome !== null, () =>
      say(lane, `intent ${intent.id} (${intent.operation}) has no outcome`),
    );
    const took = outcome === "applied" || outcome === "adopted";
    // Few possible values: a person may have written the same.
    const unique =
      intent.operation === "create"
        ? model.capabilities[intent.target].createKey === "stamp" && lane.broughtBack.size === 0
        : intent.operation === "update" && fields.some((field) => model.texts.some((text) => text === field));
    world.check("I16", !took || !unique || changes > 0, () =>
      say(
        lane,
        `intent ${intent.id} (${intent.operation}, row ${intent.row}) is recorded as ${outcome} and was not made`,
      ),
    );
  }
}

/** Well within what is promised, on both ends. */
export function surelyInside<Item extends object>(
  { model, settings, world }: Lane<Item>,
  item: Item,
): boolean {
  const { daysBack, daysAhead } = settings.window;
  const iso = (days: number) => `${new Date(world.now + days * dayMs).toISOString().slice(0, 10)}T00:00:00Z`;
  return model.rules.kind.touches(item, { from: iso(3 - daysBack), to: iso(daysAhead - 3) });
}

function mayFlow<Item extends object>({ settings: { direction } }: Lane<Item>, side: Side): boolean {
  return direction === "two-way" || direction === `${side}-to-${otherSide(side)}`;
}

function say<Item extends object>(lane: Lane<Item>, text: string): string {
  return `lane ${lane.number} (${lane.model.rules.kind.kind}): ${text}`;
}
