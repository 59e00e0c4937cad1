/**
 * An item's categories with ours in the first place. What comes after the first is the person's own and stays.
 *
 * @param category empty for none
 */
export function withCategory(present: readonly string[], category: string): string[] {
  const others = present.slice(1).filter((other) => other !== category);
  return category === "" ? others : [category, ...others];
}
