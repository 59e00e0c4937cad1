import { crmLike, mailboxLike } from "../../connectors/memory/flavours.ts";
import type { Appointment } from "../../core/items/appointment.ts";
import { appointmentKind } from "../../core/items/appointment-kind.ts";
import { held } from "../../core/items/compare.ts";
import { isOverrideField } from "../../core/items/overrides.ts";
import { plainTraits, type Observed, type Side, type Traits } from "../../core/items/observed.ts";
import { link, side } from "../../core/sync/builders.testing.ts";
import { observe, type Told } from "../../core/sync/evidence.ts";
import type { ItemLink, LinkSide } from "../../core/sync/item-link.ts";
import { appointmentRules } from "../../core/sync/kinds/appointment.ts";
import { applied } from "../../core/sync/outcome.ts";
import { decide, type Decision, type PlanContext } from "../../core/sync/plan.ts";
import { look, type Seen } from "../../core/sync/prints.ts";
import { defaultSettings, type SyncSettings } from "../../core/sync/settings.ts";
import { appointment } from "../contracts/appointments.ts";
import { fingerprint } from "./simulation.ts";

/** Item links in every state, what is seen of them, and what the table decides: words for tests of the rules. */
export const capabilities = { crm: crmLike, mailbox: mailboxLike };

export function context(settings: Partial<SyncSettings> = {}, restore: Side[] = []): PlanContext {
  return {
    rules: appointmentRules,
    settings: { ...defaultSettings, ...settings },
    capabilities,
    window: { from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" },
    hash: fingerprint,
    restore: new Set(restore),
    nextKey: (link) => `${link.key}.again`,
  };
}

export function see(side: Side, item: Appointment, traits: Partial<Traits> = {}, version = "v2"): Seen {
  const observed: Observed = {
    ref: `${side}-1`,
    version,
    uid: null,
    key: null,
    item: held(appointmentKind, item, capabilities[side]),
    traits: { ...plainTraits, ...traits },
  };
  return look(appointmentKind, observed, side, capabilities, fingerprint);
}

export const told = (side: Side, item: Appointment, traits: Partial<Traits> = {}): Told => ({
  kind: "present",
  seen: see(side, item, traits),
});
export const gone: Told = { kind: "gone", by: "deleted" };

/** A link whose two sides were last seen with these items, equal as far as both can hold them. */
export function linked(
  crm: Appointment,
  mailbox: Appointment = crm,
  patch: Partial<ItemLink> = {},
): ItemLink {
  const seen = { crm: see("crm", crm), mailbox: see("mailbox", mailbox) };
  const lastSeen = (name: Side) => side(null, { ref: `${name}-1`, version: "v1", base: seen[name].own });
  return link({
    key: "el.key",
    sides: { crm: lastSeen("crm"), mailbox: lastSeen("mailbox") },
    agreed: seen.crm.narrow,
    ...patch,
  });
}

export function single(on: Side, item: Appointment): ItemLink {
  const both = linked(item);
  return {
    ...both,
    state: "single",
    agreed: see(on, item).narrow,
    sides: { crm: null, mailbox: null, [on]: { ...(both.sides[on] as LinkSide), base: {} } },
  };
}

export const plan = (link: ItemLink, crm: Told, mailbox: Told, given: PlanContext = context()): Decision =>
  decide(
    link,
    observe(appointmentKind, link.sides.crm, crm),
    observe(appointmentKind, link.sides.mailbox, mailbox),
    given,
  );

export const wishes = (decision: Decision) =>
  decision.writes.map(
    ({ target, operation, fields }) => `${operation} ${target} ${[...fields].toSorted().join()}`,
  );

/** Carries a decision out in both pictures, as stores would, and settles the link. */
export function carryOut(decision: Decision, pictures: Record<Side, Appointment | null>) {
  let { link } = decision;
  const after = { ...pictures };
  for (const write of decision.writes) {
    if (write.operation === "delete") {
      after[write.target] = null;
      link = applied(link, write, null);
      continue;
    }
    const item = held(
      appointmentKind,
      { ...(after[write.target] ?? appointment()), ...write.values },
      capabilities[write.target],
    );
    after[write.target] = item;
    const elements = { is: isOverrideField, isKept: () => false };
    link = applied(link, write, see(write.target, item), elements);
  }
  return { link, pictures: after };
}

export const base = appointment({ title: "Base", location: "Oslo" });
