import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Account, Changes, Cursor, ItemStore, Observed, Ref, Scope } from "../../connectors/contract.ts";
import { Failure } from "../../core/errors/failure.ts";
import type { Appointment, RecurrenceOverride, RecurrenceRule } from "../../core/items/appointment.ts";
import { appointmentKind } from "../../core/items/appointment-kind.ts";
import { differences, held } from "../../core/items/compare.ts";
import { datesNamed, overrideField } from "../../core/items/overrides.ts";
import { allDay, appointment, timed } from "./appointments.ts";

/** One system of its own, empty, and a way to use it as a person would: past the connector. */
export interface StoreHarness {
  store: ItemStore & Account;
  /** The container; its window must hold the whole of 2026. */
  scope: Scope;
  outside: {
    /** Makes an item and answers its ref as the store knows it. */
    put(item: Appointment): Promise<Ref>;
    change(ref: Ref, patch: Partial<Appointment>): Promise<void>;
    remove(ref: Ref): Promise<void>;
    /** Copies an item together with everything hidden on it. Absent where people cannot. */
    copy?(ref: Ref): Promise<Ref>;
    /** Changes or cancels the occurrence of a weekly series. Absent where people cannot. */
    changeOccurrence?(ref: Ref, date: string, to: RecurrenceOverride): Promise<void>;
    /** Makes the system forget every cursor. Absent where it cannot. */
    forgetCursors?(): Promise<void>;
    /** Gives the item data that Everlink does not map, and reads it back. Absent where there is none. */
    unmapped?: { set(ref: Ref, value: string): Promise<void>; read(ref: Ref): Promise<string | undefined> };
    /** Invitations, updates and cancellations that the system has sent so far. */
    mailsSent?(): Promise<number>;
  };
  close(): Promise<void>;
}

const weekly: RecurrenceRule = {
  frequency: "weekly",
  interval: 2,
  byDay: ["mo", "we"],
  nthOfPeriod: null,
  byMonthDay: null,
  byMonth: null,
  end: { kind: "count", count: 6 },
};

