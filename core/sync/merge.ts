import type { Appointment } from "../items/appointment.ts";
import { fieldsIn, type FieldOf } from "../items/kind.ts";
import { canonical } from "../items/compare.ts";
import { otherSide, sides, type Side, type Window } from "../items/observed.ts";
import { sameState, stateOf, type SideState } from "./choice.ts";
import type { Observation } from "./evidence.ts";
import { seenOf } from "./evidence.ts";
import { doubted } from "./incarnation.ts";
import type { ItemLink, Prints } from "./item-link.ts";
import { narrowPrints, type BothCapabilities, type Hash, type Seen } from "./prints.ts";
import { mayFlow } from "./untouched.ts";
import type { KindRules } from "./rules.ts";
import type { SyncSettings } from "./settings.ts";

export interface MergeContext<Item = Appointment> {
  rules: KindRules<Item>;
  settings: SyncSettings;
  capabilities: BothCapabilities<Item>;
  hash: Hash;
  window: Window;
}

/** What a field-by-field comparison of both sides with their bases asks for. */
export interface Merge<Item = Appointment> {
  /** Fields to be written, by the side that gets them. */
  to: Record<Side, FieldOf<Item>[]>;
  /** Fields that need no write: equal on both sides, or not allowed to flow. */
  settled: FieldOf<Item>[];
  /** Fields changed on both sides, by the side whose value is overwritten. */
  lost: Record<Side, FieldOf<Item>[]>;
  /** Fields whose edit may not flow and is taken back, by the side that made it. */
  reverted: Record<Side, FieldOf<Item>[]>;
  /** Fields that a restored backup has taken back, by the side that it happened to. */
  recalled: Record<Side, FieldOf<Item>[]>;
  /** Fields changed on both sides that wait for a person. */
  asked: FieldOf<Item>[];
  /** What both sides held of them when the person was asked. */
  askedState: SideState;
  /** Fields about which a person has decided: among `to` and `lost`. */
  decided: FieldOf<Item>[];
  /** The CRM's copy is to be without content. */
  masked: boolean;
  /** Both sides are needed to tell, and one was not read. */
  unread: boolean;
}

/**
 * Three-way merge per field; the base is each side's own fingerprint, so that a value which one side cannot hold
 * exactly is not mistaken for a change of the other side.
 *
 * - changed on neither side: nothing
 * - changed on one: flows, unless it equals what both sides had in common
 * - changed on a side whose store came back from a backup: the other side's value stands, where it may flow (row 95)
 * - changed on one by a subscriber against the direction: taken back, or left, by the setting (row 81)
 * - changed on both and equal in the narrower projection: they have converged
 * - changed on both otherwise: a conflict, decided by the setting; the loser's value is archived
 */
export function merge<Item>(
  link: ItemLink,
  crm: Observation<Item>,
  mailbox: Observation<Item>,
  context: MergeContext<Item>,
): Merge<Item> {
  const result: Merge<Item> = {
    to: { crm: [], mailbox: [] },
    settled: [],
    lost: { crm: [], mailbox: [] },
    reverted: { crm: [], mailbox: [] },
    recalled: { crm: [], mailbox: [] },
    asked: [],
    askedState: {},
    decided: [],
    masked: link.masked,
    unread: false,
  };
  const { kind } = context.rules;
  const known = [crm, mailbox].map((observation) => seenOf(observation)?.own ?? {});
  const bases = [link.sides.crm?.base ?? {}, link.sides.mailbox?.base ?? {}];
  for (const field of fieldsIn(kind, ...known, ...bases))
    mergeField(field, link, { crm, mailbox }, context, result);
  answer(link, { crm, mailbox }, context, result);
  for (const target of sides) takeAlong(target, { crm, mailbox }, context, result);
  for (const target of sides) sayAgain(target, { crm, mailbox }, context, result);
  for (const target of sides) settleDerived(target, { crm, mailbox }, context, result);
  mask(link, { crm, mailbox }, context, result);
  return result;
}

/** A person's word on what was asked, as long as both sides are as they were when it was given. */
function answer<Item>(
  link: ItemLink,
  observations: Record<Side, Observation<Item>>,
  context: MergeContext<Item>,
  result: Merge<Item>,
): void {
  if (result.asked.length === 0) return;
  const seen = { crm: seenOf(observations.crm), mailbox: seenOf(observations.mailbox) };
  result.askedState = stateOf(seen, context.hash, result.asked);
  const { choice } = link;
  if (choice?.kind !== "take" || !sameState(choice.state, result.askedState)) return;
  const loser = otherSide(choice.side);
  result.to[loser].push(...result.asked);
  result.lost[loser].push(...result.asked);
  result.decided = result.asked;
  result.asked = [];
}

