import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Failure } from "../../core/errors/failure.ts";
import type { IntentId, ItemLinkId } from "../../core/ids.ts";
import type { Side } from "../../core/items/observed.ts";
import type { Intent, ItemLink, LinkSide } from "../../core/sync/item-link.ts";
import { candidateOf } from "../../core/sync/match.ts";
import { noCounters } from "../../engine/counters.ts";
import { digestOfContent } from "../../engine/keys.ts";
import type { End, Progress, SyncRepository } from "../../engine/repository.ts";

export interface RepositoryHarness {
  /** An empty repository of a new user. */
  fresh(): Promise<{
    repository: SyncRepository;
    /** A newer run takes over. */
    takeOver(): Promise<void>;
    /** A person decides about what the brake holds, on the plan they were shown. */
    choose(target: Side, planHash: string, choice: "apply" | "restore"): Promise<void>;
  }>;
  close(): Promise<void>;
}

const accounts = { crm: "crm account", mailbox: "mailbox account" };
const now = Date.parse("2026-03-02T08:00:00Z");
const window = { from: "2026-02-01T00:00:00Z", to: "2027-03-01T00:00:00Z" };

let counter = 0;
const uuid = () => `20000000-0000-4000-8000-${String(++counter).padStart(12, "0")}`;

function side(ref: string, patch: Partial<LinkSide> = {}): LinkSide {
  return {
    ref,
    version: `v-${ref}`,
    uid: null,
    stamp: null,
    base: { title: `h-${ref}` },
    out: false,
    unconfirmed: false,
    born: null,
    unverified: false,
    ...patch,
  };
}

function link(patch: Partial<ItemLink> = {}): ItemLink {
  const id = uuid() as ItemLinkId;
  return {
    id,
    key: `el.${id}`,
    revision: 0,
    state: "linked",
    reason: null,
    masked: false,
    sides: { crm: side(`c-${id}`), mailbox: side(`m-${id}`) },
    agreed: { title: "agreed" },
    pending: false,
    notBefore: null,
    attempts: 0,
    held: null,
    rewrites: 0,
    rewritesSince: null,
    ...patch,
  };
}

function intent(of: ItemLink, patch: Partial<Intent> = {}): Intent {
  return {
    id: uuid() as IntentId,
    linkId: of.id,
    target: "mailbox",
    operation: "update",
    linkRevision: of.revision,
    row: 21,
    fields: ["title"],
    key: of.key,
    source: { title: "a" },
    expected: { title: "b" },
    narrow: { title: "c" },
    masked: false,
    counted: false,
    at: now,
    ...patch,
  };
}

const nothing: End = {
  cursors: {},
  listed: {},
  passed: {},
  relisted: [],
  unhandled: [],
  counters: noCounters(),
};
const lookup = { refs: { crm: [], mailbox: [] }, uids: { crm: [], mailbox: [] }, keys: [] };

