function rowOf(element: Element | null): HTMLElement | null {
  return element instanceof HTMLElement ? element.closest<HTMLElement>("[data-row]") : null;
}

function sibling(row: HTMLElement, by: 1 | -1): Element | null {
  return by === 1 ? row.nextElementSibling : row.previousElementSibling;
}

/** Puts the focus on the next or previous person of the table; on the first one when it is elsewhere. */
export function moveFocus(by: 1 | -1): void {
  const row = rowOf(document.activeElement);
  const next = row ? sibling(row, by) : document.querySelector("[data-row]");
  const name = next?.querySelector<HTMLElement>("[data-open]");
  name?.focus({ preventScroll: true });
  // The head and the action bar are sticky: the row must not end below them.
  next?.scrollIntoView({ block: "nearest" });
}

/** Chooses, or gives up, the person that has the focus. */
export function toggleFocused(): void {
  rowOf(document.activeElement)?.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
}

/** Gives the focus to a person's name in the table. @returns whether the person is there */
export function focusPerson(associateId: number): boolean {
  const name = document.querySelector<HTMLElement>(`[data-row="${associateId}"] [data-open]`);
  name?.focus({ preventScroll: true });
  return name !== null;
}
