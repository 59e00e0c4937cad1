import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ref } from "../../connectors/contract.ts";
import type { Appointment, RecurrenceOverride, RecurrenceRule } from "../../core/items/appointment.ts";
import { differences, held } from "../../core/items/compare.ts";
import { appointmentKind } from "../../core/items/appointment-kind.ts";
import { datesNamed, overrideField } from "../../core/items/overrides.ts";
import { allDay, appointment, timed, weekly } from "./appointments.ts";
import { refusedAsInvalid } from "./item-store.suite.ts";
import { StoreInUse, type StoreHarness } from "./store-in-use.ts";

export interface RecurrenceHarness extends StoreHarness<Appointment> {
  outside: StoreHarness<Appointment>["outside"] & {
    /** Changes or cancels the occurrence of a weekly series. */
    changeOccurrence(ref: Ref, date: string, to: RecurrenceOverride): Promise<void>;
  };
}

const shapes: Readonly<Record<string, Appointment>> = {
  "every second Monday and Wednesday": appointment({ recurrenceRule: weekly }),
  "daily until": appointment({
    recurrenceRule: {
      ...weekly,
      frequency: "daily",
      interval: 1,
      byDay: [],
      end: { kind: "until", date: "2026-03-20" },
    },
  }),
  "the 15th of each month": appointment({
    ...timed("2026-03-15T08:00:00Z", "2026-03-15T09:00:00Z"),
    recurrenceRule: { ...weekly, frequency: "monthly", interval: 1, byDay: [], byMonthDay: 15 },
  }),
  "the last Friday of each month": appointment({
    ...timed("2026-03-27T08:00:00Z", "2026-03-27T09:00:00Z"),
    recurrenceRule: { ...weekly, frequency: "monthly", interval: 1, byDay: ["fr"], nthOfPeriod: -1 },
  }),
  "each 2 March": appointment({
    recurrenceRule: {
      ...weekly,
      frequency: "yearly",
      interval: 1,
      byDay: [],
      byMonthDay: 2,
      byMonth: 3,
      end: { kind: "count", count: 3 },
    },
  }),
};

