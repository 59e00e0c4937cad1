import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Observed } from "../../connectors/contract.ts";
import { differences } from "../../core/items/compare.ts";
import { fieldsIn, type ItemKind } from "../../core/items/kind.ts";
import { StoreInUse, type StoreHarness } from "./store-in-use.ts";

/** Items of one kind with which the promises of every store of that kind are checked. */
export interface KindExamples<Item> {
  kind: ItemKind<Item>;
  /** An item like any other; every field that a person would fill is filled, and `named` tells it from others. */
  plain: Item;
  named(name: string): Partial<Item>;
  nameOf(item: Item): string;
  /** Items that are worth holding. */
  shapes: Readonly<Record<string, Item>>;
  /** Changes of `plain`, each of the fields that belong together: every field of the kind is changed by one of them. */
  patches: Readonly<Record<string, Partial<Item>>>;
  /** Several fields at once. */
  thorough: Partial<Item>;
  /** What takes `plain` out of the year 2026. Absent where items of the kind are in no time. */
  away?: Partial<Item>;
}

/** Refused for what was asked, not for want of luck. */
export const refusedAsInvalid = /\.request-invalid$/u;

/**
 * The promises of `connectors/contract.ts`, checked on one system and one kind of items. What a system's capabilities
 * say it cannot do, it must refuse; where only its people cannot do something (`outside`), there is nothing to check.
 *
 * @param makeHarness is called once; every test works with items of its own
 */
