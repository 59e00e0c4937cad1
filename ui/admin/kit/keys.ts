import { useEffect } from "react";

/** Something lies over the page (a dialog, a menu): keys belong to it. */
export function overlayIsOpen(): boolean {
  return document.querySelector("[data-overlay]") !== null;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target instanceof HTMLTextAreaElement ||
      target instanceof HTMLSelectElement ||
      (target instanceof HTMLInputElement && target.type !== "checkbox"))
  );
}

export type KeyMap = Record<string, (event: KeyboardEvent) => void>;

/**
 * Keys of a page by `KeyboardEvent.key`, `mod+` before it for Ctrl or ⌘. They rest while someone types (but for Escape
 * and `mod+`) and while a dialog or menu is open.
 */
export function useKeys(keys: KeyMap): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.altKey || event.isComposing) return;
      const mod = event.ctrlKey || event.metaKey;
      const run = keys[mod ? `mod+${event.key.toLowerCase()}` : event.key];
      if (!run || overlayIsOpen()) return;
      if (!mod && event.key !== "Escape" && isTyping(event.target)) return;
      run(event);
    };
    // In the capture phase a dialog that this Escape closes is still there, so only the topmost thing closes.
    window.addEventListener("keydown", listen, { capture: true });
    return () => window.removeEventListener("keydown", listen, { capture: true });
  }, [keys]);
}