/** What every store of appointments promises about series, on top of `itemStoreContract`. */
export function recurrenceContract(name: string, makeHarness: () => Promise<RecurrenceHarness>): void {
  const use = new StoreInUse(appointmentKind, makeHarness);

  describe(`series: ${name}`, () => {
    beforeAll(() => use.open());
    afterAll(() => use.close());

    describe("as a whole", () => {
      it.each(Object.entries(shapes))("projecting %s twice is projecting it once", (_, item) => {
        const once = use.held(item);
        expect(differences(appointmentKind, use.held(once), once)).toEqual([]);
      });

      it.each(Object.entries(shapes))("are kept, %s, as their projection says", async (_, item) => {
        const created = await use.create(item);
        use.same(created.item, item);
        expect(await use.get(created.ref)).toEqual(created);
      });

      it("are kept without an end where the system knows such, and refused elsewhere", async () => {
        const endless = appointment({ recurrenceRule: { ...weekly, end: { kind: "endless" } } });
        if (use.store.capabilities.recurrence?.endless === true) {
          use.same((await use.create(endless)).item, endless);
          return;
        }
        expect(await use.refusal(use.create(endless))).toMatch(refusedAsInvalid);
        const created = await use.create(appointment({ recurrenceRule: weekly }));
        const { recurrenceRule } = endless;
        const refusal = use.refusal(use.update(created.ref, { recurrenceRule }, created.version));
        expect(await refusal).toMatch(refusedAsInvalid);
        expect(await use.get(created.ref)).toEqual(created);
      });

      it("end, and leave one appointment", async () => {
        const created = await use.create(appointment({ recurrenceRule: weekly }));
        const updated = await use.update(created.ref, { recurrenceRule: null }, created.version);
        use.same(updated.item, appointment());
      });

      it("are listed as one item", async () => {
        const ref = await use.outside.put(appointment({ title: "Listed", recurrenceRule: weekly }));
        const told = (await use.read()).upserts.filter((item) => item.item.title === "Listed");
        expect(told).toEqual([await use.get(ref)]);
      });
    });

    describe("single dates", () => {
      const series = appointment({
        title: "Status",
        description: "Agenda as always",
        location: "Room 1",
        recurrenceRule: { ...weekly, interval: 1, byDay: ["mo"], end: { kind: "count", count: 8 } },
      });
      const wholeDays = appointment({
        title: "On duty",
        ...allDay("2026-03-02", "2026-03-03"),
        alertMinutes: null,
        recurrenceRule: { ...weekly, interval: 1, byDay: ["mo"], end: { kind: "count", count: 8 } },
      });
      const moved = timed("2026-03-17T12:00:00Z", "2026-03-17T13:30:00Z");
      const occurrence = (date: string) => overrideField(date);
      /** A system whose capabilities say that it does not tell them must refuse them too, instead of leaving them out. */
      async function refused(): Promise<boolean> {
        if (use.store.capabilities.recurrence?.exceptions === true) return false;
        const cancelled = { [occurrence("2026-03-16")]: { excluded: true as const } };
        const wanted = { ...series, ...cancelled };
        expect(await use.refusal(use.create(wanted))).toMatch(refusedAsInvalid);
        const created = await use.create(series);
        expect(await use.refusal(use.update(created.ref, cancelled, created.version))).toMatch(
          refusedAsInvalid,
        );
        return true;
      }
      const changes: Readonly<Record<string, [Appointment, Partial<Appointment>]>> = {
        "a cancelled one": [series, { [occurrence("2026-03-16")]: { excluded: true } }],
        "the first one, cancelled": [series, { [occurrence("2026-03-02")]: { excluded: true } }],
        "the last one, cancelled": [series, { [occurrence("2026-04-20")]: { excluded: true } }],
        "a moved one": [series, { [occurrence("2026-03-16")]: moved }],
        "one moved after the clock change": [
          series,
          { [occurrence("2026-03-30")]: timed("2026-03-30T10:00:00Z", "2026-03-30T10:30:00Z") },
        ],
        "one with another title": [series, { [occurrence("2026-03-16")]: { title: "Retrospective" } }],
        "one with everything else": [
          series,
          {
            [occurrence("2026-03-16")]: {
              ...moved,
              title: "R&D <x>",
              description: "Other\nagenda",
              location: "",
              freeBusyStatus: "free",
              alertMinutes: null,
            },
          },
        ],
        "several at once": [
          series,
          {
            [occurrence("2026-03-09")]: { location: "Room 2" },
            [occurrence("2026-03-16")]: moved,
            [occurrence("2026-03-23")]: { excluded: true },
            [occurrence("2026-03-30")]: { alertMinutes: 45 },
          },
        ],
        "a cancelled day": [wholeDays, { [occurrence("2026-03-30")]: { excluded: true } }],
        "a moved day": [
          wholeDays,
          { [occurrence("2026-03-30")]: { time: allDay("2026-04-01", "2026-04-03").time } },
        ],
      };

      it.each(Object.entries(changes))("are created: %s", async (_, [item, patch]) => {
        if (await refused()) return;
        const wanted = { ...item, ...patch };
        const created = await use.create(wanted);
        use.same(created.item, wanted);
        expect(created.traits.exceptions).toBe(0);
        expect(await use.get(created.ref)).toEqual(created);
      });

      it.each(Object.entries(changes))("are written: %s", async (_, [item, patch]) => {
        if (await refused()) return;
        const created = await use.create(item);
        // As this system tells the difference: its series may have other instants where clocks change.
        const wanted = held(appointmentKind, { ...item, ...patch }, use.store.capabilities);
        const told = Object.fromEntries(
          datesNamed(patch).map((date) => [occurrence(date), wanted[occurrence(date)]]),
        );
        const updated = await use.update(created.ref, told, created.version);
        use.same(updated.item, { ...item, ...patch });
        expect(updated.version).not.toBe(created.version);
        expect(await use.get(updated.ref)).toEqual(updated);
      });

      it.each(Object.entries(changes))("are made regular again: %s", async (_, [item, patch]) => {
        if (await refused()) return;
        const created = await use.create({ ...item, ...patch });
        const regular = Object.fromEntries(Object.keys(patch).map((field) => [field, null]));
        const updated = await use.update(created.ref, regular, created.version);
        use.same(updated.item, item);
      });

      it("stay when others are written, and when the series is", async () => {
        if (await refused()) return;
        const first = { [occurrence("2026-03-09")]: { title: "Kept" }, [occurrence("2026-03-16")]: moved };
        const created = await use.create({ ...series, ...first });
        const cancelled = { [occurrence("2026-03-23")]: { excluded: true as const } };
        const second = await use.update(created.ref, cancelled, created.version);
        use.same(second.item, { ...series, ...first, ...cancelled });
        const whole = { location: "Room 9", alertMinutes: 5 };
        const third = await use.update(second.ref, whole, second.version);
        use.same(third.item, { ...series, ...first, ...cancelled, ...whole });
        const later = timed("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z");
        const fourth = await use.update(third.ref, later, third.version);
        use.same(fourth.item, { ...series, ...first, ...cancelled, ...whole, ...later });
      });

      it("go with their date when the series ends earlier", async () => {
        if (await refused()) return;
        const late = {
          [occurrence("2026-03-09")]: { title: "Kept" },
          [occurrence("2026-04-13")]: { excluded: true as const },
        };
        const created = await use.create({ ...series, ...late });
        const ended: Partial<Appointment> = {
          recurrenceRule: {
            ...(series.recurrenceRule as RecurrenceRule),
            end: { kind: "until", date: "2026-03-30" },
          },
        };
        const updated = await use.update(created.ref, ended, created.version);
        use.same(updated.item, { ...series, ...late, ...ended });
      });

      it("are told when a person changes them, under the series' own ref", async () => {
        if (await refused()) return;
        const { changeOccurrence } = use.outside;
        const ref = await use.outside.put(series);
        const { next } = await use.read((await use.read()).next);
        await changeOccurrence(ref, "2026-03-09", { title: "Retrospective" });
        await changeOccurrence(ref, "2026-03-16", moved);
        await changeOccurrence(ref, "2026-03-23", { excluded: true });
        const told = (await use.read(next)).upserts.filter((item) => item.item.title === series.title);
        expect(told.map((item) => item.ref)).toEqual([ref]);
        use.same(told[0]?.item, {
          ...series,
          [occurrence("2026-03-09")]: { title: "Retrospective" },
          [occurrence("2026-03-16")]: moved,
          [occurrence("2026-03-23")]: { excluded: true },
        });
        expect(told[0]?.traits.exceptions).toBe(0);
      });

      it("mail nobody", async () => {
        if (await refused()) return;
        if (use.outside.mailsSent === undefined) return;
        const before = await use.outside.mailsSent();
        const created = await use.create(series);
        const patch: Partial<Appointment> = {
          [occurrence("2026-03-16")]: moved,
          [occurrence("2026-03-23")]: { excluded: true },
        };
        await use.update(created.ref, patch, created.version);
        expect(await use.outside.mailsSent()).toBe(before);
      });
    });
  });
}