/** The promises of `engine/repository.ts`, checked on one implementation. */
export function syncRepositoryContract(name: string, makeHarness: () => Promise<RepositoryHarness>): void {
  describe(`sync repository: ${name}`, () => {
    let harness: RepositoryHarness;
    let repository: SyncRepository;
    let takeOver: () => Promise<void>;
    let choose: (target: Side, planHash: string, choice: "apply" | "restore") => Promise<void>;

    beforeAll(async () => {
      harness = await makeHarness();
    });
    afterAll(() => harness?.close());
    beforeEach(async () => {
      ({ repository, takeOver, choose } = await harness.fresh());
    });

    const stored = async (id: ItemLinkId, key: string) =>
      (await repository.find({ ...lookup, keys: [key] })).find((each) => each.id === id);

    it("begins with nothing", async () => {
      expect(await repository.begin(now, accounts)).toEqual({
        cursors: { crm: null, mailbox: null },
        waiting: { due: false, nextDue: null, unmatched: false, unconfirmed: false, holds: [] },
        open: [],
      });
    });

    it("gives back a link exactly as it was stored", async () => {
      const full = link({
        state: "untouched",
        reason: "unsupported-recurrence",
        masked: true,
        revision: 7,
        pending: true,
        notBefore: now + 1_500,
        attempts: 3,
        rewrites: 2,
        rewritesSince: now - 500,
        sides: { crm: side("A", { uid: "UID", stamp: "el.x", out: true, base: {} }), mailbox: null },
      });
      await repository.save([{ link: full }], now);
      expect(await stored(full.id, full.key)).toEqual(full);
      const changed = link({
        ...full,
        state: "linked",
        reason: null,
        sides: { crm: null, mailbox: side("B") },
      });
      await repository.save([{ link: changed }], now);
      expect(await stored(full.id, full.key)).toEqual(changed);
    });

    it("finds by either ref, by UID and by stamp, byte by byte", async () => {
      const one = link({ sides: { crm: side("Ref"), mailbox: side("AAMk=", { uid: "Uid-1" }) } });
      const other = link({ sides: { crm: side("ref"), mailbox: null } });
      await repository.save([{ link: one }, { link: other }], now);
      const ids = async (patch: Partial<typeof lookup>) =>
        (await repository.find({ ...lookup, ...patch })).map((each) => each.id);
      expect(await ids({ refs: { crm: ["Ref"] as never[], mailbox: [] } })).toEqual([one.id]);
      expect(await ids({ refs: { crm: ["ref"] as never[], mailbox: [] } })).toEqual([other.id]);
      expect(await ids({ refs: { crm: [], mailbox: ["AAMk=", "aamk="] as never[] } })).toEqual([one.id]);
      expect(await ids({ uids: { crm: [], mailbox: ["Uid-1"] as never[] } })).toEqual([one.id]);
      expect(await ids({ uids: { crm: ["Uid-1"] as never[], mailbox: [] } })).toEqual([]);
      expect(await ids({ keys: [other.key] as never[] })).toEqual([other.id]);
      expect(await ids({})).toEqual([]);
    });

    it("stores thousands at once", async () => {
      const many = Array.from({ length: 3_000 }, () => link());
      await repository.save(
        many.map((each) => ({ link: each, event: { row: 43, action: "adopt", target: null, fields: [] } })),
        now,
      );
      const refs = many.map((each) => each.sides.crm?.ref ?? "") as never[];
      expect(await repository.find({ ...lookup, refs: { crm: refs, mailbox: [] } })).toHaveLength(3_000);
    });

    it("never lets a ref or a stamp belong to two links (I2)", async () => {
      const first = link({ sides: { crm: side("same"), mailbox: null } });
      await repository.save([{ link: first }], now);
      await expect(
        repository.save([{ link: link({ sides: { crm: side("same"), mailbox: null } }) }], now),
      ).rejects.toBeInstanceOf(Error);
      await expect(
        repository.save([{ link: link({ key: first.key, sides: { crm: null, mailbox: side("x") } }) }], now),
      ).rejects.toBeInstanceOf(Error);
    });

    it("hands a ref over from an absorbed link", async () => {
      const before = link({ state: "deleted", sides: { crm: side("again"), mailbox: null } });
      await repository.save([{ link: before }], now);
      const after = link({ key: before.key, sides: { crm: side("again"), mailbox: null } });
      await repository.save([{ link: after, absorbs: [before.id] }], now);
      expect(
        (await repository.find({ ...lookup, keys: [after.key] as never[] })).map((each) => each.id),
      ).toEqual([after.id]);
    });

    it("tells what is due, and when the rest will be", async () => {
      const ready = link({ pending: true });
      const later = link({ pending: true, notBefore: now + 60_000 });
      await repository.save([{ link: ready }, { link: later }, { link: link() }], now);
      expect((await repository.due(now, 10)).map((each) => each.id)).toEqual([ready.id]);
      expect((await repository.begin(now, accounts)).waiting).toMatchObject({
        due: true,
        nextDue: now + 60_000,
      });
      expect(await repository.due(now + 60_000, 10)).toHaveLength(2);
      expect(await repository.due(now + 60_000, 1)).toHaveLength(1);
    });

    it("keeps new items until they are matched", async () => {
      const fresh = link({ state: "new", sides: { crm: null, mailbox: side("n") } });
      await repository.save([{ link: fresh }], now);
      expect((await repository.begin(now, accounts)).waiting.unmatched).toBe(true);
      const fields = ["title", "location"];
      const candidate = candidateOf(fresh, digestOfContent(fields, fresh));
      expect(await repository.unmatched(fields)).toEqual([candidate]);
      expect(await repository.byIds([fresh.id])).toEqual([fresh]);
    });

    it("tells equal content of new items as equal, and what is absent as absent", async () => {
      const fields = ["title", "location"];
      const having = (agreed: Record<string, string>, at: string) =>
        link({ state: "new", agreed, sides: { crm: null, mailbox: side(at) } });
      const news = [
        having({ title: "a", location: "b" }, "1"),
        having({ title: "a", location: "b", description: "c" }, "2"),
        having({ title: "a" }, "3"),
        having({}, "4"),
      ];
      await repository.save(
        news.map((each) => ({ link: each })),
        now,
      );
      const told = new Map((await repository.unmatched(fields)).map(({ id, content }) => [id, content]));
      expect(news.map(({ id }) => told.get(id))).toEqual(news.map((each) => digestOfContent(fields, each)));
      expect(new Set(told.values()).size).toBe(3);
    });

    it("lets new items stand alone, and leaves others for later, without loading them", async () => {
      const fresh = link({ state: "new", sides: { crm: null, mailbox: side("f") } });
      const known = link();
      const gone = link({ state: "deleted", sides: { crm: side("g"), mailbox: null } });
      const all = [fresh, known, gone];
      await repository.save(
        all.map((each) => ({ link: each })),
        now,
      );
      const ids = all.map(({ id }) => id);
      await repository.postpone(ids, now);
      expect((await repository.due(now, 10)).map(({ id }) => id)).toEqual([known.id]);
      await repository.standAlone(ids, now);
      const after = new Map((await repository.byIds(ids)).map((each) => [each.id, each]));
      expect(after.get(fresh.id)).toEqual({ ...fresh, state: "single", pending: true });
      expect(after.get(known.id)).toEqual({ ...known, pending: true });
      expect(after.get(gone.id)).toEqual(gone);
    });

    it("tells what a complete listing must mention", async () => {
      const told = link({ sides: { crm: side("told"), mailbox: null } });
      const silent = link({ sides: { crm: side("silent"), mailbox: null } });
      const out = link({ sides: { crm: side("out", { out: true }), mailbox: null } });
      const half = link({ sides: { crm: side("half", { out: true }), mailbox: side("in") } });
      const dead = link({ state: "deleted", sides: { crm: side("dead"), mailbox: null } });
      await repository.save(
        [told, silent, out, half, dead].map((each) => ({ link: each })),
        now,
      );
      const progress: Progress = { cursor: "page 2", listing: 4, open: true, thorough: true, window };
      await repository.finish({ ...nothing, cursors: { crm: progress }, listed: { crm: ["told"] } }, now);
      const missing = async (...asked: Parameters<typeof repository.missing>) =>
        (await repository.missing(...asked)).map(({ ref }) => ref);
      expect(await repository.missing("crm", 4, false)).toContainEqual({ id: silent.id, ref: "silent" });
      expect(await missing("crm", 4, false)).toEqual(["half", "silent"]);
      expect(await missing("crm", 4, true)).toEqual(["half", "out", "silent"]);
      expect(await missing("crm", 5, false)).toEqual(["half", "silent", "told"]);
      expect(await missing("mailbox", 4, false)).toEqual(["in"]);
    });

    it("keeps cursors, whole", async () => {
      const long = "x".repeat(20_000);
      const crm: Progress = { cursor: long, listing: 1, open: false, thorough: false, window };
      const mailbox: Progress = { cursor: null, listing: 2, open: true, thorough: true, window };
      await repository.finish({ ...nothing, cursors: { crm } }, now);
      await repository.finish({ ...nothing, cursors: { mailbox } }, now);
      expect((await repository.begin(now, accounts)).cursors).toEqual({ crm, mailbox });
    });

    it("records an intent once, and its outcome once (I16)", async () => {
      const planned = link();
      const wish = intent(planned);
      await repository.intend(wish, { link: planned });
      await expect(
        repository.intend({ ...wish, id: uuid() as IntentId }, { link: planned }),
      ).rejects.toBeInstanceOf(Error);
      expect((await repository.begin(now, accounts)).open).toMatchObject([{ intent: wish, link: planned }]);
      const after = { ...planned, revision: 1, agreed: { title: "c" } };
      await repository.settle({ intent: wish, outcome: "applied", link: after }, now);
      await expect(
        repository.settle({ intent: wish, outcome: "applied", link: after }, now),
      ).rejects.toBeInstanceOf(Error);
      expect((await repository.begin(now, accounts)).open).toEqual([]);
      expect(await stored(planned.id, planned.key)).toEqual(after);
    });

    it("counts for the brake only what took effect and is young enough", async () => {
      const linked = [link(), link(), link(), link()];
      await repository.save(
        linked.map((each) => ({ link: each })),
        now,
      );
      const outcomes = ["applied", "adopted", "refused", "not-applied"] as const;
      for (const [index, each] of linked.entries()) {
        const wish = intent(each, { counted: true, target: index === 0 ? "crm" : "mailbox" });
        await repository.intend(wish, { link: each });
        await repository.settle(
          { intent: wish, outcome: outcomes[index] ?? "refused", link: { ...each, revision: 1 } },
          now,
        );
      }
      expect(await repository.brake(now - 1)).toEqual({ executed: { crm: 1, mailbox: 1 }, linked: 4 });
      expect((await repository.brake(now)).executed).toEqual({ crm: 0, mailbox: 0 });
    });

    it("holds until a person has decided about exactly these links", async () => {
      const held = [link({ held: "crm", pending: true }), link({ held: "crm", pending: true })];
      const unhandled = held.map((each) => ({ link: each }));
      const { holds, due } = await repository.finish({ ...nothing, unhandled }, now);
      expect(due).toBe(false);
      expect(holds).toEqual([{ target: "crm", count: 2, choice: null, planHash: expect.any(String) }]);
      expect(await repository.due(now, 10)).toEqual([]);
      await choose("crm", holds[0]?.planHash ?? "", "apply");
      expect((await repository.begin(now, accounts)).waiting).toMatchObject({
        due: true,
        holds: [{ choice: "apply" }],
      });
      expect(await repository.due(now, 10)).toHaveLength(2);
      const freed = held.map((each) => ({ link: { ...each, held: null, pending: false } }));
      expect((await repository.finish({ ...nothing, unhandled: freed }, now)).holds).toEqual([]);
    });

    it("refuses every write under a stale fence, and changes nothing", async () => {
      const kept = link();
      const wish = intent(kept);
      await repository.intend(wish, { link: kept });
      await takeOver();
      const changed = { ...kept, revision: 9 };
      const writes = [
        () => repository.begin(now, accounts),
        () => repository.save([{ link: changed }], now),
        () => repository.standAlone([kept.id], now),
        () => repository.postpone([kept.id], now),
        () => repository.intend(intent(changed), { link: changed }),
        () => repository.settle({ intent: wish, outcome: "applied", link: changed }, now),
        () => repository.finish({ ...nothing, unhandled: [{ link: changed }] }, now),
      ];
      for (const write of writes) {
        const failure = await write().then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(failure).toBeInstanceOf(Failure);
        expect((failure as Failure).code).toBe("lifecycle.fenced");
      }
      expect(await stored(kept.id, kept.key)).toEqual(kept);
    });

    it("marks every item of a side whose store is in another life, and believes its deletes after a listing", async () => {
      await repository.begin(now, accounts);
      const living = link({ sides: { crm: side("c1", { born: "monday" }), mailbox: side("m1") } });
      const dead = link({ state: "deleted", sides: { crm: side("c2"), mailbox: side("m2") } });
      const held = link({
        state: "deleted",
        pending: true,
        held: "crm",
        sides: { crm: side("c3"), mailbox: side("m3") },
      });
      await repository.save(
        [living, dead, held].map((each) => ({ link: each })),
        now,
      );
      await repository.unverify("crm");
      const marks = async (of: ItemLink) => {
        const found = await stored(of.id, of.key);
        return [found?.sides.crm?.unverified, found?.sides.mailbox?.unverified];
      };
      expect(await stored(living.id, living.key)).toMatchObject({ sides: { crm: { born: "monday" } } });
      for (const each of [living, dead, held]) expect(await marks(each)).toEqual([true, false]);

      const crm: Progress = {
        cursor: "c",
        listing: 1,
        open: false,
        thorough: true,
        window,
        incarnation: "2",
      };
      await repository.finish({ ...nothing, cursors: { crm }, relisted: ["crm"] }, now);
      expect(await marks(living)).toEqual([true, false]);
      expect(await marks(dead)).toEqual([false, false]);
      expect(await marks(held)).toEqual([true, false]);
      expect((await repository.begin(now, accounts)).cursors.crm).toEqual(crm);
    });

    it("forgets one side when another account stands behind it (I5)", async () => {
      await repository.begin(now, accounts);
      const both = link();
      const left = link({ sides: { crm: null, mailbox: side("only there") } });
      const gone = link({ state: "deleted" });
      await repository.save(
        [both, left, gone].map((each) => ({ link: each })),
        now,
      );
      const progress: Progress = { cursor: "c", listing: 1, open: false, thorough: false, window };
      await repository.finish({ ...nothing, cursors: { crm: progress, mailbox: progress } }, now);
      const after = await repository.begin(now, { ...accounts, mailbox: "another" });
      expect(after.cursors).toEqual({ crm: progress, mailbox: null });
      expect(after.waiting.unmatched).toBe(true);
      const rest = await repository.byIds((await repository.unmatched([])).map(({ id }) => id));
      expect(rest.map((each) => each.id)).toEqual([both.id]);
      expect(rest[0]).toMatchObject({
        state: "new",
        sides: { mailbox: null, crm: { ref: both.sides.crm?.ref, base: {} } },
      });
      expect(await stored(gone.id, gone.key)).toBeUndefined();
    });
  });
}