export function itemStoreContract<Item extends object>(
  name: string,
  examples: KindExamples<Item>,
  makeHarness: () => Promise<StoreHarness<Item>>,
): void {
  const { kind, plain, named, nameOf } = examples;
  const use = new StoreInUse(kind, makeHarness);
  const { signal } = use;

  describe(`item store: ${name}`, () => {
    beforeAll(() => use.open());
    afterAll(() => use.close());

    const another = (title: string): Item => ({ ...plain, ...named(title) });

    describe("capabilities", () => {
      it.each(Object.entries(examples.shapes))("projecting %s twice is projecting it once", (_, item) => {
        const once = use.held(item);
        expect(differences(kind, use.held(once), once)).toEqual([]);
      });

      it("say of every field how it is held", () => {
        expect(Object.keys(use.store.capabilities.fields).toSorted()).toEqual(kind.fields.toSorted());
      });
    });

    describe("create and get", () => {
      it.each(Object.entries(examples.shapes))("keeps %s as its projection says", async (_, item) => {
        const key = use.newKey();
        if (use.lacks(item).length > 0) {
          expect(await use.refusal(use.create(item, key))).toMatch(refusedAsInvalid);
          expect(await use.findByKey(key)).toEqual([]);
          return;
        }
        const created = await use.create(item, key);
        use.same(created.item, item);
        expect(created.key).toBe(key);
        expect(await use.get(created.ref)).toEqual(created);
      });

      it("answers undefined for an item that is gone", async () => {
        const ref = await use.outside.put(plain);
        expect(await use.get(ref)).toBeDefined();
        await use.outside.remove(ref);
        expect(await use.get(ref)).toBeUndefined();
      });

      it("reads what a person made", async () => {
        const item = another("Made by hand");
        const ref = await use.outside.put(item);
        const got = await use.get(ref);
        expect(got).toMatchObject({
          ref,
          key: null,
          traits: { participants: 0, invited: false, exceptions: 0, recurrenceUnknown: false },
        });
        use.same(got?.item, item);
      });

      it("has another version after a person's edit, and the same without one", async () => {
        const ref = await use.outside.put(plain);
        const before = await use.get(ref);
        expect((await use.get(ref))?.version).toBe(before?.version);
        await use.outside.change(ref, named("Moved on"));
        expect((await use.get(ref))?.version).not.toBe(before?.version);
      });
    });

    describe("the stamp", () => {
      it("finds exactly the item created with it", async () => {
        const key = use.newKey();
        const created = await use.create(plain, key);
        expect(await use.findByKey(key)).toEqual([created]);
        expect(await use.findByKey(use.newKey())).toEqual([]);
      });

      it("gives the item made before where the system enforces the key, and else finds every one made with it", async () => {
        const key = use.newKey();
        const first = await use.create(plain, key);
        const second = await use.create(plain, key);
        if (use.store.capabilities.createKey === "enforced") expect(second.ref).toBe(first.ref);
        const found = await use.findByKey(key);
        const refs = new Set([first.ref, second.ref]);
        expect(found.map((item) => item.ref).toSorted()).toEqual([...refs].toSorted());
      });

      it("finds copies too", async () => {
        const { copy } = use.outside;
        if (copy === undefined) return;
        const key = use.newKey();
        const created = await use.create(plain, key);
        const copied = await copy(created.ref);
        const found = await use.findByKey(key);
        expect(found.map((item) => item.ref).toSorted()).toEqual([created.ref, copied].toSorted());
      });

      it("survives a person's edit", async () => {
        const key = use.newKey();
        const created = await use.create(plain, key);
        await use.outside.change(created.ref, named("Edited by hand"));
        expect((await use.get(created.ref))?.key).toBe(key);
      });
    });

    describe("update", () => {
      it("is tried with every field of the kind", () => {
        const tried = new Set(Object.values(examples.patches).flatMap((patch) => Object.keys(patch)));
        expect(kind.fields.filter((field) => !tried.has(field))).toEqual([]);
      });

      it.each(Object.entries(examples.patches))("writes %s and nothing else", async (_, patch) => {
        const created = await use.create(plain);
        const wanted = { ...created.item, ...patch };
        if (use.lacks(wanted).length > 0) {
          const refusal = use.refusal(use.update(created.ref, patch, created.version));
          expect(await refusal).toMatch(refusedAsInvalid);
          expect(await use.get(created.ref)).toEqual(created);
          return;
        }
        const updated = await use.update(created.ref, patch, created.version);
        use.same(updated.item, wanted);
        expect(updated.key).toBe(created.key);
        const changed = differences(kind, updated.item, created.item);
        expect(use.writable(changed)).toEqual(changed);
        // A field that the system does not hold is nothing to write.
        if (use.writable(differences(kind, use.held(wanted), created.item)).length > 0)
          expect(updated.version).not.toBe(created.version);
        expect(await use.get(created.ref)).toEqual(updated);
      });

      it("refuses when a person was there in between, and changes nothing", async () => {
        const ref = await use.outside.put(another("First"));
        const before = (await use.get(ref)) as Observed<Item>;
        await use.outside.change(ref, named("Second"));
        expect(await use.refusal(use.update(ref, named("Ours"), before.version))).toBe(
          "item.version-conflict",
        );
        expect(nameOf((await use.get(ref))?.item as Item)).toBe("Second");
      });

      it("says so when the item is gone", async () => {
        const created = await use.create(plain);
        await use.outside.remove(created.ref);
        expect(await use.refusal(use.update(created.ref, named("x"), created.version))).toBe(
          "item.not-found",
        );
      });

      it("leaves what it does not map", async () => {
        const { unmapped } = use.outside;
        if (unmapped === undefined) return;
        const ref = await use.outside.put(plain);
        await unmapped.set(ref, "kept");
        const before = (await use.get(ref)) as Observed<Item>;
        const updated = await use.update(ref, examples.thorough, before.version);
        use.same(updated.item, { ...before.item, ...examples.thorough });
        expect(await unmapped.read(ref)).toBe("kept");
      });
    });

    describe("remove", () => {
      it("removes, and twice is once", async () => {
        const created = await use.create(plain);
        await use.remove(created.ref, created.version);
        expect(await use.get(created.ref)).toBeUndefined();
        await use.remove(created.ref, created.version);
      });

      it("refuses when a person was there in between", async () => {
        const ref = await use.outside.put(plain);
        const before = (await use.get(ref)) as Observed<Item>;
        await use.outside.change(ref, named("Still needed"));
        expect(await use.refusal(use.remove(ref, before.version))).toBe("item.version-conflict");
        expect(await use.get(ref)).toBeDefined();
      });
    });

    describe("changes", () => {
      it("lists what is there, completely, without a cursor", async () => {
        const first = await use.outside.put(another("Listed 1"));
        const second = await use.create(another("Listed 2"));
        const all = await use.read();
        expect(all.reset).toBe(false);
        expect(all.listing).toBe("complete");
        expect(all.failed).toEqual([]);
        const refs = all.upserts.map((item) => item.ref);
        expect(refs).toEqual(expect.arrayContaining([first, second.ref]));
        expect(new Set(refs).size).toBe(refs.length);
        for (const item of all.upserts.filter((each) => [first, second.ref].includes(each.ref))) {
          expect(item).toEqual(await use.get(item.ref));
        }
      });

      it("tells nothing when nothing happened", async () => {
        const { next } = await use.read();
        const again = await use.read(next);
        expect(again.upserts.filter((item) => item.key === null || !item.key.startsWith("el."))).toEqual([]);
        expect(again.gone).toEqual([]);
        const third = await use.read(again.next);
        expect([third.upserts, third.gone]).toEqual([[], []]);
      });

      it("tells creates, edits and deletes since the cursor", async () => {
        const edited = await use.outside.put(another("To edit"));
        const removed = await use.outside.put(another("To remove"));
        const { next } = await use.read((await use.read()).next);
        const created = await use.outside.put(another("Created later"));
        await use.outside.change(edited, named("Edited later"));
        await use.outside.remove(removed);
        const since = await use.read(next);
        const told = new Map(since.upserts.map((item) => [item.ref, nameOf(item.item)]));
        expect(told.get(created)).toBe("Created later");
        expect(told.get(edited)).toBe("Edited later");
        if (since.listing === "complete") expect(told.has(removed)).toBe(false);
        else expect(since.gone.map((gone) => gone.ref)).toContain(removed);
      });

      it("tells our own writes, or nothing, but never what was before them", async () => {
        const created = await use.create(another("Ours, before"));
        const { next } = await use.read((await use.read()).next);
        const updated = await use.update(created.ref, named("Ours, after"), created.version);
        const told = (await use.read(next)).upserts.filter((item) => item.ref === created.ref);
        for (const item of told) expect(item).toEqual(updated);
      });

      const { away } = examples;
      if (away !== undefined) {
        it("does not call it deleted when an item is still there, far away", async () => {
          const ref = await use.outside.put(another("Goes far away"));
          const { next } = await use.read((await use.read()).next);
          await use.outside.change(ref, away);
          const since = await use.read(next);
          expect(since.gone.filter((gone) => gone.ref === ref && gone.why === "deleted")).toEqual([]);
          expect(await use.get(ref)).toBeDefined();
        });
      }

      it("lists from nothing, and says so, when the cursor is forgotten", async () => {
        const { forgetCursors } = use.outside;
        if (forgetCursors === undefined) return;
        const ref = await use.outside.put(another("Survives a reset"));
        const { next } = await use.read();
        await forgetCursors();
        const again = await use.read(next);
        expect(again.pages[0]?.reset).toBe(true);
        expect(again.listing).toBe("complete");
        expect(again.upserts.map((item) => item.ref)).toContain(ref);
      });

      it("takes a cursor that never was for a forgotten one", async () => {
        const answer = await use.store.changes(use.scope, "no such cursor", signal);
        expect(answer.reset).toBe(true);
      });
    });

    describe("manners", () => {
      it("mails nobody", async () => {
        const { mailsSent } = use.outside;
        if (mailsSent === undefined) return;
        const before = await mailsSent();
        const created = await use.create(plain);
        const updated = await use.update(created.ref, named("Quietly"), created.version);
        await use.remove(updated.ref, updated.version);
        expect(await mailsSent()).toBe(before);
      });

      it("can be probed", async () => {
        expect(await use.store.probe(signal)).toEqual({ ok: true });
      });

      it("stops when aborted", async () => {
        const aborted = AbortSignal.abort();
        const { store, scope } = use;
        await expect(store.get("anything", aborted)).rejects.toBeInstanceOf(Error);
        await expect(store.changes(scope, undefined, aborted)).rejects.toBeInstanceOf(Error);
      });

      it("names its account", () => {
        expect(use.store.identity ?? "not told").not.toBe("");
      });
    });
  });
}

/** A patch of one field for each that the examples change, and one that empties each that can be empty. */
export function fieldByField<Item extends object>(
  kind: ItemKind<Item>,
  plain: Item,
  other: Partial<Item>,
  empty: Partial<Item>,
): Record<string, Partial<Item>> {
  const patches: Record<string, Partial<Item>> = {};
  for (const field of fieldsIn(kind, plain)) {
    if (field in other) patches[field] = { [field]: other[field] } as Partial<Item>;
    if (field in empty) patches[`no ${field}`] = { [field]: empty[field] } as Partial<Item>;
  }
  return patches;
}