/** What the target keeps by means of a field that is written goes along, unless somebody has changed it there. */
function takeAlong<Item>(
  target: Side,
  observations: Record<Side, Observation<Item>>,
  context: MergeContext<Item>,
  result: Merge<Item>,
): void {
  const { follows = {} } = context.capabilities[target];
  const present = observations[target];
  for (const [name, leaders] of Object.entries(follows) as [FieldOf<Item>, readonly (keyof Item)[]][]) {
    const written = result.to[target];
    if (written.includes(name) || !leaders.some((leader) => written.includes(leader as FieldOf<Item>)))
      continue;
    if (!isEdited(name, present) && canFlow(name, otherSide(target), context)) written.push(name);
  }
}

/**
 * What the source keeps by means of a field that is written may have been left unsaid on the target: a task without a
 * start begins on the day it is due, and would begin on another day with that. What would read differently then is said.
 */
function sayAgain<Item>(
  target: Side,
  observations: Record<Side, Observation<Item>>,
  context: MergeContext<Item>,
  result: Merge<Item>,
): void {
  const { follows = {} } = context.capabilities[otherSide(target)];
  const written = result.to[target];
  const [source, present] = [seenOf(observations[otherSide(target)]), seenOf(observations[target])];
  if (source === null) return;
  const names = (Object.entries(follows) as [FieldOf<Item>, readonly (keyof Item)[]][])
    .filter(([, leaders]) => leaders.some((leader) => written.includes(leader as FieldOf<Item>)))
    .map(([name]) => name)
    .filter((name) => ![...written, ...result.to[otherSide(target)], ...result.asked].includes(name))
    .filter((name) => canFlow(name, otherSide(target), context));
  if (names.length === 0) return;
  if (present === null) {
    result.unread = true;
    return;
  }
  const narrow = narrowAfter(target, present, source, written, context);
  written.push(...names.filter((name) => narrow[name] !== source.narrow[name]));
}

/**
 * An element says in what it differs from the whole, so that a change of the whole changes what is said of it. One that
 * would say the same on both sides once the whole has gone over is nobody's edit.
 */
function settleDerived<Item>(
  target: Side,
  observations: Record<Side, Observation<Item>>,
  context: MergeContext<Item>,
  result: Merge<Item>,
): void {
  const { kind } = context.rules;
  const isElement = (field: FieldOf<Item>) => kind.isElement?.(field) === true;
  const elements = result.to[target].filter(isElement);
  const plain = result.to[target].filter((field) => !isElement(field));
  const [source, present] = [seenOf(observations[otherSide(target)]), seenOf(observations[target])];
  if (elements.length === 0 || plain.length === 0 || source === null) return;
  if (present === null) {
    result.unread = true;
    return;
  }
  const narrow = narrowAfter(target, present, source, plain, context);
  const derived = new Set(elements.filter((field) => narrow[field] === source.narrow[field]));
  result.to[target] = result.to[target].filter((field) => !derived.has(field));
  result.lost[target] = result.lost[target].filter((field) => !derived.has(field));
  result.settled.push(...derived);
}

/** What the target holds, in the narrower projection, once these fields of the source have gone over. */
function narrowAfter<Item>(
  target: Side,
  present: Seen<Item>,
  source: Seen<Item>,
  fields: readonly FieldOf<Item>[],
  { rules: { kind }, capabilities, hash }: MergeContext<Item>,
): Prints {
  const values = Object.fromEntries(fields.map((field) => [field, source.item[field]])) as Partial<Item>;
  const after = kind.normalize({ ...present.item, ...values });
  return narrowPrints(kind, after, target, capabilities, hash);
}

