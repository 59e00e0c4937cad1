import { escapeHtml, page } from "../pages.ts";
import type { Message } from "./store.ts";

const when = (iso: string): string => iso.slice(0, 19).replace("T", " ");

/** All mails, newest first, or those to one address. */
export function inboxPage(messages: Message[], to: string | undefined): string {
  const rows = messages.map(
    (message) => `<tr>
<td class="faint">${when(message.receivedAt)}</td>
<td>${message.recipients.map((each) => `<a href="/mail/?to=${encodeURIComponent(each)}">${escapeHtml(each)}</a>`).join("<br>")}</td>
<td><a href="/mail/${message.id}"><strong>${escapeHtml(message.subject || "(no subject)")}</strong></a><br>
<span class="faint">${escapeHtml(message.from)}</span></td>
</tr>`,
  );
  const list =
    rows.length === 0
      ? `<p class="faint">No mail${to === undefined ? " yet" : ` to ${escapeHtml(to)}`}.</p>`
      : `<table><thead><tr><th scope="col">Received (UTC)</th><th scope="col">To</th><th scope="col">Message</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table>`;
  return page(
    to === undefined ? "Inbox" : `Inbox of ${to}`,
    `<h1>${to === undefined ? "Inbox of everybody" : `Inbox of ${escapeHtml(to)}`}</h1>
<form method="get" action="/mail/"><label for="to">Only mail to</label>
<input id="to" type="search" name="to" value="${escapeHtml(to ?? "")}" placeholder="address"></form>
${to === undefined ? "" : `<p><a href="/mail/">Show all</a></p>`}
<p class="faint">${rows.length} ${rows.length === 1 ? "message" : "messages"}. Nothing here ever leaves this machine.</p>
${list}`,
    { wide: true, brand: "Everlink sandbox mail" },
  );
}

export function messagePage(message: Message): string {
  const facts: [string, string][] = [
    ["From", message.from],
    ["To", message.recipients.join(", ")],
    ["Received", `${when(message.receivedAt)} UTC`],
    ["Message-ID", message.messageId ?? "none"],
  ];
  return page(
    message.subject || "(no subject)",
    `<p><a href="/mail/">Inbox</a></p>
<h1>${escapeHtml(message.subject || "(no subject)")}</h1>
<table>${facts.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${escapeHtml(value)}</td></tr>`).join("")}</table>
${message.html === null ? "" : `<h2>As rendered</h2><iframe title="The message as rendered" sandbox="allow-popups allow-popups-to-escape-sandbox" src="/mail/${message.id}/html"></iframe>`}
<h2>Plain text</h2>
<pre>${escapeHtml(message.text || "(no plain text)")}</pre>
<h2>Links</h2>
<ul class="plain">${message.links.map((link) => `<li><a href="${escapeHtml(link)}" rel="noreferrer">${escapeHtml(link)}</a></li>`).join("") || "<li>none</li>"}</ul>
<p class="faint"><a href="/mail/${message.id}/raw">Source</a> · <a href="/mail/messages/${message.id}">JSON</a></p>`,
    { wide: true, brand: "Everlink sandbox mail" },
  );
}
