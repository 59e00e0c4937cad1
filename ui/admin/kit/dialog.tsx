import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { useEffect, type ReactNode, type RefObject } from "react";
import { words } from "../words/index.ts";
import { IconButton } from "./button.tsx";

/**
 * A question that must be answered or closed before going on. Focus goes in, stays in and comes back; Esc closes.
 *
 * @param locked  work is under way: neither Esc nor a click outside closes it
 */
export function Dialog(props: {
  title: string;
  about?: ReactNode;
  wide?: boolean;
  locked?: boolean;
  initialFocus?: RefObject<HTMLElement | null>;
  onClose: () => void;
  children: ReactNode;
  footer?: ReactNode;
}) {
  useFocusKept();
  return (
    <Base.Root
      open
      onOpenChange={(open) => {
        if (!open && !props.locked) props.onClose();
      }}
    >
      <Base.Portal>
        <Base.Backdrop className="fade-in fixed inset-0 z-40 bg-veil" />
        <Base.Popup
          data-overlay
          {...(props.initialFocus ? { initialFocus: props.initialFocus } : {})}
          className={`fade-in fixed z-50 flex flex-col bg-raised shadow-raised outline-none max-sm:inset-0 sm:top-[8vh] sm:left-1/2 sm:max-h-[84vh] sm:-translate-x-1/2 sm:rounded-lg sm:border sm:border-line ${props.wide ? "sm:w-[min(56rem,94vw)]" : "sm:w-[min(34rem,94vw)]"}`}
        >
          <header className="flex items-start gap-3 px-5 pt-4 pb-2">
            <div className="grow">
              <Base.Title className="text-base/6">{props.title}</Base.Title>
              {props.about ? (
                <Base.Description className="mt-1 text-soft">{props.about}</Base.Description>
              ) : null}
            </div>
            {props.locked ? null : (
              <Base.Close
                render={
                  <IconButton label={words.close} className="-mr-2">
                    <X size={16} aria-hidden />
                  </IconButton>
                }
              />
            )}
          </header>
          <div className="grow overflow-y-auto px-5 py-2" tabIndex={-1}>
            {props.children}
          </div>
          {props.footer ? (
            <footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-3">
              {props.footer}
            </footer>
          ) : null}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** Focus goes back to what opened the dialog; when that is gone meanwhile, to the page instead of nowhere. */
function useFocusKept(): void {
  useEffect(
    () => () => {
      // After Base UI has tried to give it back.
      setTimeout(() => {
        if (document.activeElement !== document.body) return;
        document.getElementById("main")?.focus({ preventScroll: true });
      }, 50);
    },
    [],
  );
}
