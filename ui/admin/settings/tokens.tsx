import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { FailureNotice, messageOf, StaleBar } from "../kit/notice.tsx";
import { say } from "../kit/toast.tsx";
import { api, done } from "../remote/client.ts";
import { queryClient, tokensQuery } from "../remote/queries.ts";
import { lacks, useSession } from "../session/session.tsx";
import { RelativeTime } from "../time/relative-time.tsx";
import { words } from "../words/index.ts";
import { CreateToken } from "./create-token.tsx";
import { SettingsSkeleton } from "./skeleton.tsx";

/** API tokens in force: made, seen once, revoked. */
export function Tokens() {
  const session = useSession();
  const refused = lacks(session, "tokens");
  const tokens = useQuery({ ...tokensQuery, enabled: refused === undefined });
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<{ id: string; name: string }>();
  return (
    <section aria-labelledby="tokens">
      <div className="flex flex-wrap items-center gap-3 pb-3">
        <div className="grow">
          <h2 id="tokens" className="text-base/6">
            {words.settings.tokens}
          </h2>
          <p className="text-soft">{words.settings.tokensAbout}</p>
        </div>
        <Button look="primary" refused={refused} onClick={() => setCreating(true)}>
          {words.settings.create}
        </Button>
      </div>
      {tokens.isError && tokens.data ? (
        <StaleBar error={tokens.error} onRetry={() => void tokens.refetch()} />
      ) : null}
      {refused !== undefined ? (
        <p className="text-soft">{words.settings.notAllowed(words.role[session.role])}</p>
      ) : tokens.isError && !tokens.data ? (
        <FailureNotice
          title={words.settings.tokens}
          error={tokens.error}
          onRetry={() => void tokens.refetch()}
        />
      ) : !tokens.data ? (
        <SettingsSkeleton />
      ) : tokens.data.length === 0 ? (
        <p className="border-y border-line py-4 text-soft">{words.settings.noTokens}</p>
      ) : (
        <ul className="border-t border-line">
          {tokens.data.map((token) => (
            <li
              key={token.id}
              className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-2"
            >
              <div className="min-w-48 grow">
                <b>{token.name}</b> <span className="text-soft">{words.role[token.role]}</span>
                <p className="text-soft">
                  {words.settings.created} <RelativeTime at={token.createdAt} /> · {words.settings.lastUsed}{" "}
                  {token.lastUsedAt ? <RelativeTime at={token.lastUsedAt} /> : words.settings.notUsed} ·{" "}
                  {words.settings.ends}{" "}
                  {token.expiresAt ? <RelativeTime at={token.expiresAt} /> : words.settings.never}
                </p>
              </div>
              <Button
                small
                aria-label={words.settings.revokeNamed(token.name)}
                onClick={() => setRevoking(token)}
              >
                {words.settings.revoke}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {creating ? <CreateToken onClose={() => setCreating(false)} /> : null}
      {revoking ? <RevokeToken token={revoking} onClose={() => setRevoking(undefined)} /> : null}
    </section>
  );
}

function RevokeToken(props: { token: { id: string; name: string }; onClose: () => void }) {
  const { token } = props;
  const revoke = useMutation({
    mutationFn: () => done(api.tokens[":tokenId"].$delete({ param: { tokenId: token.id } })),
    onSuccess: () => {
      void queryClient.invalidateQueries(tokensQuery);
      say(words.settings.revoked(token.name));
      props.onClose();
    },
  });
  return (
    <Dialog
      title={words.settings.revokeTitle(token.name)}
      onClose={props.onClose}
      footer={
        <>
          <Button onClick={props.onClose}>{words.cancel}</Button>
          <Button look="danger" busy={revoke.isPending} onClick={() => revoke.mutate()}>
            {words.settings.revoke}
          </Button>
        </>
      }
    >
      <p className="pb-2">{words.settings.revokeAbout}</p>
      {revoke.error ? (
        <p role="alert" className="text-bad">
          {messageOf(revoke.error)}
        </p>
      ) : null}
    </Dialog>
  );
}