function mergeField<Item>(
  field: FieldOf<Item>,
  link: ItemLink,
  observations: Record<Side, Observation<Item>>,
  context: MergeContext<Item>,
  result: Merge<Item>,
): void {
  const edited = (side: Side) => isEdited(field, observations[side]);
  const seen = (side: Side) => seenOf(observations[side]);
  // What a system makes of a field may depend on another one: then that one's change is a change of both.
  const shifted = (side: Side) =>
    !edited(otherSide(side)) && shifts(field, side, link, observations, context);
  const changed = (side: Side) => edited(side) || shifted(side);
  if (!changed("crm") && !changed("mailbox")) return;
  const isElement = context.rules.kind.isElement?.(field) === true;
  const place = isElement ? placeOf(field, observations, context) : "within";
  // What is over stays as it is on either side; what the other side does not reach yet flows when it does.
  if (place === "over") result.settled.push(field);
  if (place !== "within") return;

  const back = doubted(link);
  if (back !== null && changed(back) && canFlow(field, otherSide(back), context)) {
    const [own, other] = [seen(back), seen(otherSide(back))];
    if (other === null) result.unread = true;
    else if (own?.narrow[field] === other.narrow[field]) result.settled.push(field);
    else {
      result.to[back].push(field);
      result.recalled[back].push(field);
    }
    return;
  }
  if (changed("crm") && changed("mailbox")) {
    if (seen("crm")?.narrow[field] === seen("mailbox")?.narrow[field]) {
      result.settled.push(field);
      return;
    }
    const ways = (["crm", "mailbox"] as const).filter((from) => canFlow(field, from, context));
    const [way] = ways;
    if (way === undefined) result.settled.push(field);
    else if (ways.length === 2 && context.settings.conflict === "ask") result.asked.push(field);
    else {
      const winner = ways.length === 2 && context.settings.conflict === "mailbox" ? "mailbox" : way;
      result.to[otherSide(winner)].push(field);
      result.lost[otherSide(winner)].push(field);
    }
    return;
  }

  const from: Side = changed("crm") ? "crm" : "mailbox";
  const [own, other] = [seen(from), seen(otherSide(from))];
  if (isElement && own !== null && other !== null && own.narrow[field] === other.narrow[field]) {
    result.settled.push(field);
    return;
  }
  const inCommonAlready =
    (isElement || link.agreed[field] !== undefined) && seen(from)?.narrow[field] === link.agreed[field];
  if (inCommonAlready) result.settled.push(field);
  else if (isTakenBack(field, from, context)) {
    result.to[from].push(field);
    result.reverted[from].push(field);
  } else if (!canFlow(field, from, context)) result.settled.push(field);
  else result.to[otherSide(from)].push(field);
}

function isEdited<Item>(field: FieldOf<Item>, observation: Observation<Item>): boolean {
  return observation.change === "changed" && observation.fields.includes(field);
}

/** Whether a field that nobody edited becomes another value on the other side, because of what was edited beside it. */
function shifts<Item>(
  field: FieldOf<Item>,
  from: Side,
  link: ItemLink,
  observations: Record<Side, Observation<Item>>,
  context: MergeContext<Item>,
): boolean {
  const { capabilities, rules, hash } = context;
  const observation = observations[from];
  if (observation.change !== "changed" || observation.fields.includes(field)) return false;
  // A date of a series has a time of its own there when its zone is unknown there.
  const isElement = rules.kind.isElement?.(field) === true;
  if (!isElement && capabilities[otherSide(from)].fields[field] !== "lossy") return false;
  const agreed = link.agreed[field];
  const { item, narrow } = observation.seen;
  if (agreed === undefined || narrow[field] === agreed) return false;
  // Agreed upon is what was written: of something private, what its mask leaves.
  const told = outward(item, null, otherSide(from), link.masked, context);
  return told === item || narrowPrints(rules.kind, told, from, capabilities, hash)[field] !== agreed;
}

/** Whether an edit on the subscriber's side, which may not flow, gives way to what the CRM says. */
function isTakenBack<Item>(field: FieldOf<Item>, from: Side, context: MergeContext<Item>): boolean {
  const { rules, settings } = context;
  return (
    rules.subscribes === otherSide(from) &&
    settings.outsideEdits === "revert" &&
    !mayFlow(settings, from) &&
    canFlow(field, otherSide(from), context)
  );
}

/** Whether a value of this field may go from one side to the other at all. */
function canFlow<Item>(
  field: FieldOf<Item>,
  from: Side,
  { rules, settings, capabilities }: MergeContext<Item>,
): boolean {
  const [source, target] = [capabilities[from].fields, capabilities[otherSide(from)].fields];
  if (!mayFlow(settings, from)) return false;
  if (rules.kind.isElement?.(field) === true)
    return capabilities[otherSide(from)].recurrence?.exceptions === true;
  return source[field] !== "none" && (target[field] === "full" || target[field] === "lossy");
}

/** Where an element of a series lies: before the window, beyond the end that is ours, or where it can flow. */
function placeOf<Item>(
  field: FieldOf<Item>,
  observations: Record<Side, Observation<Item>>,
  { rules, window }: MergeContext<Item>,
): "over" | "within" | "beyond" {
  const date = rules.elementDate?.(field) ?? null;
  if (date === null) return "within";
  if (date < window.from.slice(0, 10)) return "over";
  const ends = sides.map((side) => seenOf(observations[side])?.rolledTo);
  return ends.some((end) => end !== undefined && date > end) ? "beyond" : "within";
}

