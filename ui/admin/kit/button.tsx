import type { ComponentProps, ReactNode } from "react";

export type ButtonLook = "primary" | "plain" | "quiet" | "danger" | "link";

const looks: Record<ButtonLook, string> = {
  primary: "bg-accent-fill text-on-accent hover:bg-accent-fill-hover border-transparent font-semibold",
  plain: "bg-raised text-ink border-line-strong hover:bg-hover",
  quiet: "bg-transparent text-ink border-transparent hover:bg-hover",
  danger: "bg-bad-fill text-on-accent border-transparent font-semibold hover:opacity-90",
  link: "bg-transparent border-transparent text-accent underline underline-offset-2 px-1",
};

const off = "opacity-60 cursor-not-allowed";

export interface ButtonProps extends Omit<ComponentProps<"button">, "disabled"> {
  look?: ButtonLook;
  small?: boolean;
  icon?: ReactNode;
  /** Why it may not be pressed now. The button stays reachable so that the reason is, too. */
  refused?: string | undefined;
  /** Working on it: pressing again does nothing. */
  busy?: boolean;
}

/** The class of something that looks like a button, such as a link or a menu's trigger. */
export function buttonClass(look: ButtonLook = "plain", small = false): string {
  const size = small ? "min-h-7 px-2 max-sm:min-h-11" : "min-h-8 px-3 max-sm:min-h-11";
  return `inline-flex items-center justify-center gap-1.5 rounded-md border whitespace-nowrap ${size} ${looks[look]}`;
}

/** A verb with its object. Refused, it says why to eye (title) and ear (description). */
export function Button({
  look = "plain",
  small = false,
  icon,
  refused,
  busy,
  className = "",
  ...rest
}: ButtonProps) {
  const blocked = refused !== undefined || busy === true;
  return (
    <button
      type="button"
      {...rest}
      className={`${buttonClass(look, small)} ${refused === undefined ? "" : off} ${className}`}
      aria-disabled={blocked || undefined}
      aria-busy={busy || undefined}
      title={refused ?? rest.title}
      aria-description={refused}
      onClick={(event) => {
        if (blocked) event.preventDefault();
        else rest.onClick?.(event);
      }}
    >
      {icon}
      {rest.children}
    </button>
  );
}

/** A square button with a picture; `label` is its name for eye (title) and ear. */
export function IconButton({
  label,
  children,
  className = "",
  ...rest
}: ComponentProps<"button"> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={`inline-flex size-8 shrink-0 items-center justify-center rounded-md text-soft hover:bg-hover hover:text-ink max-sm:size-11 ${className}`}
    >
      {children}
    </button>
  );
}
