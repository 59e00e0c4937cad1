import { useId, type ComponentProps, type ReactNode } from "react";

const control =
  "w-full rounded-md border border-line-strong bg-page px-2.5 text-ink aria-invalid:border-bad min-h-8 max-sm:min-h-11 max-sm:text-base";

interface FieldProps {
  label: string;
  hint?: string | undefined;
  /** What is wrong with the value, in words. */
  error?: string | undefined;
}

function Frame(
  props: FieldProps & {
    children: (ids: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ReactNode;
  },
) {
  const id = useId();
  const about = props.error ?? props.hint;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-semibold">
        {props.label}
      </label>
      {props.children({
        id,
        ...(about ? { "aria-describedby": `${id}-about` } : {}),
        ...(props.error ? { "aria-invalid": true as const } : {}),
      })}
      {about ? (
        <p id={`${id}-about`} className={props.error ? "text-bad" : "text-soft"}>
          {about}
        </p>
      ) : null}
    </div>
  );
}

export function TextField({ label, hint, error, ...rest }: FieldProps & ComponentProps<"input">) {
  return (
    <Frame label={label} hint={hint} error={error}>
      {(ids) => <input type="text" {...rest} {...ids} className={control} />}
    </Frame>
  );
}

export function TextArea({ label, hint, error, ...rest }: FieldProps & ComponentProps<"textarea">) {
  return (
    <Frame label={label} hint={hint} error={error}>
      {(ids) => <textarea rows={4} {...rest} {...ids} className={`${control} py-1.5`} />}
    </Frame>
  );
}

export function SelectField({ label, hint, error, ...rest }: FieldProps & ComponentProps<"select">) {
  return (
    <Frame label={label} hint={hint} error={error}>
      {(ids) => <select {...rest} {...ids} className={control} />}
    </Frame>
  );
}

/** A select inside of a table, where the head says what it is for. */
export function BareSelect({ label, ...rest }: { label: string } & ComponentProps<"select">) {
  return <select aria-label={label} {...rest} className={control} />;
}