/**
 * With `busy-only`, the CRM's copy of an appointment that is private in the mailbox holds no content, and content
 * flows neither way while that lasts. It begins when the mailbox makes the item private, and ends, by handing the
 * content over, when it is public again. An item made private in the CRM keeps the content that it has there.
 */
function mask<Item>(
  link: ItemLink,
  observations: Record<Side, Observation<Item>>,
  context: MergeContext<Item>,
  result: Merge<Item>,
): void {
  const { content: contentFields, privacy: privacyField, isPrivate } = context.rules;
  if (privacyField === null) return;
  const crm = seenOf(observations.crm);
  const mailbox = seenOf(observations.mailbox);
  const flows = mayFlow(context.settings, "mailbox");
  const told = result.to.mailbox.includes(privacyField) ? crm : (mailbox ?? crm);
  if (told === null || !isPrivate(told.item) || context.settings.privateItems !== "busy-only") {
    // Without a word about privacy nothing changes; unmasking needs the mailbox's content at hand.
    if (told !== null && mailbox !== null) result.masked = false;
  } else if (!link.masked) {
    result.masked =
      result.to.crm.includes(privacyField) || (unknownBase(link) && crm !== null && isMasked(crm, context));
  }
  if (!link.masked && !result.masked) return;

  const content = new Set<FieldOf<Item>>(contentFields);
  for (const side of ["crm", "mailbox"] as const) {
    result.to[side] = result.to[side].filter((field) => !content.has(field));
    result.lost[side] = result.lost[side].filter((field) => !content.has(field));
    result.recalled[side] = result.recalled[side].filter((field) => !content.has(field));
  }
  result.asked = result.asked.filter((field) => !content.has(field));
  // Just matched, and as a mask leaves it: it is the copy that was made once.
  const isCopy = unknownBase(link) && result.masked && crm !== null && isMasked(crm, context);
  const handOver = flows && link.masked !== result.masked && !isCopy;
  if (handOver) {
    const { kind } = context.rules;
    const elements = fieldsIn(kind, mailbox?.own ?? {}).filter((field) => kind.isElement?.(field) === true);
    result.to.crm.push(...contentFields, ...elements.filter((field) => !result.to.crm.includes(field)));
    result.settled = result.settled.filter((field) => !elements.includes(field));
    result.lost.crm.push(
      ...contentFields.filter((field) => overwritten(field, link, observations.crm, context)),
    );
  }
  result.settled = [
    ...result.settled.filter((field) => !content.has(field)),
    ...(handOver ? [] : contentFields),
  ];
}

/** Whether the CRM has content of its own that handing over, or masking, takes away. */
function overwritten<Item>(
  field: FieldOf<Item>,
  link: ItemLink,
  crm: Observation<Item>,
  { rules, settings, hash }: MergeContext<Item>,
): boolean {
  if (!link.masked) return crm.change === "changed" && crm.fields.includes(field);
  const seen = seenOf(crm);
  if (seen === null) return false;
  const copy = rules.mask(seen.item, settings.privateTitle);
  return seen.own[field] !== hash(field, canonical(rules.kind, field, copy));
}

/** Whether the CRM's copy is what a mask leaves of it. */
function isMasked<Item>(crm: Seen<Item>, { rules, settings, hash }: MergeContext<Item>): boolean {
  const copy = rules.mask(crm.item, settings.privateTitle);
  const field = rules.content[0];
  return field !== undefined && crm.own[field] === hash(field, canonical(rules.kind, field, copy));
}

function unknownBase(link: ItemLink): boolean {
  return Object.keys(link.sides.mailbox?.base ?? {}).length === 0;
}

/** The values of an item as they may stand on the target, where `present` is now. */
export function outward<Item>(
  item: Item,
  present: Seen<Item> | null,
  target: Side,
  masked: boolean,
  { rules, settings }: Pick<MergeContext<Item>, "rules" | "settings">,
): Item {
  if (target === "mailbox") {
    const keeps = masked && present !== null && rules.keepContent !== undefined;
    return keeps ? rules.keepContent(item, present.item) : item;
  }
  if (masked) return rules.mask(item, settings.privateTitle);
  const hides = settings.privateItems !== "hide" && rules.maskParts !== undefined;
  return hides ? rules.maskParts(item, settings.privateTitle) : item;
}

/** Whether writing these values empties something that the target has. */
export function empties<Item>(
  fields: readonly FieldOf<Item>[],
  written: Prints,
  base: Prints,
  { rules, hash }: Pick<MergeContext<Item>, "rules" | "hash">,
): boolean {
  return fields.some((field) => {
    const empty = rules.emptied[field];
    if (empty === undefined) return false;
    const print = hash(field, empty);
    return written[field] === print && base[field] !== undefined && base[field] !== print;
  });
}
