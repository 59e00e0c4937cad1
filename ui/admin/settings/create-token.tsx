import { useMutation } from "@tanstack/react-query";
import type { InferRequestType } from "hono/client";
import { Button } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { SelectField, TextField } from "../kit/field.tsx";
import { messageOf } from "../kit/notice.tsx";
import { api, success } from "../remote/client.ts";
import { queryClient, tokensQuery } from "../remote/queries.ts";
import { useSession } from "../session/session.tsx";
import { words } from "../words/index.ts";

const form = "create-token";
const roles = ["auditor", "helpdesk", "administrator", "owner"] as const;
const expiries = [30, 90, 365] as const;

function textOf(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === "string" ? value.trim() : "";
}

type NewToken = InferRequestType<typeof api.tokens.$post>["json"];

/** Makes a token and shows it this one time. */
export function CreateToken({ onClose }: { onClose: () => void }) {
  const { role: own } = useSession();
  const create = useMutation({
    mutationFn: (json: NewToken) => success(api.tokens.$post({ json })),
    onSuccess: () => void queryClient.invalidateQueries(tokensQuery),
    gcTime: 0,
  });
  const submit = (data: FormData) => {
    const days = Number(data.get("expiresInDays"));
    create.mutate({
      name: textOf(data, "name"),
      role: roles.find((role) => role === data.get("role")) ?? "auditor",
      ...(days > 0 ? { expiresInDays: days } : {}),
    });
  };

  if (create.data) {
    return (
      <Dialog
        title={create.data.name}
        about={words.settings.shownOnce}
        onClose={onClose}
        footer={
          <Button look="primary" onClick={onClose}>
            {words.settings.stored}
          </Button>
        }
      >
        <p
          role="status"
          className="mb-3 flex items-center justify-between gap-2 rounded-md bg-sunken py-1 pr-1 pl-3"
        >
          <code className="font-mono text-sm break-all">{create.data.token}</code>
          <CopyButton text={create.data.token} label={words.settings.token} />
        </p>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={words.settings.createTitle}
      locked={create.isPending}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button look="primary" type="submit" form={form} busy={create.isPending}>
            {words.settings.create}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="flex flex-col gap-3 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (!create.isPending) submit(new FormData(event.currentTarget));
        }}
      >
        {create.error ? (
          <p role="alert" className="rounded-md bg-bad-ground px-3 py-2 text-bad">
            {messageOf(create.error)}
          </p>
        ) : null}
        <TextField
          name="name"
          required
          maxLength={100}
          autoComplete="off"
          label={words.settings.name}
          hint={words.settings.nameHint}
        />
        <SelectField name="role" label={words.settings.role} defaultValue="auditor">
          {roles
            .filter((role) => role !== "owner" || own === "owner")
            .map((role) => (
              <option key={role} value={role}>
                {words.role[role]}
              </option>
            ))}
        </SelectField>
        <SelectField name="expiresInDays" label={words.settings.expiry} defaultValue="90">
          {expiries.map((days) => (
            <option key={days} value={days}>
              {words.settings.days(days)}
            </option>
          ))}
          <option value="0">{words.settings.never}</option>
        </SelectField>
      </form>
    </Dialog>
  );
}