const shapes: Readonly<Record<string, Appointment>> = {
  "an hour": appointment(),
  "all day": appointment({
    title: "Trade fair",
    ...allDay("2026-05-04", "2026-05-05"),
    freeBusyStatus: "free",
  }),
  "three days": appointment({ title: "Offsite", ...allDay("2026-05-11", "2026-05-14") }),
  "across midnight": appointment(timed("2026-06-01T21:30:00Z", "2026-06-02T00:15:00Z")),
  "no time at all": appointment(timed("2026-06-03T10:00:00Z", "2026-06-03T10:00:00Z")),
  "across the change to summer time": appointment(timed("2026-03-28T23:30:00Z", "2026-03-29T02:30:00Z")),
  "out of office, private, no alert": appointment({
    freeBusyStatus: "out-of-office",
    privacy: "private",
    alertMinutes: null,
  }),
  "markup and other alphabets": appointment({
    title: `R&D <b>"Ærlig"</b> 日本語 🎉 'x'`,
    description: "First line\n\n  indented & <not> markup\n]]> end",
    location: "Café №5, Åsgårdstrand",
  }),
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

/**
 * The promises of `connectors/contract.ts`, checked on one system.
 *
 * @param makeHarness is called once; every test works with items of its own
 */
export function itemStoreContract(name: string, makeHarness: () => Promise<StoreHarness>): void {
  describe(`item store: ${name}`, () => {
    let harness: StoreHarness;
    let store: StoreHarness["store"];
    let scope: Scope;
    const signal = new AbortController().signal;
    let made = 0;
    const newKey = () => `el.contract-${Date.now().toString(36)}-${++made}`;

    beforeAll(async () => {
      harness = await makeHarness();
      ({ store, scope } = harness);
    });
    afterAll(() => harness?.close());

    const same = (actual: Appointment, wanted: Appointment) =>
      expect(differences(appointmentKind, actual, held(appointmentKind, wanted, store.capabilities))).toEqual(
        [],
      );

    /** All pages from a cursor. */
    async function read(cursor?: Cursor): Promise<Changes & { pages: Changes[] }> {
      const pages: Changes[] = [];
      let next = cursor;
      do {
        const page = await store.changes(scope, next, signal);
        pages.push(page);
        next = page.next;
      } while (pages.at(-1)?.more);
      const last = pages.at(-1);
      if (last === undefined) throw new Error("no page");
      return {
        ...last,
        pages,
        upserts: pages.flatMap((page) => page.upserts),
        gone: pages.flatMap((page) => page.gone),
        failed: pages.flatMap((page) => page.failed),
      };
    }

    const code = async (work: Promise<unknown>) => {
      const failure = await work.then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(Failure);
      return (failure as Failure).code;
    };

    describe("capabilities", () => {
      it.each(Object.entries(shapes))("projecting %s twice is projecting it once", (_, item) => {
        const once = held(appointmentKind, item, store.capabilities);
        expect(differences(appointmentKind, held(appointmentKind, once, store.capabilities), once)).toEqual(
          [],
        );
      });
    });

    describe("create and get", () => {
      it.each(Object.entries(shapes))("keeps %s as its projection says", async (_, item) => {
        const key = newKey();
        const created = await store.create(scope, item, key, signal);
        same(created.item, item);
        expect(created.key).toBe(key);
        const got = await store.get(created.ref, signal);
        expect(got).toEqual(created);
      });

      it("answers undefined for an item that is gone", async () => {
        const ref = await harness.outside.put(appointment());
        expect(await store.get(ref, signal)).toBeDefined();
        await harness.outside.remove(ref);
        expect(await store.get(ref, signal)).toBeUndefined();
      });

      it("reads what a person made", async () => {
        const item = appointment({ title: "Made by hand", description: "Bring the drawings" });
        const ref = await harness.outside.put(item);
        const got = await store.get(ref, signal);
        expect(got).toMatchObject({
          ref,
          key: null,
          traits: { participants: 0, invited: false, exceptions: 0 },
        });
        same(got?.item as Appointment, item);
      });

      it("has another version after a person's edit, and the same without one", async () => {
        const ref = await harness.outside.put(appointment());
        const before = await store.get(ref, signal);
        expect((await store.get(ref, signal))?.version).toBe(before?.version);
        await harness.outside.change(ref, { title: "Moved on" });
        expect((await store.get(ref, signal))?.version).not.toBe(before?.version);
      });
    });

    describe("the stamp", () => {
      it("finds exactly the item created with it", async () => {
        const key = newKey();
        const created = await store.create(scope, appointment(), key, signal);
        expect((await store.findByKey(scope, key, signal)).map((item) => item.ref)).toEqual([created.ref]);
        expect(await store.findByKey(scope, newKey(), signal)).toEqual([]);
      });

      it("gives the item made before when the system enforces the key", async () => {
        if (store.capabilities.createKey !== "enforced") return;
        const key = newKey();
        const first = await store.create(scope, appointment(), key, signal);
        const second = await store.create(scope, appointment(), key, signal);
        expect(second.ref).toBe(first.ref);
        expect(await store.findByKey(scope, key, signal)).toHaveLength(1);
      });

      it("finds copies too", async () => {
        if (harness.outside.copy === undefined) return;
        const key = newKey();
        const created = await store.create(scope, appointment(), key, signal);
        const copied = await harness.outside.copy(created.ref);
        const found = await store.findByKey(scope, key, signal);
        expect(found.map((item) => item.ref).toSorted()).toEqual([created.ref, copied].toSorted());
      });

      it("survives a person's edit", async () => {
        const key = newKey();
        const created = await store.create(scope, appointment(), key, signal);
        await harness.outside.change(created.ref, { title: "Edited by hand" });
        expect((await store.get(created.ref, signal))?.key).toBe(key);
      });
    });

    describe("update", () => {
      const patches: Readonly<Record<string, Partial<Appointment>>> = {
        title: { title: "Another title" },
        description: { description: "Another\ntext" },
        "an empty description": { description: "" },
        location: { location: "Elsewhere" },
        time: timed("2026-04-02T12:00:00Z", "2026-04-02T12:45:00Z"),
        "time to all day": allDay("2026-04-03", "2026-04-04"),
        status: { freeBusyStatus: "free" },
        privacy: { privacy: "private" },
        "no alert": { alertMinutes: null },
        alert: { alertMinutes: 30 },
        recurrence: { recurrenceRule: weekly },
      };

      it.each(Object.entries(patches))("writes %s and nothing else", async (_, patch) => {
        const item = appointment({ title: "Before", description: "Stays", location: "Stays too" });
        const created = await store.create(scope, item, newKey(), signal);
        const updated = await store.update(created.ref, patch, created.version, signal);
        same(updated.item, { ...created.item, ...patch });
        expect(updated.version).not.toBe(created.version);
        expect(await store.get(created.ref, signal)).toEqual(updated);
      });

      it("ends a recurrence", async () => {
        const created = await store.create(scope, appointment({ recurrenceRule: weekly }), newKey(), signal);
        const updated = await store.update(created.ref, { recurrenceRule: null }, created.version, signal);
        expect(updated.item.recurrenceRule).toBeNull();
      });

      it("refuses when a person was there in between, and changes nothing", async () => {
        if (store.capabilities.compareAndSet === "none") return;
        const ref = await harness.outside.put(appointment({ title: "First" }));
        const before = (await store.get(ref, signal)) as Observed;
        await harness.outside.change(ref, { title: "Second" });
        expect(await code(store.update(ref, { title: "Ours" }, before.version, signal))).toBe(
          "item.version-conflict",
        );
        expect((await store.get(ref, signal))?.item.title).toBe("Second");
      });

      it("says so when the item is gone", async () => {
        const created = await store.create(scope, appointment(), newKey(), signal);
        await harness.outside.remove(created.ref);
        expect(await code(store.update(created.ref, { title: "x" }, created.version, signal))).toBe(
          "item.not-found",
        );
      });

      it("leaves what it does not map", async () => {
        const { unmapped } = harness.outside;
        if (unmapped === undefined) return;
        const ref = await harness.outside.put(appointment());
        await unmapped.set(ref, "kept");
        const before = (await store.get(ref, signal)) as Observed;
        await store.update(
          ref,
          { title: "Ours", ...timed("2026-04-07T07:00:00Z", "2026-04-07T08:00:00Z") },
          before.version,
          signal,
        );
        expect(await unmapped.read(ref)).toBe("kept");
      });
    });

    describe("occurrences of a series", () => {
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
        if (store.capabilities.recurrence?.exceptions === true) return false;
        const cancelled = { [occurrence("2026-03-16")]: { excluded: true as const } };
        const wanted = { ...series, ...cancelled };
        expect(await code(store.create(scope, wanted, newKey(), signal))).toMatch(/request-invalid$/u);
        const created = await store.create(scope, series, newKey(), signal);
        expect(await code(store.update(created.ref, cancelled, created.version, signal))).toMatch(
          /request-invalid$/u,
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
        const created = await store.create(scope, wanted, newKey(), signal);
        same(created.item, wanted);
        expect(created.traits.exceptions).toBe(0);
        expect(await store.get(created.ref, signal)).toEqual(created);
      });

      it.each(Object.entries(changes))("are written: %s", async (_, [item, patch]) => {
        if (await refused()) return;
        const created = await store.create(scope, item, newKey(), signal);
        // As this system tells the difference: its series may have other instants where clocks change.
        const wanted = held(appointmentKind, { ...item, ...patch }, store.capabilities);
        const told = Object.fromEntries(
          datesNamed(patch).map((date) => [occurrence(date), wanted[occurrence(date)]]),
        );
        const updated = await store.update(created.ref, told, created.version, signal);
        same(updated.item, { ...item, ...patch });
        expect(updated.version).not.toBe(created.version);
        expect(await store.get(updated.ref, signal)).toEqual(updated);
      });

      it.each(Object.entries(changes))("are made regular again: %s", async (_, [item, patch]) => {
        if (await refused()) return;
        const created = await store.create(scope, { ...item, ...patch }, newKey(), signal);
        const regular = Object.fromEntries(Object.keys(patch).map((field) => [field, null]));
        const updated = await store.update(created.ref, regular, created.version, signal);
        same(updated.item, item);
      });

      it("stay when others are written, and when the series is", async () => {
        if (await refused()) return;
        const first = { [occurrence("2026-03-09")]: { title: "Kept" }, [occurrence("2026-03-16")]: moved };
        const created = await store.create(scope, { ...series, ...first }, newKey(), signal);
        const cancelled = { [occurrence("2026-03-23")]: { excluded: true as const } };
        const second = await store.update(created.ref, cancelled, created.version, signal);
        same(second.item, { ...series, ...first, ...cancelled });
        const whole = { location: "Room 9", alertMinutes: 5 };
        const third = await store.update(second.ref, whole, second.version, signal);
        same(third.item, { ...series, ...first, ...cancelled, ...whole });
        const later = timed("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z");
        const fourth = await store.update(third.ref, later, third.version, signal);
        same(fourth.item, { ...series, ...first, ...cancelled, ...whole, ...later });
      });

      it("go with their date when the series ends earlier", async () => {
        if (await refused()) return;
        const late = {
          [occurrence("2026-03-09")]: { title: "Kept" },
          [occurrence("2026-04-13")]: { excluded: true as const },
        };
        const created = await store.create(scope, { ...series, ...late }, newKey(), signal);
        const ended: Partial<Appointment> = {
          recurrenceRule: {
            ...(series.recurrenceRule as RecurrenceRule),
            end: { kind: "until", date: "2026-03-30" },
          },
        };
        const updated = await store.update(created.ref, ended, created.version, signal);
        same(updated.item, { ...series, ...late, ...ended });
      });

      it("are told when a person changes them, under the series' own ref", async () => {
        if (await refused()) return;
        const { changeOccurrence } = harness.outside;
        if (changeOccurrence === undefined) return;
        const ref = await harness.outside.put(series);
        const { next } = await read((await read()).next);
        await changeOccurrence(ref, "2026-03-09", { title: "Retrospective" });
        await changeOccurrence(ref, "2026-03-16", moved);
        await changeOccurrence(ref, "2026-03-23", { excluded: true });
        const told = (await read(next)).upserts.filter((item) => item.item.title === series.title);
        expect(told.map((item) => item.ref)).toEqual([ref]);
        same(told[0]?.item as Appointment, {
          ...series,
          [occurrence("2026-03-09")]: { title: "Retrospective" },
          [occurrence("2026-03-16")]: moved,
          [occurrence("2026-03-23")]: { excluded: true },
        });
        expect(told[0]?.traits.exceptions).toBe(0);
      });

      it("mail nobody", async () => {
        if (await refused()) return;
        if (harness.outside.mailsSent === undefined) return;
        const before = await harness.outside.mailsSent();
        const created = await store.create(scope, series, newKey(), signal);
        const patch: Partial<Appointment> = {
          [occurrence("2026-03-16")]: moved,
          [occurrence("2026-03-23")]: { excluded: true },
        };
        await store.update(created.ref, patch, created.version, signal);
        expect(await harness.outside.mailsSent()).toBe(before);
      });
    });

    describe("remove", () => {
      it("removes, and twice is once", async () => {
        const created = await store.create(scope, appointment(), newKey(), signal);
        await store.remove(created.ref, created.version, signal);
        expect(await store.get(created.ref, signal)).toBeUndefined();
        await store.remove(created.ref, created.version, signal);
      });

      it("refuses when a person was there in between", async () => {
        if (store.capabilities.compareAndSet === "none") return;
        const ref = await harness.outside.put(appointment());
        const before = (await store.get(ref, signal)) as Observed;
        await harness.outside.change(ref, { title: "Still needed" });
        expect(await code(store.remove(ref, before.version, signal))).toBe("item.version-conflict");
        expect(await store.get(ref, signal)).toBeDefined();
      });
    });

    describe("changes", () => {
      it("lists what is there, completely, without a cursor", async () => {
        const first = await harness.outside.put(appointment({ title: "Listed 1" }));
        const second = await harness.outside.put(appointment({ title: "Listed 2", recurrenceRule: weekly }));
        const all = await read();
        expect(all.reset).toBe(false);
        expect(all.failed).toEqual([]);
        const refs = all.upserts.map((item) => item.ref);
        expect(refs).toEqual(expect.arrayContaining([first, second]));
        expect(new Set(refs).size).toBe(refs.length);
        for (const item of all.upserts.filter((each) => [first, second].includes(each.ref))) {
          expect(item).toEqual(await store.get(item.ref, signal));
        }
      });

      it("tells nothing when nothing happened", async () => {
        const { next } = await read();
        const again = await read(next);
        expect(again.upserts.filter((item) => item.key === null || !item.key.startsWith("el."))).toEqual([]);
        expect(again.gone).toEqual([]);
        const third = await read(again.next);
        expect([third.upserts, third.gone]).toEqual([[], []]);
      });

      it("tells creates, edits and deletes since the cursor", async () => {
        const edited = await harness.outside.put(appointment({ title: "To edit" }));
        const removed = await harness.outside.put(appointment({ title: "To remove" }));
        const { next } = await read((await read()).next);
        const created = await harness.outside.put(appointment({ title: "Created later" }));
        await harness.outside.change(edited, { title: "Edited later" });
        await harness.outside.remove(removed);
        const since = await read(next);
        const told = new Map(since.upserts.map((item) => [item.ref, item.item.title]));
        expect(told.get(created)).toBe("Created later");
        expect(told.get(edited)).toBe("Edited later");
        if (since.listing === "complete") expect(told.has(removed)).toBe(false);
        else expect(since.gone.map((gone) => gone.ref)).toContain(removed);
      });

      it("does not call it deleted when an item is still there", async () => {
        const ref = await harness.outside.put(appointment({ title: "Goes far away" }));
        const { next } = await read((await read()).next);
        await harness.outside.change(ref, timed("2036-03-02T08:00:00Z", "2036-03-02T09:00:00Z"));
        const since = await read(next);
        expect(since.gone.filter((gone) => gone.ref === ref && gone.why === "deleted")).toEqual([]);
        expect(await store.get(ref, signal)).toBeDefined();
      });

      it("lists from nothing, and says so, when the cursor is forgotten", async () => {
        if (harness.outside.forgetCursors === undefined) return;
        const ref = await harness.outside.put(appointment({ title: "Survives a reset" }));
        const { next } = await read();
        await harness.outside.forgetCursors();
        const again = await read(next);
        expect(again.pages[0]?.reset).toBe(true);
        expect(again.upserts.map((item) => item.ref)).toContain(ref);
      });

      it("takes a cursor that never was for a forgotten one", async () => {
        const answer = await store.changes(scope, "no such cursor", signal);
        expect(answer.reset).toBe(true);
      });
    });

    describe("manners", () => {
      it("mails nobody", async () => {
        if (harness.outside.mailsSent === undefined) return;
        const before = await harness.outside.mailsSent();
        const created = await store.create(scope, appointment({ recurrenceRule: weekly }), newKey(), signal);
        const updated = await store.update(created.ref, { title: "Quietly" }, created.version, signal);
        await store.remove(updated.ref, updated.version, signal);
        expect(await harness.outside.mailsSent()).toBe(before);
      });

      it("can be probed", async () => {
        expect(await store.probe(signal)).toEqual({ ok: true });
      });

      it("stops when aborted", async () => {
        const aborted = AbortSignal.abort();
        await expect(store.get("anything", aborted)).rejects.toBeInstanceOf(Error);
        await expect(store.changes(scope, undefined, aborted)).rejects.toBeInstanceOf(Error);
      });

      it("names its account", () => {
        expect(store.identity ?? "not told").not.toBe("");
      });
    });
  });
}
