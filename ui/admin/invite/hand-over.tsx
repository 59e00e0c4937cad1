import { useMutation } from "@tanstack/react-query";
import { Button } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy.tsx";
import { messageOf } from "../kit/notice.tsx";
import { api, success } from "../remote/client.ts";
import { lacks, useSession } from "../session/session.tsx";
import { RelativeTime } from "../time/relative-time.tsx";
import { words } from "../words/index.ts";

/** Makes a link and a code of one invitation, for handing over by other means than mail. Shown once. */
export function HandOver({ invitationId, name }: { invitationId: string; name: string }) {
  const session = useSession();
  const mint = useMutation({
    mutationFn: () => success(api.invitations[":invitationId"].links.$post({ param: { invitationId } })),
    // A link is a secret: it is not kept for longer than it is seen.
    gcTime: 0,
  });
  if (!mint.data) {
    return (
      <div className="flex flex-wrap items-center gap-3">
        <Button
          busy={mint.isPending}
          refused={lacks(session, "invite")}
          aria-description={name}
          onClick={() => mint.mutate()}
        >
          {words.invite.makeLink}
        </Button>
        {mint.error ? (
          <p role="alert" className="text-bad">
            {messageOf(mint.error)}
          </p>
        ) : null}
      </div>
    );
  }
  const { link, code, expiresAt } = mint.data;
  return (
    <section
      aria-label={words.invite.linkTitle(name)}
      className="rounded-md bg-sunken px-3 py-2"
      role="status"
    >
      <p className="text-soft">{words.invite.linkAbout}</p>
      <dl className="mt-1 grid grid-cols-[auto_1fr_auto] items-center gap-x-3 gap-y-1">
        <dt>{words.invite.link}</dt>
        <dd className="font-mono text-xs break-all">{link}</dd>
        <dd>
          <CopyButton text={link} label={words.invite.link} />
        </dd>
        <dt>{words.invite.code}</dt>
        <dd className="font-mono">{code}</dd>
        <dd>
          <CopyButton text={code} label={words.invite.code} />
        </dd>
        <dt>{words.invite.expires}</dt>
        <dd className="col-span-2">
          <RelativeTime at={expiresAt} />
        </dd>
      </dl>
    </section>
  );
}
