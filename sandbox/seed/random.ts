/** A small seeded generator (mulberry32): the same seed gives the same company on every machine. */
export interface Random {
  /** 0 ≤ x < 1 */
  next(): number;
  /** min ≤ x ≤ max */
  int(min: number, max: number): number;
  pick<T>(list: readonly T[]): T;
  chance(probability: number): boolean;
  /** `count` different ones, or all when there are fewer. */
  some<T>(list: readonly T[], count: number): T[];
}

export function createRandom(...seeds: (number | string)[]): Random {
  let state = hash(seeds.join("/"));
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const random: Random = {
    next,
    int: (min, max) => min + Math.floor(next() * (max - min + 1)),
    pick: (list) => list[Math.floor(next() * list.length)]!,
    chance: (probability) => next() < probability,
    some(list, count) {
      const left = [...list];
      const chosen: (typeof left)[number][] = [];
      while (chosen.length < count && left.length > 0) {
        chosen.push(...left.splice(Math.floor(next() * left.length), 1));
      }
      return chosen;
    },
  };
  return random;
}

/** FNV-1a, 32 bit. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}
