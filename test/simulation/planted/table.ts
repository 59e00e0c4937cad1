/** A mistake that somebody could make, put into the code while it is loaded. */
export interface PlantedBug {
  id: string;
  /** What is wrong. */
  what: string;
  /** The promise that it breaks first. */
  breaks: string;
  file: string;
  /** Must be there exactly once. */
  find: string;
  replace: string;
}

/** One switch each. A bug that the simulation does not find shows a hole in the simulation. */
export const plantedBugs: readonly PlantedBug[] = [
  {
    id: "cursor-first",
    what: "the cursors are stored before anything is done",
    breaks: "I8",
    file: "engine/slice.ts",
    find: "  const gathered = await gather(run, start, readings, unsettled, caughtUp);",
    replace: `    await run.ports.repository.finish({ cursors: Object.fromEntries(sides.flatMap((side) => readings[side].progress ? [[side, readings[side].progress]] : [])), listed: {}, passed: {}, relisted: [], unhandled: [], counters: run.counters }, run.now());
  const gathered = await gather(run, start, readings, unsettled, caughtUp);`,
  },
  {
    id: "left-forgotten",
    what: "writes that the budget left undone are not noted",
    breaks: "I8",
    file: "engine/slice.ts",
    find: "const unhandled = [...parked, ...left];",
    replace: "const unhandled = [...parked, ...left.slice(left.length)];",
  },
  {
    id: "delete-without-look",
    what: "what a listing does not mention is gone, without a look",
    breaks: "I5",
    file: "engine/proving.ts",
    find: "    const seen = await run.get(side, ref);",
    replace: '    const seen = word === "deleted" ? await run.get(side, ref) : undefined;',
  },
  {
    id: "no-probe",
    what: "what an account that is refused does not see is believed to be gone",
    breaks: "I5",
    file: "engine/run.ts",
    find: "const code = answer.ok ? null : answer.code;",
    replace: "const code = answer.ok ? null : null;",
  },
  {
    id: "absent-not-looked-for",
    what: "what a complete listing does not mention is never looked for",
    breaks: "I3",
    file: "engine/proving.ts",
    find: "  if (!reading.listed || reading.progress === null) return;",
    replace: "  if (reading.listed || reading.progress === null) return;",
  },
  {
    id: "unconfirmed-ignored",
    what: "items that came and went untold are not looked for",
    breaks: "I3",
    file: "engine/gathering.ts",
    find: "  if (unconfirmed) await confirm(run, readings, gathered);",
    replace: "",
  },
  {
    id: "tombstones-ignored",
    what: "a late echo of a deleted item is a new item without a look",
    breaks: "I3",
    file: "engine/gathering.ts",
    find: `    else if (link.state === "deleted") await comeBack(gathering, side, link, seen);`,
    replace: `    else if (link.state === "deleted") continue;`,
  },
  {
    id: "retry-without-look-up",
    what: "an uncertain create is made again without looking for its stamp",
    breaks: "I2",
    file: "engine/recover.ts",
    find: "  const ours = free.find((seen) => tookEffect(intent, seen)) ?? free[0];",
    replace: "  const ours = free.find((seen) => tookEffect(intent, seen) && free.length > 99) ?? free[99];",
  },
  {
    id: "settled-too-early",
    what: "an uncertain write is looked for while it may still take effect",
    breaks: "I2",
    file: "engine/recover.ts",
    find: "return sendLimitMs + callLimitMs + longestRequestMs - ageMs;",
    replace: "return (sendLimitMs + callLimitMs + longestRequestMs) * 0 - ageMs;",
  },
  {
    id: "uncertain-is-done",
    what: "an uncertain update is taken for done",
    breaks: "I3",
    file: "engine/recover.ts",
    find: "      if (tookEffect(intent, seen)) return took(run, intent, link, seen);",
    replace: "      return took(run, intent, link, seen);",
  },
  {
    id: "uncertain-delete-is-done",
    what: "an uncertain delete is taken for done",
    breaks: "I3",
    file: "engine/recover.ts",
    find: `      return { intent, outcome: "not-applied", link: notApplied(link) };
    }
  }
}`,
    replace: `      return took(run, intent, link, null);
    }
  }
}`,
  },
  {
    id: "resting-not-respected",
    what: "an item whose write is uncertain is planned anew meanwhile",
    breaks: "I16",
    file: "engine/gathering.ts",
    find: "    const until = resting.get(id);",
    replace: "    const until = resting.size > 99 ? resting.get(id) : undefined;",
  },
  {
    id: "intent-after-write",
    what: "the write is made before its intent is recorded",
    breaks: "I16",
    file: "engine/writing.ts",
    find: "    await run.ports.repository.intend(intent, {",
    replace: `    if (write.operation === "update") await call(run, link, write);
    await run.ports.repository.intend(intent, {`,
  },
  {
    id: "no-version-check",
    what: "a delete does not say which version is meant",
    breaks: "I6",
    file: "connectors/memory/store.ts",
    find: `        if (system.get(ref) === undefined) return;
        atVersion(ref, version);`,
    replace: `        if (system.get(ref) === undefined) return;
        void version;`,
  },
  {
    id: "update-without-version",
    what: "an update writes over whatever is there by now",
    breaks: "I1",
    file: "connectors/memory/store.ts",
    find: `        refuseUnholdable(system, { ...atVersion(ref, version).item, ...patch }, patch);`,
    replace: `        refuseUnholdable(system, { ...atVersion(ref, system.get(ref)?.version ?? version).item, ...patch }, patch);`,
  },
  {
    id: "loser-not-archived",
    what: "what a conflict discards is not kept",
    breaks: "I1",
    file: "engine/writing.ts",
    find: "const losses = decision.losses.filter((loss) => loss.side === write.target);",
    replace: "const losses = decision.losses.filter((loss) => loss.side !== write.target);",
  },
  {
    id: "loser-not-named",
    what: "a conflict discards without saying so",
    breaks: "I1",
    file: "core/sync/merge.ts",
    find: "      result.lost[otherSide(winner)].push(field);",
    replace: "",
  },
  {
    id: "both-win",
    what: "in a conflict each side gets the other's value",
    breaks: "I3",
    file: "core/sync/merge.ts",
    find: "      result.to[otherSide(winner)].push(field);",
    replace: "      result.to[otherSide(winner)].push(field);\n      result.to[winner].push(field);",
  },
  {
    id: "echo",
    what: "every value that is read again flows",
    breaks: "I3",
    file: "core/sync/evidence.ts",
    find: "(field) => seen.own[field] !== side.base[field],",
    replace: "(field) => seen.own[field] !== side.base[field] || side.version !== seen.observed.version,",
  },
  {
    id: "changes-missed",
    what: "a change of the description is not seen",
    breaks: "I3",
    file: "core/sync/evidence.ts",
    find: "(field) => seen.own[field] !== side.base[field],",
    replace:
      '(field) => field !== "description" && field !== "notes/note" && seen.own[field] !== side.base[field],',
  },
  {
    id: "delete-beats-edit",
    what: "a delete wins over an edit on the other side",
    breaks: "I6",
    file: "core/sync/plan.ts",
    find: `return create(link.sides.mailbox?.unverified === true ? 96 : 23, "mailbox", open, observed, context);`,
    replace: `return remove(23, "crm", open, observed, context);`,
  },
  {
    id: "delete-beats-edit-in-mailbox",
    what: "a delete in the CRM wins over an edit in the mailbox",
    breaks: "I6",
    file: "core/sync/plan.ts",
    find: `return create(link.sides.crm?.unverified === true ? 96 : 32, "crm", open, observed, context);`,
    replace: `return remove(32, "mailbox", open, observed, context);`,
  },
  {
    id: "resurrection",
    what: "a deleted item is made again from its unchanged counterpart",
    breaks: "I4",
    file: "core/sync/plan.ts",
    find: `        : remove(13, "crm", open, observed, context);`,
    replace: `        : create(14, "mailbox", open, observed, context);`,
  },
  {
    id: "delete-not-carried",
    what: "a delete in the CRM is forgotten",
    breaks: "I3",
    file: "core/sync/plan.ts",
    find: `        : remove(31, "mailbox", open, observed, context);`,
    replace: `        : forget(link, 31);`,
  },
  {
    id: "person-deleted",
    what: "the person is deleted with the copy in the mailbox",
    breaks: "I5",
    file: "core/sync/kinds/contact.ts",
    find: `subscribes: "crm",`,
    replace: `subscribes: null,`,
  },
  {
    id: "copy-of-persons-own-deleted",
    what: "a copy that a person has changed is deleted when its person leaves",
    breaks: "I6",
    file: "core/sync/plan.ts",
    find: `if (gone && !lost && link.reason !== "left-selection" && own === "same" && isOurs(link, copy, context))`,
    replace: `if (gone && link.reason !== "left-selection")`,
  },
  {
    id: "unsubscribed-again",
    what: "a copy that was deleted in the mailbox is made again",
    breaks: "I9",
    file: "core/sync/plan.ts",
    find: `    return person === "same" || person === "changed" ? leave(link, observed, "unsubscribed") : null;`,
    replace: `    return person === "same" || person === "changed" ? create(41, copy, { ...link, sides: { ...link.sides, [copy]: null } }, observed, context) : null;`,
  },
  {
    id: "meetings-written",
    what: "meetings with participants are synced like any appointment",
    breaks: "I12",
    file: "core/sync/kinds/appointment.ts",
    find: `    if (traits.participants > 0) return "meeting";`,
    replace: ``,
  },
  {
    id: "untouched-for-ever",
    what: "an item that was left alone once is never looked at again",
    breaks: "I3",
    file: "core/sync/plan.ts",
    find: `  return unread && present && link.state === "untouched" ? link.reason : null;`,
    replace: `  return (unread || link.attempts >= 0) && present && link.state === "untouched" ? link.reason : null;`,
  },
  {
    id: "mask-forgotten",
    what: "the CRM gets the content of private appointments",
    breaks: "I11",
    file: "core/sync/merge.ts",
    find: "  if (masked) return rules.mask(item, settings.privateTitle);",
    replace: "  if (masked && item === null) return rules.mask(item, settings.privateTitle);",
  },
  {
    id: "masked-copy-flows",
    what: "the masked copy's title flows back over the content",
    breaks: "I1",
    file: "core/sync/merge.ts",
    find: "  if (!link.masked && !result.masked) return;",
    replace: "  if (!result.masked || link.masked) return;",
  },
  {
    id: "matched-before-told",
    what: "new items are created before the other side was read to its end",
    breaks: "I2",
    file: "engine/planning.ts",
    find: `  if (!caughtUp) {
    for (const { link, absorbs, lift }`,
    replace: `  if (!caughtUp && gathered.fresh.size > 999) {
    for (const { link, absorbs, lift }`,
  },
  {
    id: "no-brake",
    what: "mass deletes are carried out",
    breaks: "I14",
    file: "core/sync/brake.ts",
    find: "    if (tooMany || everything) held.add(target);",
    replace: "    if (tooMany && everything && population > 999) held.add(target);",
  },
  {
    id: "brake-forgets",
    what: "the brake counts what is planned now, and not what was done today",
    breaks: "I14",
    file: "core/sync/brake.ts",
    find: "    const total = executed[target] + now;",
    replace: "    const total = executed[target] * 0 + now;",
  },
  {
    id: "brake-approves-all",
    what: "what came after a decision goes through with it",
    breaks: "I14",
    file: "engine/planning.ts",
    find: "  const planned = counted.filter((write) => !approved(write));",
    replace: "  const planned = counted.filter((write) => !approved(write) && write.work.link.revision < 2);",
  },
  {
    id: "hold-for-ever",
    what: "an item left alone keeps its hold by the brake",
    breaks: "I3",
    file: "core/sync/plan.ts",
    find: "      // Nothing is about to be written: there is nothing to hold any more.\n      held: null,",
    replace: "",
  },
  {
    id: "rebased-to-seen",
    what: "after a write, whatever is there by now is taken for written",
    breaks: "I3",
    file: "core/sync/outcome.ts",
    find: "const print = asWritten || given ? seen.own[field] : write.expected[field];",
    replace: "const print = asWritten || !given ? seen.own[field] : write.expected[field];",
  },
  {
    id: "conflict-is-success",
    what: "a version conflict is taken for a write",
    breaks: "I16",
    file: "engine/writing.ts",
    find: `        return store.update(known?.ref ?? "", write.values, known?.version ?? "", signal);`,
    replace: `        return store.update(known?.ref ?? "", write.values, known?.version ?? "", signal).catch(async (error: unknown) => {
          if (!(error instanceof Failure) || error.code !== "item.version-conflict") throw error;
          return (await store.get(known?.ref ?? "", signal)) ?? Promise.reject(error);
        });`,
  },
  {
    id: "skewed-age",
    what: "the age of an intent is told by the clock of whoever asks",
    breaks: "I2",
    file: "engine/memory-repository.ts",
    find: "ageMs: (this.#clock?.now() ?? now) - recordedAt,",
    replace: "ageMs: now - recordedAt,",
  },
  {
    id: "no-fence",
    what: "an older run goes on writing what it remembers",
    breaks: "I16",
    file: "engine/memory-repository.ts",
    find: `        if (fence !== this.fence) throw new Failure("lifecycle.fenced");`,
    replace: '        if (fence > this.fence) throw new Failure("lifecycle.fenced");',
  },
  {
    id: "key-used-again",
    what: "an item that is given back carries the stamp of the deleted one",
    breaks: "I2",
    file: "core/sync/plan.ts",
    find: "  const key = restoring ? context.nextKey(link) : link.key;",
    replace: "  const key = restoring && row < 0 ? context.nextKey(link) : link.key;",
  },
  {
    id: "short-series",
    what: "an end of ours that has come near is not moved on",
    breaks: "I3",
    file: "core/sync/rolling.ts",
    find: "  if (seen.rolledTo === undefined || rules.rolling === undefined) return false;",
    replace: "  if (seen.rolledTo !== undefined || rules.rolling === undefined) return false;",
  },
  {
    id: "end-flows-back",
    what: "an end of ours is taken for a person's",
    breaks: "I3",
    file: "core/sync/rolling.ts",
    find: "  return endless(seen, end, side, { rules, capabilities, hash });",
    replace: "  return seen;",
  },
  {
    id: "unreadable-for-ever",
    what: "the note of an item that could not be read stays when it can be",
    breaks: "I3",
    file: "engine/planning.ts",
    find: "  if (work.stored !== null || work.absorbs !== undefined)",
    replace: "  if (work.stored !== null)",
  },
];
