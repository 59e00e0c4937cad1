import { Toast } from "@base-ui/react/toast";
import { X } from "lucide-react";
import { words } from "../words/index.ts";
import { buttonClass } from "./button.tsx";

// Not sonner: it adds a <style> element, which our content security policy refuses.
const manager = Toast.createToastManager();

/** Says what became of an action; screen readers hear it. Failures stay until closed. */
export function say(
  text: string,
  options: { action?: { label: string; run: () => void }; failure?: boolean; id?: string } = {},
): void {
  manager.add({
    title: text,
    ...(options.id ? { id: options.id } : {}),
    timeout: options.failure ? 0 : options.action ? 10_000 : 6_000,
    priority: options.failure ? "high" : "low",
    type: options.failure ? "failure" : "done",
    ...(options.action
      ? { actionProps: { children: options.action.label, onClick: options.action.run } }
      : {}),
  });
}

export function unsay(id: string): void {
  manager.close(id);
}

function List() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className="fade-in flex items-center gap-2 rounded-lg border border-line bg-raised py-2 pr-2 pl-4 shadow-raised"
    >
      <Toast.Content className="flex grow items-center gap-2">
        <Toast.Title className={`grow text-sm ${toast.type === "failure" ? "text-bad" : ""}`} />
        {toast.actionProps ? <Toast.Action className={buttonClass("link", true)} /> : null}
        <Toast.Close
          aria-label={words.close}
          className="inline-flex size-7 shrink-0 items-center justify-center rounded-md text-soft hover:bg-hover max-sm:size-11"
        >
          <X size={14} aria-hidden />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}

export function Toasts() {
  return (
    <Toast.Provider toastManager={manager} limit={3}>
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-16 z-60 flex w-[min(26rem,calc(100vw-2rem))] flex-col gap-2">
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}
