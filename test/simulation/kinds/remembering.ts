import type { ItemKind } from "../../../core/items/kind.ts";
import type { Capabilities, Side } from "../../../core/items/observed.ts";
import type { KindRules } from "../../../core/sync/rules.ts";

/**
 * The same rules and capabilities, with a memory for what is computed of an item that has not changed: here items are
 * seen a hundred times more often than they are edited. Nothing else is different; every function is pure.
 */
export function remembering<Item extends object>(
  rules: KindRules<Item>,
  capabilities: Readonly<Record<Side, Capabilities<Item>>>,
): { rules: KindRules<Item>; capabilities: Readonly<Record<Side, Capabilities<Item>>> } {
  const { kind } = rules;
  const remembered: ItemKind<Item> = {
    ...kind,
    normalize: idempotent(kind.normalize),
    isValid: once(kind.isValid),
    touches: perWindow(kind.touches),
  };
  const remember = (of: Capabilities<Item>): Capabilities<Item> => ({
    ...of,
    project: idempotent((item) => remembered.normalize(of.project(item))),
  });
  return {
    rules: { ...rules, kind: remembered },
    capabilities: { crm: remember(capabilities.crm), mailbox: remember(capabilities.mailbox) },
  };
}

function once<Item extends object, Value>(work: (item: Item) => Value): (item: Item) => Value {
  const known = new WeakMap<Item, Value>();
  return (item) => {
    let value = known.get(item);
    if (value === undefined) {
      value = work(item);
      known.set(item, value);
    }
    return value;
  };
}

function idempotent<Item extends object>(work: (item: Item) => Item): (item: Item) => Item {
  const known = new WeakMap<Item, Item>();
  return (item) => {
    let value = known.get(item);
    if (value === undefined) {
      value = work(item);
      known.set(item, value);
    }
    return value;
  };
}

function perWindow<Item extends object>(touches: ItemKind<Item>["touches"]): ItemKind<Item>["touches"] {
  const known = new WeakMap<Item, { from: string; to: string; value: boolean }[]>();
  return (item, window) => {
    const answers = known.get(item) ?? [];
    const answer = answers.find(({ from, to }) => from === window.from && to === window.to);
    if (answer !== undefined) return answer.value;
    const value = touches(item, window);
    answers.push({ from: window.from, to: window.to, value });
    known.set(item, answers);
    return value;
  };
}
